# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's processes, found in /proc, because one that was killed cannot be asked."""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")


def arguments(pid: int) -> list[str]:
    """The process's command line; empty for one that has ended, reaped or not."""
    try:
        text = (_PROC / str(pid) / "cmdline").read_text(errors="replace")
    except OSError:
        return []
    return text.split("\0") if text else []


def signal(pid: int, number: int) -> None:
    """Send the signal to the process if it is still there."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def of_engine(runtime: Path) -> list[int]:
    """The processes of the engine with this runtime directory (its --exec-root).

    These are dockerd, containerd and its shims, known by their arguments, and the containers, the children of shims;
    with Podman, podman and conmon.
    With them an SSH server whose configuration lies there, and its sessions.
    """
    engine: set[int] = set()
    parents: dict[int, int] = {}
    for pid in [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]:
        words = arguments(pid)
        if not words:
            continue
        # An SSH server writes what it does behind its name.
        program = os.path.basename(words[0].partition(" ")[0])
        is_program = program.startswith(("dockerd", "containerd", "podman", "conmon", "sshd"))
        if is_program and any(f"{runtime}/" in word for word in words):
            engine.add(pid)
        parents[pid] = _parent(pid)
    return sorted(engine | {pid for pid, parent in parents.items() if parent in engine})


def _parent(pid: int) -> int:
    try:
        stat = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return 0
    # The name in brackets may hold blanks and brackets; the parent is the second field after it.
    return int(stat.rpartition(")")[2].split()[1])
