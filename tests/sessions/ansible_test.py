# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-test: each of its commands with a release of ansible-core, on a clean copy of the collection."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from tests.sessions.environment import CACHE, HOME, ROOT, SYSTEM_PATH, inside
from tests.sessions.interpreters import find_python
from tests.sessions.programs import StepFailed, output, run, say
from tests.sessions.totals import REPORTS
from tests.sessions.tree import TREE
from tests.sessions.venvs import ready_venv

# ansible-test makes virtual environments without pip and downloads get-pip into them, from a host that is out of reach
# behind a company's proxy or mirror. Where the download is cached already it uses that: so this stand-in, which takes
# the pip that every Python brings, and then lets it install the wanted version from the package index.
_GET_PIP = """\
import subprocess
import sys

packages = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
subprocess.check_call([sys.executable, "-m", "ensurepip"])
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *packages]))
"""
# The collection has no PowerShell, and no packages whose __init__.py has to be empty.
_NOTHING_TO_LOOK_AT = {"empty-init", "pslint"}
# From the lowest that modules run with on; what is not on the machine is left out, and said so.
PYTHONS = tuple(f"3.{minor}" for minor in range(9, 15))
# The Pythons that a release of ansible-core itself runs with. On a managed host, all of PYTHONS do.
CONTROLLERS: Mapping[str, tuple[str, ...]] = {
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
}
# The highest Python of a managed host that a release knows.
_HIGHEST = {"2.18": "3.13", "2.19": "3.13", "2.20": "3.14", "2.21": "3.14"}


class Release:
    """A release of ansible-core with an environment of its own. Raises StepFailed where it cannot be installed."""

    def __init__(self, core: str, pythons: Mapping[str, Path]) -> None:
        """Install it, unless that is done.

        :param core: such as 2.18; the newest of its patch releases is taken.
        :param pythons: the interpreters that are here, by version.
        """
        self._core = core
        self._pythons = pythons
        self._controller = next(version for version in CONTROLLERS[core] if version in pythons)
        path = CACHE / "core" / core
        self._bin = ready_venv(
            path, pythons[self._controller], [f"ansible-core~={core}.0", ROOT / "meta" / "ee-requirements.txt"]
        )
        self._write_get_pip()

    def sanity(self) -> None:
        """Run all sanity tests, with all Pythons that are here. Raises StepFailed."""
        reports = TREE / "tests" / "output" / "junit"
        shutil.rmtree(reports, ignore_errors=True)
        self._run("sanity", "--venv", "--junit")
        words = (self._bin / "ansible-test", "sanity", "--color", "no", "--list-tests")
        _check_all_ran(output(words, env=self._env(), cwd=TREE).split(), reports)

    def units(self, python: str) -> None:
        """Run the unit tests of the plugins with a Python. Raises StepFailed."""
        try:
            self._run("units", "--venv", "--python", python, "tests/unit/plugins/")
        finally:
            self._keep_reports(python)

    def integration(self, python: str, settings: Mapping[str, str]) -> None:
        """Run the targets with that Python, on the controller; other hosts need containers or SSH. Raises StepFailed.

        :param settings: variables for them; ansible-test hands on none of the environment.
        """
        # JSON is YAML. The wrapper needs a Python with ansible-core, which those of ansible-test have not.
        variables = {**settings, "evento_test_python": str(self._bin / "python")}
        (TREE / "tests" / "integration" / "integration_config.yml").write_text(json.dumps(variables))
        self._run("integration", "--venv", "--python", python)

    def _run(self, command: str, *options: str) -> None:
        say(f"-- ansible-core {self._core}: ansible-test {' '.join((command, *options))}")
        words: list[str | Path] = [self._bin / "ansible-test", command, "--color", "no", *options]
        run(words, env=self._env(), cwd=TREE)

    def _env(self) -> dict[str, str]:
        return {"HOME": str(HOME), "PATH": search_path(self._pythons, self._bin), "LC_ALL": "C.UTF-8"}

    def _write_get_pip(self) -> None:
        program = "from ansible_test._internal.python_requirements import get_venv_packages"
        # The version is the same for every Python: none is needed to ask for it.
        program += "; print(get_venv_packages(type('Python', (), {'version': ''}))['pip'])"
        version = output([self._bin / "python", "-c", program], env=inside(), cwd=TREE).strip().replace(".", "_")
        cache = HOME / ".ansible" / "test" / "cache"
        cache.mkdir(parents=True, exist_ok=True)
        (cache / f"get_pip_{version}.py").write_text(_GET_PIP)

    def _keep_reports(self, python: str) -> None:
        folder = REPORTS / f"ansible-{self._core}"
        folder.mkdir(parents=True, exist_ok=True)
        for report in (TREE / "tests" / "output" / "junit").glob(f"python{python}-*-units.xml"):
            shutil.move(report, folder / report.name)


def present_pythons() -> dict[str, Path]:
    """Find the interpreters that are here, by version."""
    found = {version: find_python(version) for version in PYTHONS}
    return {version: python for version, python in found.items() if python}


def search_path(pythons: Mapping[str, Path], *first: Path) -> str:
    """Make a search path without stand-ins for interpreters, which ansible-test and nox take for working ones."""
    folders = [*first, *SYSTEM_PATH.split(os.pathsep), *(python.parent for python in pythons.values())]
    return os.pathsep.join(dict.fromkeys(map(str, folders)))


def knows(core: str, kind: str, python: str) -> bool:
    """Tell whether a command of ansible-test can run with that Python: targets run on the controller itself."""
    if kind == "integration":
        return python in CONTROLLERS[core]
    return PYTHONS.index(python) <= PYTHONS.index(_HIGHEST[core])


def _check_all_ran(tests: list[str], reports: Path) -> None:
    """Make sure that no test was left out for another reason than having nothing to look at."""
    ran = set()
    for report in sorted(reports.glob("*.xml")):
        name = report.stem.removeprefix("ansible-test-sanity-")
        if ElementTree.parse(report).find(".//skipped") is None:
            ran.add(name.partition("-python-")[0])
        else:
            say(f"-- left out: {name}")
    missing = sorted(set(tests) - ran - _NOTHING_TO_LOOK_AT)
    if missing:
        raise StepFailed(f"ansible-test left out {', '.join(missing)}: look for its warnings above")
