# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the other versions of Python that are on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.sessions.environment import outside


def find_python(version: str) -> Path | None:
    """Find a working interpreter of a version such as 3.9: on the path, else among those that pyenv has.

    On the path may be a version manager's stand-in for a version that is not chosen, which ends with an error.
    Returns its real path, or None where there is none.
    """
    program = "import sys; print(sys.executable)"
    for command in _candidates(f"python{version}"):
        asked = subprocess.run(
            [command, "-c", program],
            env=outside(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode == 0:
            return Path(asked.stdout.strip())
    return None


def _candidates(name: str) -> Iterator[Path]:
    command = shutil.which(name)
    if command:
        yield Path(command)
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(root.glob(f"versions/*/bin/{name}"))
