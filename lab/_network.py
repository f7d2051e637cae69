# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private engine's bridges in the kernel: made before it starts, removed after it ends."""

from __future__ import annotations

import ipaddress
import json

from lab._errors import LabError, run
from lab._packages import find
from lab._state import State

BRIDGE = "evlab0"
ADDRESS = "198.18.13.1"
POOL = "198.18.128.0/17"
_NETWORK = f"{ADDRESS}/24"
# A bridge without one takes that of a port, and loses it with the port, while containers still send to it.
_MAC = "02:65:76:6c:61:62"


def _ip(*words: str) -> str:
    return run([find("ip") or "ip", *words])


def ensure_bridge(state: State) -> None:
    """Make the bridge with its address, whatever of it is there; the alias says whose it is."""
    if BRIDGE not in {str(link["ifname"]) for link in json.loads(_ip("-json", "link", "show", "type", "bridge"))}:
        _ip("link", "add", BRIDGE, "type", "bridge")
    _ip("address", "replace", _NETWORK, "dev", BRIDGE)
    _ip("link", "set", BRIDGE, "address", _MAC)
    _ip("link", "set", BRIDGE, "alias", str(state.root))
    _ip("link", "set", BRIDGE, "up")


def owner() -> str | None:
    """The directory of the lab that made the bridge, None without a bridge."""
    for link in json.loads(_ip("-json", "link", "show", "type", "bridge")):
        if link["ifname"] == BRIDGE:
            return str(link.get("ifalias", ""))
    return None


def remove_bridges() -> None:
    """Remove the bridge and those of the engine's own networks, which stay when an engine ends."""
    ours = [ipaddress.ip_network(_NETWORK, strict=False), ipaddress.ip_network(POOL)]
    for link in json.loads(_ip("-json", "-4", "address", "show", "type", "bridge")):
        addresses = [ipaddress.ip_address(info["local"]) for info in link.get("addr_info", [])]
        if any(address in network for address in addresses for network in ours):
            _ip("link", "delete", str(link["ifname"]))


def check_free(state: State) -> None:
    """Raise LabError when the bridge was made for the lab of another directory, or by someone else."""
    found = owner()
    if found == "":
        raise LabError(f"The bridge {BRIDGE} is not the lab's; remove it with: ip link delete {BRIDGE}.")
    if found not in (None, str(state.root)):
        raise LabError(
            f"The lab in {found} has the bridge {BRIDGE}; end it with: EVENTO_LAB_DIR={found} python -m lab down"
        )
