# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit tests of the plugins on other Pythons and packages than those of .venv: the lowest, and Debian's."""

from __future__ import annotations

from pathlib import Path

from tests.sessions import debian
from tests.sessions.environment import CACHE, ROOT, inside, outside
from tests.sessions.interpreters import find_python
from tests.sessions.programs import StepFailed, output, run, say
from tests.sessions.totals import REPORTS
from tests.sessions.venvs import ready_venv

OLDEST = "3.9"
OLDEST_REQUIREMENTS = ROOT / "tests" / "oldest-requirements.txt"
DEBIAN_REQUIREMENTS = ROOT / "tests" / "debian-requirements.txt"
_DEBIAN_PYTHON = Path("/usr/bin/python3")
# Debian 12 has Docker's SDK 5.0.3. That is below what is declared, and does the same but for these two: it uses
# a deprecated module, and lets any host in that ssh:// leads to, so that the test which forbids this has to fail.
_DEBIAN_OPTIONS = ("-Wignore::DeprecationWarning", "-Wdefault::pytest.PytestUnraisableExceptionWarning")
_NOT_ON_DEBIAN = "tests/unit/plugins/module_utils/_engine/test_ssh.py::test_host_that_is_not_known"


def run_oldest() -> None:
    """Run them on the lowest Python with the lowest packages, where there is such a Python. Raises StepFailed."""
    python = find_python(OLDEST)
    if python is None:
        say(f"-- Python {OLDEST} is not here: left out")
        return
    _run("oldest", ready_venv(CACHE / "oldest", python, [OLDEST_REQUIREMENTS]))


def run_with_debian(*, may_install: bool) -> None:
    """Run them on Debian's Python with Debian's packages, where this is Debian. Raises StepFailed."""
    if not Path("/etc/debian_version").exists() or not _DEBIAN_PYTHON.exists():
        say("-- this is no Debian: left out")
        return
    if not _imports_docker():
        debian.install("python3-docker", "Debian's Python has no Docker SDK", allowed=may_install)
    program = "import docker, requests, urllib3; print(docker.__version__, requests.__version__, urllib3.__version__)"
    versions = output([_DEBIAN_PYTHON, "-c", program], env=outside(), cwd=ROOT).split()
    say("-- Debian's docker {}, requests {}, urllib3 {}".format(*versions))
    programs = ready_venv(CACHE / "debian", _DEBIAN_PYTHON, [DEBIAN_REQUIREMENTS], ["--system-site-packages"])
    _run("debian", programs, *_DEBIAN_OPTIONS, f"--deselect={_NOT_ON_DEBIAN}")


def _imports_docker() -> bool:
    try:
        output([_DEBIAN_PYTHON, "-c", "import docker"], env=outside(), cwd=ROOT)
    except StepFailed:
        return False
    return True


def _run(name: str, programs: Path, *options: str) -> None:
    report = REPORTS / name / "unit.xml"
    run([programs / "python", "-m", "pytest", "tests/unit/plugins", f"--junitxml={report}", *options],
        env=inside(), cwd=ROOT)  # fmt: skip
