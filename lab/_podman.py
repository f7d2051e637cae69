# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to run Podman's Docker-compatible API in a place of its own.

It has a network namespace, for Podman sets up addresses and filters where it runs, joined to the lab's bridge. What is
the same for all of Podman on a machine, /run and /etc/containers, is its own.
"""

from __future__ import annotations

import ipaddress
import json
import os

from lab._network import Network
from lab._program import Program
from lab._state import State

_PROGRAM = "/usr/bin/podman"
# Podman's programs call it by this name, which the package only has once it is set up.
_IPTABLES = "/usr/sbin/xtables-nft-multi"
# Of files and of processes: Podman's own limits are higher than some machines allow.
_LIMIT = 16384
_OWN_DIRECTORIES = ("etc", "var", "bin", "tmp")

# For a shell in a network and a mount namespace of its own. $1 is a directory that `furnish` has filled, $2 a process
# in the machine's network namespace, $3 the bridge there, $4 its address, $5 the own address with the length of its
# prefix.
_SET_UP = """
set -e
ip link set lo up
ip link add eth0 type veth peer name "$3p" netns "$2"
nsenter --target "$2" --net ip link set "$3p" master "$3" up
ip address add "$5" dev eth0
ip link set eth0 up
ip route add default via "$4"
mkdir -p /etc/containers /var/lib/containers
mount --bind "$1/etc" /etc/containers
mount --bind "$1/var" /var/lib/containers
mount -t tmpfs -o mode=755 tmpfs /run
"""


def furnish(state: State, network: Network) -> None:
    """Make what it finds there, with Podman's configuration in it."""
    runtime = state.runtime
    for name in _OWN_DIRECTORIES:
        (runtime / name).mkdir(parents=True, exist_ok=True)
    for name in ("iptables", "ip6tables"):
        (runtime / "bin" / name).symlink_to(_IPTABLES)
    settings = {
        "policy.json": json.dumps({"default": [{"type": "insecureAcceptAnything"}]}),
        "registries.conf": 'unqualified-search-registries = ["docker.io"]\n',
        "storage.conf": f'[storage]\ndriver = "overlay"\ngraphroot = "{state.data}"\nrunroot = "{runtime}/run"\n',
        "containers.conf": f"""\
[containers]
default_ulimits = ["nofile={_LIMIT}:{_LIMIT}", "nproc={_LIMIT}:{_LIMIT}"]
dns_servers = ["{network.address}"]
host_containers_internal_ip = "{network.address}"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
""",
    }
    for name, text in settings.items():
        (runtime / "etc" / name).write_text(text)


def program(state: State, network: Network) -> Program:
    """What starts it; `furnish` has been called."""
    runtime = state.runtime
    places = [f"--root={state.data}", f"--runroot={runtime}/run", f"--tmpdir={runtime}/tmp"]
    own = f"{ipaddress.ip_address(network.address) + 1}/{ipaddress.ip_interface(network.subnet).network.prefixlen}"
    return Program(
        [_PROGRAM, "--log-level=info", *places, "system", "service", "--time=0", state.docker_host],
        # There is no systemd that could run health checks.
        {"PATH": f"{runtime}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(runtime), "DISABLE_HC_SYSTEMD": "true"},
        _SET_UP,
        [str(runtime), str(os.getpid()), network.bridge, network.address, own],
        ["--net"],
    )
