# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception that ends the program with a sentence."""

from __future__ import annotations

DONE = 0
INVALID = 2
UNREACHABLE = 3
NOT_READY = 4
OTHER = 5


class DeployError(Exception):
    """What is wrong, as one sentence that names the thing and the next step.

    :param exit_code: how the program ends: 2 for usage and settings, 5 for anything else
    """

    def __init__(self, message: str, exit_code: int = INVALID) -> None:
        super().__init__(message)
        self.exit_code = exit_code
