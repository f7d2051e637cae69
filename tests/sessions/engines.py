# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of the integration tests on the engines that the lab can have, and how it went."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from lab._engines import KINDS
from tests.sessions.environment import BIN, ROOT, inside, outside
from tests.sessions.programs import StepFailed, output, run, say
from tests.sessions.totals import REPORTS, Totals, read_files

# Most tests wait for an engine most of the time.
SIDE_BY_SIDE = ("--numprocesses=3", "--dist=loadfile")
_TOLD = "Its engine is "


@dataclass(frozen=True)
class Outcome:
    """How it went on an engine: what the engine is, the numbers of tests by file, the time in seconds."""

    engine: str = "does not start, API -"
    files: Mapping[str, Totals] = field(default_factory=dict)
    seconds: float = 0
    failed: bool = True


def choosing(engine: str) -> dict[str, str]:
    """The variables of the environment that choose an engine of the lab, none for the user's own choice."""
    return {"EVENTO_LAB_ENGINE": engine} if engine else {}


def run_engines(names: Sequence[str], lab_up: Callable[[str], AbstractContextManager[None]]) -> None:
    """Run the core on one engine after another, a failed one no reason to leave out the next; ends with a table.

    :param names: of the engines.
    :param lab_up: brings the lab up with an engine.

    Raises StepFailed where one failed.
    """
    unknown = sorted(set(names) - set(KINDS))
    if unknown:
        raise StepFailed(f"there is no engine {', '.join(unknown)}; there are {', '.join(KINDS)}")
    outcomes = {name: _run(name, lab_up) for name in names}
    for line in table(outcomes):
        say(line)
    failed = [name for name, outcome in outcomes.items() if outcome.failed]
    if failed:
        raise StepFailed(f"the core on the engine {', '.join(failed)}")


def _run(name: str, lab_up: Callable[[str], AbstractContextManager[None]]) -> Outcome:
    report = REPORTS / f"engine-{name}.xml"
    core = "engines" if KINDS[name].podman else "engines or docker_engines"
    words = ["tests/integration", "-m", core, "--verbose", *SIDE_BY_SIDE]
    engine = Outcome.engine
    failed = True
    start = time.monotonic()
    try:
        with lab_up(name):
            told = output([BIN / "python", "-m", "lab", "status"], env={**outside(), **choosing(name)}, cwd=ROOT)
            engine = told.strip().rpartition(_TOLD)[2]
            say(f"-- engine {name}: {engine}")
            start = time.monotonic()
            run([BIN / "pytest", *words, f"--junitxml={report}"], env={**inside(), **choosing(name)}, cwd=ROOT)
            failed = False
    except StepFailed as exc:
        say(f"-- engine {name}: {exc}")
    return Outcome(engine, read_files(report), time.monotonic() - start, failed)


def table(outcomes: Mapping[str, Outcome]) -> list[str]:
    """One line for each file of tests, one column for each engine."""
    files = sorted({file for outcome in outcomes.values() for file in outcome.files})
    products, apis = zip(*(outcome.engine.split(", ") for outcome in outcomes.values()), strict=True)
    rows = [
        ["engine", *outcomes],
        ["", *products],
        ["", *apis],
        *([file.replace("_", " "), *(_cell(outcome, file) for outcome in outcomes.values())] for file in files),
        ["seconds", *(f"{outcome.seconds:.0f}" for outcome in outcomes.values())],
    ]
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    return ["".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _cell(outcome: Outcome, file: str) -> str:
    totals = outcome.files.get(file)
    if totals is None:
        # An engine that does not do what they need runs no test of that file.
        return "left out" if outcome.files else "not run"
    return f"{totals.failed} FAILED, {totals.passed} passed" if totals.failed else str(totals).replace(", 0 failed", "")
