# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words for instances that do not serve."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._base.errors import NOT_READY, EventoError
from ansible_collections.evento.docker.plugins.module_utils._container import labels as label


def exit_code_in_words(code: int | None, image_labels: t.Mapping[str, str]) -> str:
    """An exit code, and what it means where the image says so."""
    meaning = image_labels.get(f"{label.EXIT_CODE_PREFIX}{code}")
    told = "an unknown code" if code is None else f"code {code}"
    return f"{told} ({meaning})" if meaning else told


def not_ready(failures: list[dict[str, t.Any]], end: str = "") -> EventoError:
    """The error for instances that did not become ready, or did not stay so.

    :param end: what became of them and of what they were to replace.
    """
    reasons = "; ".join(f"{failure['name']} {failure['reason']}" for failure in failures)
    return EventoError(f"{reasons}{f'; {end}' if end else ''}.", NOT_READY, failures=failures)
