# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors that end a run."""

from __future__ import annotations

import os
import traceback
import typing as t

INVALID_INPUT = "invalid_input"
TOKEN_EXPIRED = "token_expired"
ENGINE_UNREACHABLE = "engine_unreachable"
NOT_READY = "not_ready"
OTHER = "other"


class EventoError(Exception):
    """A run cannot go on; the text is the one sentence that the user reads.

    :param message: what happened, to what, and the next step.
    :param failure: the class of the failure, one of the constants of this file.
    :param result: further keys for the module's result.
    """

    def __init__(self, message: str, failure: str = OTHER, **result: t.Any) -> None:
        super().__init__(message)
        self.result: dict[str, t.Any] = {"failure": failure, **result}


class OvertakenError(EventoError):
    """Another run did something at the same time: observe and plan again."""


class EngineError(EventoError):
    """The Docker engine answered a call with an error, or did not answer.

    :param status: the HTTP status of the answer; None where there was none.
    :param result: further keys for the module's result.
    """

    def __init__(
        self,
        message: str,
        failure: str = OTHER,
        status: int | None = None,
        result: dict[str, t.Any] | None = None,
    ) -> None:
        super().__init__(message, failure, **(result or {}))
        self.status = status


def unforeseen(exc: Exception) -> EventoError:
    """The error for an exception that is nobody's doing but ours; without its text, which could hold a secret."""
    place = traceback.extract_tb(exc.__traceback__)[-1]
    where = f"{type(exc).__name__} in {os.path.basename(place.filename)}, line {place.lineno}"
    return EventoError(f"Internal error: {where}. Please report it.")
