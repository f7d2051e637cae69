# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs programs as a user does, free of this process's own settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.integration.ansible_playbook import ansible_playbook

_PING = "- hosts: localhost\n  gather_facts: false\n  tasks: [{ansible.builtin.ping: {}}]\n"


class Programs:
    """:param place: a directory for their files."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.environ = {"PATH": os.environ["PATH"], "HOME": str(place), "LC_ALL": "C.UTF-8"}
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
        _check(command[0], finished)
        return finished.stdout

    def play(self, *words: str, **environ: str) -> None:
        """Run ansible-playbook."""
        _check("ansible-playbook", ansible_playbook(self.place, *words, **environ))

    def ping(self) -> None:
        """A play that does nothing but reach its host."""
        self.play("ping.yml")


def _check(program: str | Path, finished: subprocess.CompletedProcess[str]) -> None:
    assert finished.returncode == 0, f"{program}: {finished.stdout}{finished.stderr}"[:4000]
