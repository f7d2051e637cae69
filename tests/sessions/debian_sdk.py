# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit tests of what uses Docker's SDK, with the one that Debian has."""

from __future__ import annotations

from pathlib import Path

from tests.sessions import debian
from tests.sessions.environment import CACHE, ROOT, inside, outside
from tests.sessions.programs import StepFailed, output, run, say
from tests.sessions.totals import REPORTS
from tests.sessions.venvs import ready_venv

_REQUIREMENTS = ROOT / "tests" / "debian-requirements.txt"
_PYTHON = Path("/usr/bin/python3")
_TESTS = [f"tests/unit/plugins/{folder}" for folder in ("module_utils/_engine", "module_utils/_swarm", "modules")]
# Debian 12 has Docker's SDK 5.0.3. That is below what is declared, and does the same but for these two: it uses
# a deprecated module, and lets any host in that ssh:// leads to, so that the test which forbids this has to fail.
_OPTIONS = (
    "-Wignore::DeprecationWarning",
    "-Wdefault::pytest.PytestUnraisableExceptionWarning",
    "--deselect=tests/unit/plugins/module_utils/_engine/test_ssh.py::test_host_that_is_not_known",
)


def run_with_debian(*, may_install: bool) -> None:
    """Run them on Debian's Python with Debian's packages, where this is Debian. Raises StepFailed."""
    if not Path("/etc/debian_version").exists() or not _PYTHON.exists():
        say("-- this is no Debian: left out")
        return
    if not _imports_docker():
        debian.install("python3-docker", "Debian's Python has no Docker SDK", allowed=may_install)
    program = "import docker, requests, urllib3; print(docker.__version__, requests.__version__, urllib3.__version__)"
    versions = output([_PYTHON, "-c", program], env=outside(), cwd=ROOT).split()
    say("-- Debian's docker {}, requests {}, urllib3 {}".format(*versions))
    programs = ready_venv(CACHE / "debian", _PYTHON, [_REQUIREMENTS], ["--system-site-packages"])
    report = REPORTS / "debian" / "unit.xml"
    words: list[str | Path] = [programs / "python", "-m", "pytest", *_TESTS, f"--junitxml={report}", *_OPTIONS]
    run(words, env=inside(), cwd=ROOT)


def _imports_docker() -> bool:
    try:
        output([_PYTHON, "-c", "import docker"], env=outside(), cwd=ROOT)
    except StepFailed:
        return False
    return True
