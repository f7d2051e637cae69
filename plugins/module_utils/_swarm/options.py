# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For each option what it adds to a service and to the docker service create command, or why a swarm cannot have it.

What an option means, and that its value is usable, is known already: a part is made from the container's shape.
"""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._container.options import CONTAINER_ARGS
from ansible_collections.evento.docker.plugins.module_utils._container.piece import repeated
from ansible_collections.evento.docker.plugins.module_utils._swarm import mounts
from ansible_collections.evento.docker.plugins.module_utils._swarm.part import (
    Part,
    Shape,
    container_part,
    escaped,
    refused,
)

_SECOND = 10**9


def _limit(key: str, flag: str, value: t.Any, written: t.Any) -> Part:
    return Part({"Resources": {"Limits": {key: value}}}, [flag, str(written)])


def _networks(networks: t.Sequence[dict[str, t.Any]], _shape: Shape) -> Part:
    given = [{"Target": one["name"], "Aliases": sorted(set(one["aliases"] or ()))} for one in networks]
    words = [",".join([f"name={one['Target']}", *(f"alias={alias}" for alias in one["Aliases"])]) for one in given]
    return Part({"Networks": given}, [flag for word in words for flag in ("--network", word)])


def _network_mode(mode: str, _shape: Shape) -> Part:
    if mode == "host":
        return Part({"Networks": [{"Target": "host"}]}, ["--network", "host"])
    if mode in ("default", "bridge"):
        return Part({}, [])
    raise refused("network_mode", f"{mode} belongs to one engine: set host, or name overlay networks in networks")


def _ports(_ports: t.Sequence[str], shape: Shape) -> Part:
    given, flags = [], []
    for container_port, places in sorted(shape["HostConfig"]["PortBindings"].items()):
        target, _slash, protocol = container_port.partition("/")
        for place in places:
            if place["HostIp"]:
                raise refused("published_ports", "a swarm publishes on all addresses of a node: leave the address out")
            if "-" in place["HostPort"]:
                raise refused("published_ports", "a swarm takes no range of ports: name one port, or none")
            port = {"Protocol": protocol, "TargetPort": int(target), "PublishMode": "host"}
            words = ["mode=host", f"target={target}", f"protocol={protocol}"]
            if place["HostPort"]:
                port["PublishedPort"] = int(place["HostPort"])
                words.append(f"published={place['HostPort']}")
            given.append(port)
            flags += ["--publish", ",".join(words)]
    return Part({}, flags, {"EndpointSpec": {"Ports": given}})


def _labels(_labels: t.Any, shape: Shape) -> Part:
    pairs = [f"{name}={value}" for name, value in sorted(shape["Labels"].items())]
    flags = [flag for pair in pairs for name in ("--label", "--container-label") for flag in (name, pair)]
    # On service and container they stand with ours.
    return Part({}, flags)


def _etc_hosts(_hosts: t.Any, shape: Shape) -> Part:
    entries = [entry.partition(":") for entry in shape["HostConfig"]["ExtraHosts"]]
    hosts = [f"{address} {name}" for name, _colon, address in entries]
    return container_part("Hosts", [f"--host={name}:{address}" for name, _colon, address in entries], hosts)


def _logging(_given: t.Any, shape: Shape) -> Part:
    config = shape["HostConfig"]["LogConfig"]
    if config["Type"] == "none":
        raise refused("log_driver", "without a log a swarm does not tell what an instance said: choose another driver")
    flags = ["--log-driver", config["Type"]] if config["Type"] else []
    flags += [flag for name, value in sorted(config["Config"].items()) for flag in ("--log-opt", f"{name}={value}")]
    return Part({"LogDriver": {"Name": config["Type"], "Options": config["Config"]}}, flags)


def _healthcheck(_check: t.Any, shape: Shape) -> Part:
    check = shape["Healthcheck"]
    if check["Test"] == ["NONE"]:
        return container_part("Healthcheck", ["--no-healthcheck"], check)
    kind, *words = check["Test"]
    flags = ["--health-cmd", words[0] if kind == "CMD-SHELL" else " ".join(words)]
    for key, flag in (("Interval", "interval"), ("Timeout", "timeout"), ("StartPeriod", "start-period")):
        flags += [f"--health-{flag}", f"{check[key] / _SECOND:g}s"] if key in check else []
    flags += ["--health-retries", str(check["Retries"])] if "Retries" in check else []
    return container_part("Healthcheck", flags, check)


def _stop_timeout(seconds: int, _shape: Shape) -> Part:
    return container_part("StopGracePeriod", ["--stop-grace-period", f"{seconds}s"], seconds * _SECOND)


def _names(key: str, flag: str, engines_key: str) -> t.Callable[[t.Any, Shape], Part]:
    """A list that means the same to a swarm under another key."""

    def convert(_given: t.Any, shape: Shape) -> Part:
        names = shape["HostConfig"][engines_key]
        return container_part(key, repeated(flag, names), names)

    return convert


def _dns(key: str, flag: str, engines_key: str) -> t.Callable[[t.Any, Shape], Part]:
    def convert(_given: t.Any, shape: Shape) -> Part:
        names = shape["HostConfig"][engines_key]
        return container_part("DNSConfig", repeated(flag, names), {key: names})

    return convert


def _memory_reservation(size: str, shape: Shape) -> Part:
    reserved = {"MemoryBytes": shape["HostConfig"]["MemoryReservation"]}
    return Part({"Resources": {"Reservations": reserved}}, ["--reserve-memory", size])


def _pids_limit(_written: int, shape: Shape) -> Part:
    # Without a limit it is 0 there.
    limit = max(0, shape["HostConfig"]["PidsLimit"])
    return _limit("Pids", "--limit-pids", limit, limit)


def _ulimits(_limits: t.Any, shape: Shape) -> Part:
    limits = shape["HostConfig"]["Ulimits"]
    words = [f"{one['Name']}={one['Soft']}:{one['Hard']}" for one in limits]
    return container_part("Ulimits", repeated("--ulimit", words), limits)


def _not(option: str, why: str) -> t.Callable[[t.Any, Shape], Part]:
    def refuse(_value: t.Any, _shape: Shape) -> Part:
        raise refused(option, why)

    return refuse


TABLE: dict[str, t.Callable[[t.Any, Shape], Part]] = {
    "networks": _networks,
    "network_mode": _network_mode,
    "published_ports": _ports,
    "volumes": mounts.volumes,
    "tmpfs": mounts.tmpfs,
    "hostname": lambda name, _shape: container_part("Hostname", ["--hostname", escaped(name)], escaped(name)),
    "dns_servers": _dns("Nameservers", "--dns", "Dns"),
    "dns_search_domains": _dns("Search", "--dns-search", "DnsSearch"),
    "memory": lambda written, shape: _limit("MemoryBytes", "--limit-memory", shape["HostConfig"]["Memory"], written),
    "memory_reservation": _memory_reservation,
    "memory_swap": _not("memory_swap", "a swarm has no such limit"),
    "cpus": lambda cpus, shape: _limit("NanoCPUs", "--limit-cpu", shape["HostConfig"]["NanoCpus"], f"{cpus:g}"),
    "cpu_shares": _not("cpu_shares", "a swarm has no shares: set cpus"),
    "cpuset_cpus": _not("cpuset_cpus", "the CPUs of one node are not those of another: set cpus"),
    "pids_limit": _pids_limit,
    "ulimits": _ulimits,
    "user": lambda user, _shape: container_part("User", ["--user", user], user),
    "groups": _names("Groups", "--group", "GroupAdd"),
    "init": lambda on, _shape: container_part("Init", [f"--init={'true' if on else 'false'}"], on),
    "read_only": lambda _on, _shape: container_part("ReadOnly", ["--read-only"], True),
    "capabilities": _names("CapabilityAdd", "--cap-add", "CapAdd"),
    "cap_drop": _names("CapabilityDrop", "--cap-drop", "CapDrop"),
    "security_opts": _not("security_opts", "engines before 25.0 ignore it on a swarm, and do not say so"),
    "log_driver": _logging,
    "log_options": _logging,
    "labels": _labels,
    "etc_hosts": _etc_hosts,
    "healthcheck": _healthcheck,
    "restart_policy": _not("restart_policy", "the option reschedule says whether an instance is started again"),
    "auto_remove": _not("auto_remove", "what has ended stays there in any case until the next run"),
    "stop_signal": lambda signal, shape: container_part("StopSignal", ["--stop-signal", signal], shape["StopSignal"]),
    "stop_timeout": _stop_timeout,
}
# Those that add something at their default, too.
_ALWAYS = ("etc_hosts", "stop_timeout")


def parts(options: t.Mapping[str, t.Any], shape: Shape) -> list[Part]:
    """What the options add to a service.

    :param shape: of the container, made from the same options.
    :raises EventoError: a swarm cannot have one of them.
    """
    found: list[Part] = []
    for name, convert in TABLE.items():
        unused = options[name] in (None, [], {}) or options[name] == CONTAINER_ARGS[name].get("default", ...)
        twice = name == "log_options" and options["log_driver"]
        if name in _ALWAYS or not (unused or twice):
            found.append(convert(options[name], shape))
    return found


def merged(parts_of_it: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """Objects put together, key by key; lists one behind the other."""
    whole: dict[str, t.Any] = {}
    for part in parts_of_it:
        for key, value in part.items():
            if isinstance(value, dict):
                whole[key] = merged([whole.get(key, {}), value])
            elif isinstance(value, list):
                whole[key] = [*whole.get(key, []), *value]
            else:
                whole[key] = value
    return whole
