# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the options that have to do with the network add to the container and to the docker run command."""

from __future__ import annotations

import re
import typing as t
from ipaddress import ip_address

from ansible_collections.evento.docker.plugins.module_utils._container.piece import Piece, repeated
from ansible_collections.evento.docker.plugins.module_utils._container.values import (
    filled,
    plain_texts,
    unordered,
    unusable,
)

# [address:][host port or range:]container port[/protocol], as docker run --publish takes it.
_PORT = re.compile(
    r"(?:(?:(?P<ip>\[[0-9a-fA-F:.]+\]|[0-9.]+):)?(?:(?P<first>\d{1,5})(?:-(?P<last>\d{1,5}))?)?:)?"
    r"(?P<port>\d{1,5})(?:/(?P<protocol>tcp|udp|sctp))?",
    re.ASCII,
)
_LAST_PORT = 65535
_GATEWAY_NAME = "host.docker.internal"


def etc_hosts(options: t.Mapping[str, t.Any]) -> Piece:
    hosts = plain_texts("etc_hosts", options["etc_hosts"] or {})
    if not (options["network_mode"] or "").startswith("container:"):
        # On Linux the name does not resolve by itself.
        hosts.setdefault(_GATEWAY_NAME, "host-gateway")
    entries = [f"{name}:{address}" for name, address in sorted(hosts.items())]
    return Piece({}, {"ExtraHosts": entries}, repeated("--add-host", entries))


def networks(networks: list[dict[str, t.Any]]) -> Piece:
    flags = []
    for index, network in enumerate(networks):
        filled(f"networks[{index}].name", network["name"])
        for at, alias in enumerate(network["aliases"] or []):
            filled(f"networks[{index}].aliases[{at}]", alias)
        aliases = [f"alias={alias}" for alias in network["aliases"] or []]
        flags += ["--network", ",".join([f"name={network['name']}", *aliases]) if aliases else network["name"]]
    first = networks[0]
    endpoints = {first["name"]: {"Aliases": unordered(first["aliases"])}}
    return Piece({"NetworkingConfig": {"EndpointsConfig": endpoints}}, {"NetworkMode": first["name"]}, flags)


def published_ports(ports: list[str]) -> Piece:
    bindings: dict[str, set[tuple[str, str]]] = {}
    for entry in ports:
        match = _PORT.fullmatch(entry)
        if not match:
            raise unusable("published_ports", entry, "[address:][host port:]container port, as in 127.0.0.1:8080:80")
        port, first = int(match["port"]), int(match["first"] or 0)
        last = int(match["last"] or first)
        if not first <= last <= _LAST_PORT or port > _LAST_PORT:
            raise unusable("published_ports", entry, f"ports up to {_LAST_PORT}, a range from low to high")
        host_port = str(first or "") if first == last else f"{first}-{last}"
        address = (match["ip"] or "").strip("[]")
        bindings.setdefault(f"{port}/{match['protocol'] or 'tcp'}", set()).add((address, host_port))
    port_bindings = {
        port: [{"HostIp": address, "HostPort": host_port} for address, host_port in sorted(places)]
        for port, places in bindings.items()
    }
    return Piece(
        {"ExposedPorts": {port: {} for port in bindings}}, {"PortBindings": port_bindings}, repeated("--publish", ports)
    )


def dns_servers(servers: list[str]) -> Piece:
    # The order is that in which they are asked.
    addresses = [_address(f"dns_servers[{index}]", server) for index, server in enumerate(servers)]
    return Piece({}, {"Dns": addresses}, repeated("--dns", servers))


def dns_search_domains(domains: list[str]) -> Piece:
    names = [filled(f"dns_search_domains[{index}]", domain) for index, domain in enumerate(domains)]
    return Piece({}, {"DnsSearch": names}, repeated("--dns-search", names))


def _address(path: str, text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as exc:
        raise unusable(path, text or "an empty one", "an IP address") from exc
