# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's one error, and the running of other programs that turns their failure into it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence

_TAIL_LINES = 15


class LabError(Exception):
    """One sentence that names what is wrong and the next step; more lines may follow with what a program printed."""


def run(command: Sequence[str | os.PathLike[str]], env: Mapping[str, str] | None = None) -> str:
    """Run a program to its end and return its standard output.

    Raises LabError with the end of its output when it cannot be started or fails.
    """
    words = [os.fspath(word) for word in command]
    try:
        done = subprocess.run(
            words,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except FileNotFoundError as exc:
        raise LabError(f"The program {words[0]} is missing; install it and try again.") from exc
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-_TAIL_LINES:])
        raise LabError(f"{' '.join(words[:3])} ended with exit code {done.returncode}:\n{tail}")
    return done.stdout
