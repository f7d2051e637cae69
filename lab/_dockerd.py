# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to run a dockerd beside another one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from lab._packages import find

# For a shell in a mount namespace of its own, whose $1 is a directory that `furnish` has filled. Own mounts over what
# two engines would share: the key that is the engine's identity, the directory where a dockerd looks for a containerd
# to join, and the name servers (none: image look-ups fail at once instead of after a time-out).
OWN_MOUNTS = """
set -e
mkdir -p /etc/docker /run/containerd
mount --bind "$1/etc" /etc/docker
mount --bind "$1/run-containerd" /run/containerd
if [ -e /etc/resolv.conf ]; then mount --bind "$1/resolv.conf" /etc/resolv.conf; fi
"""


def furnish(directory: Path) -> None:
    """Make what OWN_MOUNTS mounts, and the engine's configuration file, which says nothing."""
    for name in ("etc", "run-containerd"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    (directory / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    (directory / "daemon.json").write_text("{}\n")


def command(furnished: Path, options: Mapping[str, object]) -> list[str]:
    """The words that start dockerd.

    :param furnished: the directory that `furnish` has filled.
    :param options: its options without the dashes.
    """
    given = {"config-file": furnished / "daemon.json", **options}
    return [str(find("dockerd")), *(f"--{name}={value}" for name, value in given.items())]


def environment() -> dict[str, str]:
    """All that dockerd gets to see of the environment: where it finds its programs."""
    return {"PATH": os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin", "/sbin", "/bin"])}
