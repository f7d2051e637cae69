# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker socket that passes everything on to the real one and remembers what was asked."""

from __future__ import annotations

from pathlib import Path

from tests.integration.relay import Relay


class Recorder(Relay):
    """A context manager; calls holds method and path of each request, in order."""

    def __init__(self, directory: Path, engine: str) -> None:
        super().__init__(directory, engine)
        self.calls: list[str] = []

    @property
    def writes(self) -> list[str]:
        """The requests that can change something."""
        return [call for call in self.calls if not call.startswith(("GET ", "HEAD "))]

    def admit(self, call: str) -> bool:
        self.calls.append(call)
        return True
