# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets up the virtual environment that the sessions run in and what lies beside it, and removes it."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

from tests.sessions import debian
from tests.sessions.environment import ANSIBLE_CFG, BIN, CACHE, HOME, ROOT, VENV, outside
from tests.sessions.programs import run, say
from tests.sessions.venvs import link_collection, ready_venv, write_pip_settings

REQUIREMENTS = ROOT / "requirements-dev.txt"


def set_up(*, may_install: bool) -> None:
    """Make .venv and .cache ready; quick when they are. Raises StepFailed.

    :param may_install: whether a missing Debian package is installed instead of being named.
    """
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        debian.install(package, "Python's venv module is not complete", allowed=may_install)
    ready_venv(VENV, Path(sys.executable), [REQUIREMENTS])
    # mypy takes the collection from elsewhere than site-packages.
    link_collection(CACHE / "mypy-path")
    HOME.mkdir(parents=True, exist_ok=True)
    ANSIBLE_CFG.touch()
    write_pip_settings(BIN / "python")


def clean() -> None:
    """Remove the lab and all that was set up; no session of nox, which lies in what goes. Raises StepFailed."""
    if (BIN / "python").exists():
        run([BIN / "python", "-m", "lab", "down", "--purge"], env=outside(), cwd=ROOT)
    for folder in (CACHE, VENV):
        say(f"-- removing {folder.name}")
        shutil.rmtree(folder, ignore_errors=True)
