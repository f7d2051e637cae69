# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gates, cheapest first, and the tools of every day."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from console import StepFailed, output, run, say
from debian import require
from environment import BIN, CACHE, ROOT, VENV, inside, outside
from figures import Totals, read_figures, read_totals
from oldest import check_oldest
from package import check_package, tracked_files
from sanity import check_sanity

_SHELLS = ("#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env bash", "#!/usr/bin/env sh")


@dataclass(frozen=True)
class Step:
    """One thing to run: its name on the command line, its headline, what it does, and whether it needs the lab."""

    name: str
    title: str
    action: Callable[[], None]
    needs_lab: bool = False


def tool(*argv: str | Path) -> None:
    """Run a program of the virtual environment in the checkout."""
    run([BIN / argv[0], *argv[1:]], env=inside(), cwd=ROOT)


def lab(command: str, *options: str) -> None:
    """Run a command of the lab, which installs packages where they are missing."""
    run([BIN / "python", "-m", "lab", command, *options], env=outside(), cwd=ROOT)


def totals() -> Totals:
    """Sum up the reports of the pytest runs since `forget_totals`."""
    return sum((read_totals(path) for path in _reports().glob("*.xml")), Totals())


def figures() -> list[str]:
    """Collect the figures that the tests of these runs told."""
    return [line for path in sorted(_reports().glob("*.xml")) for line in read_figures(path)]


def forget_totals() -> None:
    """Delete the reports of earlier pytest runs."""
    shutil.rmtree(_reports(), ignore_errors=True)


def _reports() -> Path:
    return CACHE / "junit"


def _pytest(suite: str, *options: str) -> None:
    tool("pytest", f"tests/{suite}", f"--junitxml={_reports() / suite}.xml", *options)


def _soak() -> None:
    report = f"--junitxml={_reports() / 'soak'}.xml"
    env = {**inside(), "EVENTO_TEST_FORM": "long"}
    run([BIN / "pytest", "tests", "-m", "soak", "--verbose", report], env=env, cwd=ROOT, silent=True)


def _shellcheck() -> None:
    require("shellcheck", "shellcheck")
    scripts = [name for name in tracked_files() if _is_shell(ROOT / name)]
    say(f"-- {len(scripts)} scripts")
    run(["shellcheck", *scripts], env=inside(), cwd=ROOT)


def _is_shell(path: Path) -> bool:
    with path.open("rb") as file:
        return file.readline(80).decode(errors="replace").strip().startswith(_SHELLS)


def lab_is_up() -> bool:
    """Tell whether the lab's engine answers."""
    try:
        output([BIN / "python", "-m", "lab", "status"], env=outside(), cwd=ROOT)
    except StepFailed:
        return False
    return True


def _clean() -> None:
    if (BIN / "python").exists():
        lab("down", "--purge")
    for folder in (CACHE, VENV):
        say(f"-- removing {folder.name}")
        shutil.rmtree(folder, ignore_errors=True)


LAB_UP = Step("lab-up", "lab up", lambda: lab("up"))
LAB_DOWN = Step("lab-down", "lab down", lambda: lab("down"))
_GATES: Sequence[Step] = (
    Step("format", "ruff format", lambda: tool("ruff", "format", "--check", ".")),
    Step("style", "ruff check", lambda: tool("ruff", "check", ".")),
    Step("shell", "shellcheck", _shellcheck),
    Step("changelog", "changelog", lambda: tool("antsibull-changelog", "lint")),
    Step("types", "mypy", lambda: tool("mypy")),
    Step("unit", "unit tests", lambda: _pytest("unit")),
    Step("oldest", "unit tests, oldest Python", lambda: check_oldest(_reports() / "oldest.xml")),
    Step("package", "build, install, ansible-doc", check_package),
    Step("ansible-lint", "ansible-lint", lambda: tool("ansible-lint", "--offline", "--profile", "production")),
    Step("sanity", "ansible-test sanity", check_sanity),
    Step("integration", "integration tests", lambda: _pytest("integration", "--verbose"), needs_lab=True),
    Step("molecule", "molecule", lambda: tool("python", "-m", "tests.molecule"), needs_lab=True),
)
_OTHERS: Sequence[Step] = (
    Step("demo", "demo", lambda: lab("demo")),
    Step("soak", "long form of the tests", _soak, needs_lab=True),
    Step("bench", "benchmark", lambda: tool("python", "-m", "tests.benchmark.run"), needs_lab=True),
    Step("clean", "clean", _clean),
)
_STEPS = {step.name: step for step in (*_GATES, *_OTHERS)}
_LINT = ("format", "style", "shell", "changelog", "types", "ansible-lint")
_GROUPS = {"test": tuple(step.name for step in _GATES), "lint": _LINT}


def names() -> list[str]:
    """List what can be asked for."""
    return [*_GROUPS, *_STEPS]


def chosen(name: str) -> list[Step]:
    """Return the steps of a group, or the one step of that name, in the order in which they run."""
    return [_STEPS[member] for member in _GROUPS.get(name, (name,))]
