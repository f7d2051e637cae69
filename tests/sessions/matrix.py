# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix: every release of ansible-core that the collection supports, on every Python, and how it went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.sessions.ansible_test import CONTROLLERS, PYTHONS, Release, knows
from tests.sessions.programs import StepFailed, say

KINDS = ("sanity", "units", "integration")
_PASSED = "passed"


@dataclass(frozen=True)
class Cell:
    """A command of ansible-test with a release of ansible-core on a Python."""

    core: str
    kind: str
    python: str


class Matrix:
    """Runs cells one after another, a failed one no reason to leave out the next, and shows a table in the end."""

    def __init__(self, pythons: Mapping[str, Path], settings: Mapping[str, str]) -> None:
        """Take the interpreters that are here, by version, and the settings of the targets."""
        self._pythons = pythons
        self._settings = settings
        self._outcomes: dict[Cell, str] = {}

    def run(self, cells: list[Cell]) -> None:
        """Run them. Raises StepFailed in the end where one failed."""
        self._outcomes.update(dict.fromkeys(cells, "-"))
        for version in sorted({cell.python for cell in cells} - set(self._pythons)):
            say(f"-- Python {version} is not here: what needs it is left out")
        for core in dict.fromkeys(cell.core for cell in cells):
            self._run_core(core, [cell for cell in cells if cell.core == core])
        for line in self.table():
            say(line)
        failed = [cell for cell, outcome in self._outcomes.items() if outcome == "FAILED"]
        if failed:
            raise StepFailed("; ".join(f"ansible-core {one.core}, {one.kind}, Python {one.python}" for one in failed))

    def table(self) -> list[str]:
        """One line for each release and command, one column for each Python."""
        rows = list(dict.fromkeys((cell.core, cell.kind) for cell in self._outcomes))
        lines = [
            f"{'ansible-core':<14}{'ansible-test':<14}" + "".join(f"{version:<10}" for version in PYTHONS).rstrip()
        ]
        for core, kind in rows:
            outcomes = "".join(f"{self._outcome(Cell(core, kind, version)):<10}" for version in PYTHONS)
            lines.append(f"{core:<14}{kind:<14}{outcomes.rstrip()}")
        lines.append("not here: this machine lacks the Python; no: ansible-test cannot; -: not asked for")
        return lines

    def _outcome(self, cell: Cell) -> str:
        if not knows(cell.core, cell.kind, cell.python):
            return "no"
        if cell.python not in self._pythons or not self._controllers(cell.core):
            return "not here"
        return self._outcomes.get(cell, "-")

    def _controllers(self, core: str) -> list[str]:
        return [version for version in CONTROLLERS[core] if version in self._pythons]

    def _run_core(self, core: str, cells: list[Cell]) -> None:
        runnable = [cell for cell in cells if cell.python in self._pythons and knows(core, cell.kind, cell.python)]
        if not self._controllers(core):
            say(f"-- ansible-core {core} needs Python {' or '.join(CONTROLLERS[core])}: left out")
            return
        release = Release(core, self._pythons)
        # One run of the sanity tests takes all Pythons.
        sanity = [cell for cell in runnable if cell.kind == "sanity"]
        if sanity:
            self._try(sanity, release.sanity)
        for cell in runnable:
            if cell.kind == "units":
                self._try([cell], partial(release.units, cell.python))
            elif cell.kind == "integration":
                self._try([cell], partial(release.integration, cell.python, self._settings))

    def _try(self, cells: list[Cell], action: Callable[[], None]) -> None:
        start = time.monotonic()
        outcome = "FAILED"
        try:
            action()
            outcome = _PASSED
        except StepFailed as exc:
            say(f"-- {exc}")
        finally:
            self._outcomes.update(dict.fromkeys(cells, outcome))
        pythons = ", ".join(cell.python for cell in cells)
        took = f"{time.monotonic() - start:.0f} s"
        say(f"-- ansible-core {cells[0].core}, {cells[0].kind}, Python {pythons}: {outcome} ({took})")


def whole() -> Iterator[Cell]:
    """All cells."""
    for core in CONTROLLERS:
        for kind in KINDS:
            for python in PYTHONS:
                yield Cell(core, kind, python)


def short(pythons: Mapping[str, Path]) -> Iterator[Cell]:
    """The oldest release with the lowest Python, and the newest of both that are here; sanity takes all Pythons."""
    cores = list(CONTROLLERS)
    for core, pick in ((cores[0], 0), (cores[-1], -1)):
        controllers = [version for version in CONTROLLERS[core] if version in pythons]
        if not controllers:
            continue
        yield from (Cell(core, "sanity", version) for version in PYTHONS if version in pythons)
        known = [version for version in PYTHONS if knows(core, "units", version)]
        newest = [version for version in known if version in pythons][-1]
        # Where the lowest is not here, the run says so: packages have their lowest versions on it alone.
        yield Cell(core, "units", (known[0], newest)[pick])
        yield Cell(core, "integration", controllers[pick])
