# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the system's ssh."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

# Passes on what comes and goes, as docker system dial-stdio does.
_DIAL = """
import os, socket, sys, threading
engine = socket.socket(socket.AF_UNIX)
engine.connect(sys.argv[1])
def send():
    while data := os.read(0, 65536):
        engine.sendall(data)
    engine.shutdown(socket.SHUT_WR)
threading.Thread(target=send, daemon=True).start()
while data := engine.recv(65536):
    os.write(1, data)
"""


class Ssh:
    """A program ssh in a directory that a test puts on the path: writes down its arguments, and does as it is told."""

    def __init__(self, directory: Path) -> None:
        self._program = directory / "ssh"
        self._log = directory / "arguments"

    def does(self, script: str) -> None:
        """From now on it runs a shell script."""
        self._program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {shlex.quote(str(self._log))}\n{script}\n')
        self._program.chmod(0o755)

    def leads_to(self, engine: str | Path) -> None:
        """From now on it is connected to the socket of an engine."""
        self.does(f"exec {shlex.join([sys.executable, '-c', _DIAL, str(engine)])}")

    @property
    def arguments(self) -> list[str]:
        """Those of its last run."""
        return self._log.read_text().splitlines()
