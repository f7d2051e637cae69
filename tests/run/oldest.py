# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the plugins' unit tests with the oldest Python and the oldest packages that they are said to work with."""

from __future__ import annotations

from pathlib import Path

from bootstrap import link_collection
from console import run, say
from environment import CACHE, ROOT, inside, outside
from interpreters import find_python

OLDEST = "3.9"
REQUIREMENTS = ROOT / "tests" / "oldest-requirements.txt"
_VENV = CACHE / "oldest"
_STAMP = _VENV / "evento-stamp"


def check_oldest(report: Path) -> None:
    """Run them, where there is such a Python; `report` is where pytest writes its JUnit report. Raises StepFailed."""
    python = find_python(OLDEST)
    if python is None:
        say(f"-- Python {OLDEST} is not here: left out")
        return
    stamp = f"{python}\n{REQUIREMENTS.read_text()}"
    if not _STAMP.is_file() or _STAMP.read_text() != stamp:
        say(f"-- installing the packages of {REQUIREMENTS.name} for {python}")
        run([python, "-m", "venv", "--clear", _VENV], env=outside(), cwd=ROOT)
        pip = (_VENV / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check")
        run([*pip, "-r", REQUIREMENTS], env=outside(), cwd=ROOT, silent=True)
        _STAMP.write_text(stamp)
    link_collection(_VENV / "lib" / f"python{OLDEST}" / "site-packages")
    run([_VENV / "bin" / "pytest", "tests/unit/plugins", f"--junitxml={report}"], env=inside(), cwd=ROOT)
