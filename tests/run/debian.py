# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs Debian packages that the developer's machine does not have."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from console import StepFailed, run, say
from environment import ROOT, outside


def install(package: str, why: str) -> None:
    """Install a Debian package. Raises StepFailed when that is not possible here."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise StepFailed(f"{why}: install the package {package}, or run as root on Debian to have it installed")
    say(f"-- {why}: installing the Debian package {package}")
    env = {**outside(), "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
    if not any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        run([*apt, "update"], env=env, cwd=ROOT)
    run([*apt, "install", "--no-install-recommends", package], env=env, cwd=ROOT)


def require(command: str, package: str) -> None:
    """Install a Debian package unless the command that it brings is there."""
    if shutil.which(command) is None:
        install(package, f"{command} is missing")
