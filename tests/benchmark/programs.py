# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs programs as a user does, free of this process's own settings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_PING = "- hosts: localhost\n  gather_facts: false\n  tasks: [{ansible.builtin.ping: {}}]\n"


class Programs:
    """:param place: a directory for their files."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.environ = {"PATH": os.environ["PATH"], "HOME": str(place), "LC_ALL": "C.UTF-8"}
        (place / "ansible.cfg").touch()
        (place / "ping.yml").write_text(_PING)

    def run(self, command: Sequence[str | Path], **environ: str) -> str:
        """Run it to its end; returns what it printed."""
        finished = subprocess.run(
            command,
            env={**self.environ, **environ},
            cwd=self.place,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, f"{command[0]}: {finished.stdout}{finished.stderr}"[:4000]
        return finished.stdout

    def play(self, *words: str, **environ: str) -> None:
        """Run ansible-playbook."""
        self.run([Path(sys.executable).with_name("ansible-playbook"), *words], **environ)

    def ping(self) -> None:
        """A play that does nothing but reach its host."""
        self.play("ping.yml")
