# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory processes take at their highest."""

from __future__ import annotations

import re
import threading
import typing as t
from pathlib import Path

_PAUSE = 0.005


class Peak(threading.Thread):
    """Watches what a call starts; a context manager.

    ``module`` is the most that the module's own process took, ``tree`` the most that all processes took together, with
    what they share counted once; both in MiB.

    :param mark: stands in the environment of all that the call starts
    """

    def __init__(self, mark: str) -> None:
        super().__init__(daemon=True)
        self._mark = mark.encode()
        self._ended = threading.Event()
        self.module = 0.0
        self.tree = 0.0

    def __enter__(self) -> t.Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        while not self._ended.wait(_PAUSE):
            ours = [process for process in Path("/proc").glob("[0-9]*") if self._is_ours(process)]
            self.tree = max(self.tree, sum(_mebibytes(process / "smaps_rollup", "Pss") for process in ours))
            executed = [process for process in ours if _runs_the_module(process)]
            self.module = max([self.module, *(_mebibytes(process / "status", "VmHWM") for process in executed)])

    def _is_ours(self, process: Path) -> bool:
        try:
            return self._mark in (process / "environ").read_bytes()
        except OSError:
            return False


def _runs_the_module(process: Path) -> bool:
    """Ansible's own processes are forks of the wrapper, and say so; the module's has Python alone."""
    words = _text(process / "cmdline").split("\0")
    return Path(words[0]).name.startswith("python") and len([word for word in words if word]) == 1


def _mebibytes(path: Path, key: str) -> float:
    found = re.search(rf"^{key}:\s*(\d+) kB", _text(path), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
