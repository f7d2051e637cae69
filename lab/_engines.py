# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engines that the lab can have, by the names that EVENTO_LAB_ENGINE takes."""

from __future__ import annotations

from dataclasses import dataclass

_DOCKER = ("docker.io", "iptables")
_PODMAN = ("podman", "netavark", "runc", "catatonit", "iptables")


@dataclass(frozen=True)
class Kind:
    """One of them.

    `release` is the Debian release that its programs, `packages`, are from, None where the machine's own are used.
    `podman` says that it is Podman. `host_name` is what its containers call the machine.
    """

    release: str | None = None
    packages: tuple[str, ...] = _DOCKER
    podman: bool = False
    host_name: str = "host.docker.internal"


DEFAULT = "machine"
# The newest of Docker.
NEWEST = "forky"
KINDS = {
    DEFAULT: Kind(),
    "trixie": Kind("trixie"),
    NEWEST: Kind(NEWEST),
    "podman": Kind("bookworm", _PODMAN, True, "host.containers.internal"),
}
