# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages that tools come from."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.sessions.environment import ROOT, outside
from tests.sessions.programs import StepFailed, run, say

# Set by `make test` and the demos; all else says what to install.
MAY_INSTALL = "EVENTO_MAY_INSTALL"


def install(package: str, why: str, *, allowed: bool) -> None:
    """Install a Debian package. Raises StepFailed when it may not be done, or cannot be done here."""
    if not allowed or shutil.which("apt-get") is None or os.geteuid() != 0:
        raise StepFailed(f"{why}: install the package {package} (apt-get install {package}), or have make test do it")
    say(f"-- {why}: installing the Debian package {package}")
    env = {**outside(), "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
    if not any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        run([*apt, "update"], env=env, cwd=ROOT)
    run([*apt, "install", "--no-install-recommends", package], env=env, cwd=ROOT)


def require(command: str, package: str, *, allowed: bool) -> None:
    """Install a Debian package unless the command that it brings is there."""
    if shutil.which(command, path=outside()["PATH"]) is None:
        install(package, f"{command} is missing", allowed=allowed)
