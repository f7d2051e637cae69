# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gates and the tools of the project: `nox --list` shows them, `nox` alone runs what a change needs.

`make` calls it, and sets up .venv, from which it is run: `.venv/bin/nox --session unit`.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import antsibull_nox
import nox

sys.path.insert(0, str(Path(__file__).parent))

from lab._engines import KINDS, NEWEST
from tests.sessions import debian, environment, tree
from tests.sessions.ansible_test import present_pythons, search_path
from tests.sessions.debian_sdk import run_with_debian
from tests.sessions.docs import build_site
from tests.sessions.engines import SIDE_BY_SIDE, choosing, run_engines
from tests.sessions.environment import BIN, CACHE, ROOT, inside, outside
from tests.sessions.matrix import Cell, Matrix, short, whole
from tests.sessions.package import check_package
from tests.sessions.programs import StepFailed, output, run, say, unwind_when_terminated
from tests.sessions.release import check_release
from tests.sessions.totals import REPORTS

unwind_when_terminated()
PYTHONS = present_pythons()
os.environ.clear()
os.environ.update(environment.both(search_path(PYTHONS, BIN)))

nox.needs_version = ">=2026.10"
nox.options.envdir = str(CACHE / "nox")
nox.options.reuse_venv = "yes"
nox.options.stop_on_first_error = True
nox.options.error_on_missing_interpreters = False

antsibull_nox.load_antsibull_nox_toml()

MAY_INSTALL = debian.MAY_INSTALL in environment.GIVEN
_SHELLS = ("#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env bash", "#!/usr/bin/env sh")
CHECKS = (
    "formatters", "codeqa", "yamllint", "antsibull-nox-config", "extra-checks", "license-check",
    "shellcheck", "changelog", "workflows", "typing", "ansible-lint",
)  # fmt: skip
TESTS = (
    *CHECKS, "unit", "debian", "package", "docs-check", "docs", "short-matrix", "integration", "short-engines",
    "molecule",
)  # fmt: skip


def _tool(*argv: str | Path, silent: bool = False, **variables: str) -> None:
    run([BIN / argv[0], *argv[1:]], env={**inside(), **variables}, cwd=ROOT, silent=silent)


def _lab(*words: str, engine: str = "") -> None:
    """Run a command of the lab, which installs packages where they are missing."""
    run([BIN / "python", "-m", "lab", *words], env={**outside(), **choosing(engine)}, cwd=ROOT)


@contextlib.contextmanager
def _lab_up(engine: str = "") -> Iterator[None]:
    """Bring the lab up, and down in the end where it was down before."""
    try:
        output([BIN / "python", "-m", "lab", "status"], env={**outside(), **choosing(engine)}, cwd=ROOT)
    except StepFailed:
        try:
            _lab("up", engine=engine)
            yield
        finally:
            _lab("down", engine=engine)
    else:
        yield


def _gate(name: str, *, default: bool = False, requires: tuple[str, ...] = ()) -> Callable[..., object]:
    """Register a session that runs in .venv; a fault of one of its steps is told in a sentence."""

    def register(function: Callable[[nox.Session], None]) -> object:
        def session(session: nox.Session) -> None:
            try:
                function(session)
            except StepFailed as exc:
                session.error(str(exc))

        session.__doc__ = function.__doc__
        return nox.session(name=name, default=default, requires=requires, venv_backend="none")(session)

    return register


@_gate("checks", requires=CHECKS)
def checks(_session: nox.Session) -> None:
    """Check all that is written, without running it: what to run before each commit (make lint)."""


@_gate("test", requires=TESTS)
def test(_session: nox.Session) -> None:
    """Everything that has to pass, with the oldest and the newest of ansible-core and Python."""


@_gate("shellcheck", default=True)
def shellcheck(_session: nox.Session) -> None:
    """Check the shell scripts."""
    debian.require("shellcheck", "shellcheck", allowed=MAY_INSTALL)
    scripts = [name for name in tree.tracked_files() if _is_shell(ROOT / name)]
    say(f"-- {len(scripts)} scripts")
    run(["shellcheck", *scripts], env=inside(), cwd=ROOT)


def _is_shell(path: Path) -> bool:
    if path.suffix == ".j2":  # becomes a script only where it is filled in
        return False
    with path.open("rb") as file:
        return file.readline(80).decode(errors="replace").strip().startswith(_SHELLS)


@_gate("changelog", default=True)
def changelog(_session: nox.Session) -> None:
    """Check the changelog and its fragments."""
    _tool("antsibull-changelog", "lint")


@_gate("workflows", default=True)
def workflows(_session: nox.Session) -> None:
    """Check the workflows of GitHub: their form, and what they let others do."""
    folder = ROOT / ".github" / "workflows"
    _tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *sorted(folder.glob("*.yml")))
    _tool("zizmor", "--offline", "--quiet", "--persona", "pedantic", folder.parent)


@_gate("typing", default=True)
def typing(_session: nox.Session) -> None:
    """Check the types of all Python code."""
    _tool("mypy")


@_gate("unit", default=True)
def unit(session: nox.Session) -> None:
    """Run the unit tests; arguments after -- go to pytest."""
    _tool("pytest", "tests/unit", f"--junitxml={REPORTS / 'unit'}.xml", "--numprocesses=auto", *session.posargs)


@_gate("debian")
def with_debian(_session: nox.Session) -> None:
    """Run the unit tests of what uses Docker's SDK, with Debian's python3-docker."""
    run_with_debian(may_install=MAY_INSTALL)


@_gate("package")
def package(_session: nox.Session) -> None:
    """Build the collection, import it as Galaxy does, install it where nothing else is."""
    check_package()


@_gate("release-check")
def release_check(_session: nox.Session) -> None:
    """Make the release in a copy, install it where nothing else is, and use it there on the lab's engine."""
    with _lab_up():
        check_release()


@_gate("docs")
def docs(_session: nox.Session) -> None:
    """Build the documentation as a site, and check the links within it."""
    build_site()


@_gate("integration")
def integration(session: nox.Session) -> None:
    """Run the integration tests on the lab's engine; arguments after -- go to pytest."""
    swarm = ROOT / "tests/integration/swarm"
    with _lab_up():
        if session.posargs:
            _tool("pytest", "tests/integration", "--verbose", *session.posargs)
            return
        # Those on the swarm share one.
        for name, words in (
            ("integration", ("tests/integration", f"--ignore={swarm}", *SIDE_BY_SIDE)),
            ("swarm", (swarm,)),
        ):
            _tool("pytest", "--verbose", f"--junitxml={REPORTS / name}.xml", *words)


@_gate("engines")
def engines(session: nox.Session) -> None:
    """Run the core of the integration tests on every engine that the lab can have, or those named after --."""
    run_engines(session.posargs or list(KINDS), _lab_up)


@_gate("short-engines")
def short_engines(_session: nox.Session) -> None:
    """Run the core of the integration tests on the newest engine; they all run on the oldest (integration)."""
    run_engines([NEWEST], _lab_up)


@_gate("molecule")
def molecule(_session: nox.Session) -> None:
    """Run the scenarios of the role and the playbooks on the lab's engine."""
    with _lab_up():
        _tool("python", "-m", "tests.molecule")


@_gate("sanity", default=True)
def sanity(session: nox.Session) -> None:
    """Run ansible-test sanity; after -- a release of ansible-core, if not the newest."""
    _run_matrix(_asked_for("sanity", session.posargs))


@_gate("units")
def units(session: nox.Session) -> None:
    """Run ansible-test units; after -- a release of ansible-core and a Python, if not the newest of each."""
    _run_matrix(_asked_for("units", session.posargs))


@_gate("targets")
def targets(session: nox.Session) -> None:
    """Run ansible-test integration; after -- a release of ansible-core and a Python, if not the newest of each."""
    _run_matrix(_asked_for("integration", session.posargs))


@_gate("short-matrix")
def short_matrix(_session: nox.Session) -> None:
    """Run ansible-test with the oldest and the newest of ansible-core and Python."""
    _run_matrix(list(short(PYTHONS)))


@_gate("matrix")
def matrix(_session: nox.Session) -> None:
    """Run ansible-test with every release of ansible-core on every Python, and show a table."""
    _run_matrix(list(whole()))


def _asked_for(kind: str, words: list[str]) -> list[Cell]:
    """Return the cells that the words, releases and Pythons, choose; without any, the newest."""
    cells = [cell for cell in short(PYTHONS) if cell.kind == kind]
    if not words:
        return [cell for cell in cells if cell.core == cells[-1].core]
    return [cell for cell in whole() if cell.kind == kind and all(word in (cell.core, cell.python) for word in words)]


def _run_matrix(cells: list[Cell]) -> None:
    debian.require("shellcheck", "shellcheck", allowed=MAY_INSTALL)
    tree.copy_tree()
    if not any(cell.kind == "integration" for cell in cells):
        Matrix(PYTHONS, {}).run(cells)
        return
    with _lab_up(), _settings_of_targets() as settings:
        Matrix(PYTHONS, settings).run(cells)


@contextlib.contextmanager
def _settings_of_targets() -> Iterator[dict[str, str]]:
    """Tell them, and keep the lab for this checkout meanwhile."""
    words: list[str | Path] = [BIN / "python", "-m", "tests.targets"]
    with subprocess.Popen(words, env=inside(), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        try:
            line = holder.stdout.readline() if holder.stdout else b""
            if not line:
                raise StepFailed("the lab cannot be used: see above")
            yield json.loads(line)
        finally:
            holder.communicate()


@_gate("demo")
def demo(_session: nox.Session) -> None:
    """Show the product at work."""
    _lab("demo")


@_gate("demo-swarm")
def demo_swarm(_session: nox.Session) -> None:
    """Show the product at work on a Docker Swarm."""
    _lab("demo-swarm")


@_gate("soak")
def soak(_session: nox.Session) -> None:
    """Run the tests that have a long form in it, for hours."""
    report = f"--junitxml={REPORTS / 'soak'}.xml"
    with _lab_up():
        words = ("tests", "-m", "soak", "--verbose", report, *SIDE_BY_SIDE)
        _tool("pytest", *words, silent=True, EVENTO_TEST_FORM="long")


@_gate("bench")
def bench(session: nox.Session) -> None:
    """Measure what a call costs; after -- letters of benchmarks, such as h and i, those on a swarm."""
    with _lab_up():
        _tool("python", "-m", "tests.benchmark.run", *session.posargs)
