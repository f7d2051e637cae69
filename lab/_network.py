# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private engine's bridges in the kernel: made before it starts, removed after it ends.

The addresses are those that RFC 2544 keeps for tests (198.18.0.0/15), so that they are nobody's.
"""

from __future__ import annotations

import ipaddress
import json
import zlib
from dataclasses import dataclass

from lab import _engines
from lab._errors import LabError, run
from lab._packages import find
from lab._state import State

# A bridge without one takes that of a port, and loses it with the port, while containers still send to it.
_MAC = "02:65:76:6c:61:62"
_LABS = 64


@dataclass(frozen=True)
class Network:
    """What the engine of one lab uses: its `bridge`, that bridge's `address`, and the `pool` of its other networks."""

    bridge: str
    address: str
    pool: str

    @property
    def subnet(self) -> str:
        """The bridge's address with the length of its prefix."""
        return f"{self.address}/24"


def network_of(state: State) -> Network:
    """The network of the lab's engine, so that several engines and labs in several directories run side by side."""
    number = (zlib.crc32(str(state.root).encode()) + list(_engines.KINDS).index(state.engine)) % _LABS
    return Network(f"evlab{number}", f"198.18.{number}.1", f"198.19.{4 * number}.0/22")


def ip(*words: str) -> str:
    """What the command ip says. Raises LabError when it fails."""
    return run([find("ip") or "ip", *words])


def _bridges() -> list[dict[str, str]]:
    return list(json.loads(ip("-json", "link", "show", "type", "bridge")))


def ensure_bridge(state: State) -> None:
    """Make the bridge with its address, whatever of it is there; the alias says whose it is."""
    network = network_of(state)
    if network.bridge not in (link["ifname"] for link in _bridges()):
        ip("link", "add", network.bridge, "type", "bridge")
    ip("address", "replace", network.subnet, "dev", network.bridge)
    ip("link", "set", network.bridge, "address", _MAC)
    ip("link", "set", network.bridge, "alias", str(state.home))
    ip("link", "set", network.bridge, "up")


def remove_bridges(state: State) -> None:
    """Remove the bridge and those of the engine's own networks, which stay when an engine ends."""
    network = network_of(state)
    ours = [ipaddress.ip_network(network.subnet, strict=False), ipaddress.ip_network(network.pool)]
    for link in json.loads(ip("-json", "-4", "address", "show", "type", "bridge")):
        addresses = [ipaddress.ip_address(info["local"]) for info in link.get("addr_info", [])]
        if any(address in subnet for address in addresses for subnet in ours):
            ip("link", "delete", str(link["ifname"]))


def check_free(state: State) -> None:
    """Raise LabError when the bridge was made for the lab of another directory, or by someone else."""
    bridge = network_of(state).bridge
    for link in _bridges():
        found = link.get("ifalias", "")
        if link["ifname"] != bridge or found == str(state.home):
            continue
        if found:
            raise LabError(f"The lab in {found} has the bridge {bridge}; name another directory in EVENTO_LAB_DIR.")
        raise LabError(f"The bridge {bridge} is not the lab's; remove it with: ip link delete {bridge}.")
