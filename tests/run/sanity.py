# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs `ansible-test sanity` with all Python versions that are here."""

from __future__ import annotations

import configparser
import os
from pathlib import Path
from xml.etree import ElementTree

from console import StepFailed, output, run, say
from debian import require
from environment import BIN, HOME, ROOT, SYSTEM_PATH, inside, outside
from interpreters import find_python
from package import copy_tree

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
_PYTHONS = [f"3.{minor}" for minor in range(9, 15)]


def check_sanity() -> None:
    """Run all sanity tests on a clean copy of the collection. Raises StepFailed."""
    require("shellcheck", "shellcheck")
    tree = copy_tree()
    _write_get_pip()
    _write_pip_settings()
    env = {"HOME": str(HOME), "PATH": _path(), "LC_ALL": "C.UTF-8"}
    command = (BIN / "ansible-test", "sanity", "--color", "no")
    run([*command, "--venv", "--junit"], env=env, cwd=tree)
    _check_all_ran(output([*command, "--list-tests"], env=env, cwd=tree).split(), tree / "tests" / "output" / "junit")


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


def _write_get_pip() -> None:
    program = "from ansible_test._internal.python_requirements import get_venv_packages"
    # The version is the same for every Python: none is needed to ask for it.
    program += "; print(get_venv_packages(type('Python', (), {'version': ''}))['pip'])"
    version = output([BIN / "python", "-c", program], env=inside(), cwd=ROOT).strip().replace(".", "_")
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    (cache / f"get_pip_{version}.py").write_text(_GET_PIP)


def _write_pip_settings() -> None:
    """Hand on what the user told pip, by variables or in files: ansible-test passes on neither."""
    settings = configparser.RawConfigParser()
    settings.add_section("global")
    for line in output([BIN / "python", "-m", "pip", "config", "list"], env=outside(), cwd=ROOT).splitlines():
        name, value = line.split("=", 1)
        settings.set("global", name.rpartition(".")[2], value.strip("'"))
    path = HOME / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        settings.write(file)


def _path() -> str:
    """Return a search path that leads to real interpreters only: ansible-test takes all that it finds for working."""
    folders = [str(BIN), *SYSTEM_PATH.split(os.pathsep)]
    for version in _PYTHONS:
        python = find_python(version)
        if python:
            folders.append(str(python.parent))
        else:
            say(f"-- Python {version} is not here: what needs it is left out")
    return os.pathsep.join(dict.fromkeys(folders))
