# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the Debian packages whose programs the lab needs, and starts none of their services."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from lab._errors import LabError, run
from lab._progress import step

# Program -> Debian package. Every busybox does; the static one is the smallest addition.
_PACKAGES = {
    "dockerd": "docker.io",
    "iptables": "iptables",
    "ip": "iproute2",
    "busybox": "busybox-static",
    "curl": "curl",
    "bash": "bash",
    "docker-registry": "docker-registry",
    "javac": "default-jdk-headless",
    "jlink": "default-jdk-headless",
    "mmdebstrap": "mmdebstrap",
    "sshd": "openssh-server",
    "ssh": "openssh-client",
}
_FOR_ENGINE = ("dockerd", "iptables", "ip")
_FOR_SWARM = (*_FOR_ENGINE, "busybox", "docker-registry")
# The tests make hosts of their own, and have no way to install anything.
_FOR_HOSTS = ("sshd", "ssh")
_FOR_IMAGES = ("busybox", "curl", "bash", "javac", "jlink")
_POLICY = Path("/usr/sbin/policy-rc.d")


def find(program: str) -> Path | None:
    """The program's path; also looks where the administrator's programs are, which not every PATH has."""
    found = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))
    return Path(found) if found else None


def require(engine: bool) -> None:
    """Make the programs available that the images and, if asked, the private engine and hosts need.

    Raises LabError when a package is missing and cannot be installed.
    """
    install(*_FOR_IMAGES, *(_FOR_ENGINE + _FOR_HOSTS if engine else ()))


def require_for_swarm() -> None:
    """The same for what the lab's swarm needs."""
    install(*_FOR_SWARM)


def install(*programs: str) -> None:
    """Install the packages of those programs that are missing.

    Raises LabError when a package is missing and cannot be installed.
    """
    packages = sorted({_PACKAGES[program] for program in programs if find(program) is None})
    if not packages:
        return
    names = " ".join(packages)
    if os.geteuid() != 0 or find("apt-get") is None:
        raise LabError(f"The lab needs the packages {names}; install them, or run this as root on Debian.")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    with step(f"Installing {names}"), _no_service_starts():
        run(["apt-get", "update", "-q"], env=env)
        run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages], env=env)


@contextlib.contextmanager
def _no_service_starts() -> Iterator[None]:
    """Keep the package scripts from starting a service; an administrator's own policy stays in force."""
    try:
        with _POLICY.open("x") as policy:
            policy.write("#!/bin/sh\nexit 101\n")
    except FileExistsError:
        yield
        return
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)
