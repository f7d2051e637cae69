# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets up what the gates and the demo need: the virtual environment and the links to the checkout."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path

import debian
from console import run, say
from environment import ANSIBLE_CFG, CACHE, HOME, ROOT, SITE, VENV, outside

_REQUIREMENTS = ROOT / "requirements-dev.txt"
_STAMP = VENV / "evento-stamp"


def bootstrap() -> None:
    """Make .venv and .cache ready; quick when they are. Raises StepFailed."""
    stamp = _wanted_stamp()
    if not _STAMP.is_file() or _STAMP.read_text() != stamp:
        _make_venv()
        _STAMP.write_text(stamp)
    # Ansible and Python find the collection by its full name, mypy by the same name outside of site-packages.
    for parent in (SITE, CACHE / "mypy-path"):
        link_collection(parent)
    HOME.mkdir(parents=True, exist_ok=True)
    ANSIBLE_CFG.touch()


def _wanted_stamp() -> str:
    """Describe what the virtual environment is made from; its programs hold its path."""
    parts = [sys.version, sys.base_prefix, str(VENV), _REQUIREMENTS.read_text()]
    parts += [(ROOT / "meta" / "ee-requirements.txt").read_text()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        debian.install(package, "Python's venv module is not complete")
    say(f"-- installing the packages of {_REQUIREMENTS.name} into {VENV.name}")
    run([sys.executable, "-m", "venv", "--clear", VENV], env=outside(), cwd=ROOT)
    pip = (VENV / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check")
    run([*pip, "-r", _REQUIREMENTS], env=outside(), cwd=ROOT, silent=True)


def link_collection(parent: Path) -> None:
    """Let the checkout be found as ansible_collections.evento.docker by what looks for packages in a directory."""
    link = parent / "ansible_collections" / "evento" / "docker"
    if link.is_symlink() and link.resolve() == ROOT:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(ROOT)
