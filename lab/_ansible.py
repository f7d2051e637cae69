# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the Ansible that stands beside this Python, free of the user's own settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from lab._errors import run
from lab._state import State


def ansible(state: State, program: str, arguments: Sequence[str | os.PathLike[str]]) -> str:
    """Run `ansible` or `ansible-playbook` and return what it printed. Raises LabError when it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON", "DOCKER_"))}
    # An empty configuration of our own, because one in the working directory is not meant for the lab.
    config = state.root / "ansible.cfg"
    config.touch()
    settings = {"ANSIBLE_CONFIG": str(config), "ANSIBLE_HOME": str(state.root / "ansible"), "LC_ALL": "C.UTF-8"}
    return run([Path(sys.executable).parent / program, *arguments], env={**kept, **settings})
