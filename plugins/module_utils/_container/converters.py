# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each container option adds to the container and to the docker run command.

A value is brought to one form whichever way it is written, and a list that is a set to Docker to one order: what is the
same to Docker is the same to the fingerprint.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.json import Place, from_python, kind
from ansible_collections.evento.docker.plugins.module_utils._container.values import (
    TOO_MUCH,
    byte_size,
    nanoseconds,
    plain_text,
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


class Piece(t.NamedTuple):
    """What one option adds.

    The engine's part is the same for each way to write the same thing, and sorted where order means nothing: the
    fingerprint is made of it. The command shows what the user wrote.

    :param config: to the container's configuration.
    :param host_config: to its HostConfig.
    :param flags: to the docker run command.
    """

    config: dict[str, t.Any]
    host_config: dict[str, t.Any]
    flags: list[str]


def restart_policy(options: t.Mapping[str, t.Any]) -> Piece:
    policy = options["restart_policy"]
    if policy == "no":
        return Piece({}, {"AutoRemove": True}, ["--rm"]) if options["auto_remove"] else Piece({}, {}, [])
    if options["artifact"] != "copy":
        raise EventoError(
            f"restart_policy: {policy} needs artifact: copy, or the image might download again with a token that has"
            " ended: set artifact to copy, or restart_policy to no.",
            INVALID_INPUT,
        )
    # The engine refuses self-removal together with a restart policy.
    return Piece({}, {"RestartPolicy": {"Name": policy}}, ["--restart", policy])


def etc_hosts(options: t.Mapping[str, t.Any]) -> Piece:
    hosts = plain_texts("etc_hosts", options["etc_hosts"] or {})
    if not (options["network_mode"] or "").startswith("container:"):
        # On Linux the name does not resolve by itself.
        hosts.setdefault(_GATEWAY_NAME, "host-gateway")
    entries = [f"{name}:{address}" for name, address in sorted(hosts.items())]
    return Piece({}, {"ExtraHosts": entries}, [flag for entry in entries for flag in ("--add-host", entry)])


def _networks(networks: list[dict[str, t.Any]]) -> Piece:
    flags = []
    for index, network in enumerate(networks):
        _check_filled(f"networks[{index}].name", network["name"])
        for at, alias in enumerate(network["aliases"] or []):
            _check_filled(f"networks[{index}].aliases[{at}]", alias)
        aliases = [f"alias={alias}" for alias in network["aliases"] or []]
        flags += ["--network", ",".join([f"name={network['name']}", *aliases]) if aliases else network["name"]]
    first = networks[0]
    endpoints = {first["name"]: {"Aliases": unordered(first["aliases"])}}
    return Piece({"NetworkingConfig": {"EndpointsConfig": endpoints}}, {"NetworkMode": first["name"]}, flags)


def _check_filled(path: str, name: str) -> None:
    # Ansible makes an empty text of null. The engine would find out only once the instance is to start.
    if not name:
        raise unusable(path, "an empty one", "a name")


def _ports(ports: list[str]) -> Piece:
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
    flags = [flag for entry in ports for flag in ("--publish", entry)]
    port_bindings = {
        port: [{"HostIp": address, "HostPort": host_port} for address, host_port in sorted(places)]
        for port, places in bindings.items()
    }
    return Piece({"ExposedPorts": {port: {} for port in bindings}}, {"PortBindings": port_bindings}, flags)


def _volumes(volumes: list[str]) -> Piece:
    for entry in volumes:
        parts = entry.split(":")
        target = parts[0] if len(parts) == 1 else parts[1]
        if len(parts) > 3 or not all(parts) or not target.startswith("/"):
            raise unusable("volumes", entry, "[source:]/target[:mode], as in /srv/data:/data:ro")
    anonymous: dict[str, t.Any] = {entry: {} for entry in volumes if ":" not in entry}
    binds = unordered(_bind(entry) for entry in volumes if ":" in entry)
    flags = [flag for entry in volumes for flag in ("--volume", entry)]
    return Piece({"Volumes": anonymous} if anonymous else {}, {"Binds": binds} if binds else {}, flags)


def _bind(volume: str) -> str:
    source, target, *modes = volume.split(":")
    # rw is what holds without a mode.
    given = sorted({mode for text in modes for mode in text.split(",")} - {"rw"})
    return ":".join([source, target, *([",".join(given)] if given else [])])


def _memory(memory: str) -> Piece:
    return Piece({}, {"Memory": byte_size("memory", memory)}, ["--memory", memory])


def _cpus(cpus: float) -> Piece:
    # Not a number is neither more nor less than anything.
    if not 0 < cpus < TOO_MUCH / 10**9:
        raise unusable("cpus", f"{cpus:g}", "a number above 0, such as 1.5")
    return Piece({}, {"NanoCpus": round(cpus * 10**9)}, ["--cpus", f"{cpus:g}"])


def _stop_timeout(seconds: int) -> Piece:
    if seconds < 0:
        raise unusable("stop_timeout", str(seconds), "a number of seconds from 0")
    return Piece({"StopTimeout": seconds}, {}, ["--stop-timeout", str(seconds)])


def _labels(labels: dict[str, t.Any]) -> Piece:
    ours = sorted(name for name in labels if name.startswith("evento."))
    if ours:
        raise unusable("labels", ours[0], "names that do not start with evento., which are the collection's own")
    texts = plain_texts("labels", labels)
    flags = [flag for name, value in sorted(texts.items()) for flag in ("--label", f"{name}={value}")]
    return Piece({"Labels": texts}, {}, flags)


def logging(driver: str | None, options: dict[str, t.Any]) -> Piece:
    texts = plain_texts("log_options", options)
    flags = ["--log-driver", driver] if driver else []
    flags += [flag for name, value in sorted(texts.items()) for flag in ("--log-opt", f"{name}={value}")]
    return Piece({}, {"LogConfig": {"Type": driver or "", "Config": texts}}, flags)


def _healthcheck(check: dict[str, t.Any]) -> Piece:
    test = check["test"]
    config: dict[str, t.Any] = {}
    if test in ("NONE", ["NONE"]):
        return Piece({"Healthcheck": {"Test": ["NONE"]}}, {}, ["--no-healthcheck"])
    if isinstance(test, str):
        config["Test"], command = ["CMD-SHELL", test], test
    elif isinstance(test, list) and len(test) > 1 and test[0] in ("CMD", "CMD-SHELL"):
        place = Place(Place(None, "healthcheck"), "test")
        words = [plain_text(Place(place, index), word) for index, word in enumerate(test)]
        config["Test"], command = words, " ".join(words[1:])
    else:
        got = "another list" if isinstance(test, list) else kind(from_python(test))
        raise unusable("healthcheck.test", got, "a command, or a list that starts with CMD, CMD-SHELL or NONE")
    flags = ["--health-cmd", command]
    for name, key in (("interval", "Interval"), ("timeout", "Timeout"), ("start_period", "StartPeriod")):
        if check[name] is not None:
            config[key] = nanoseconds(f"healthcheck.{name}", check[name])
            flags += [f"--health-{name.replace('_', '-')}", check[name]]
    if check["retries"] is not None:
        config["Retries"] = check["retries"]
        flags += ["--health-retries", str(check["retries"])]
    return Piece({"Healthcheck": config}, {}, flags)


def _capability(name: str) -> str:
    return name.upper().removeprefix("CAP_")


def _security_option(option: str) -> str:
    # The engine takes a colon, too, as it did in old times.
    written = option if "=" in option else option.replace(":", "=", 1)
    return "no-new-privileges" if written == "no-new-privileges=true" else written


CONVERTERS: dict[str, t.Callable[[t.Any], Piece]] = {
    "networks": _networks,
    "network_mode": lambda mode: Piece({}, {"NetworkMode": mode}, ["--network", mode]),
    "published_ports": _ports,
    "volumes": _volumes,
    "memory": _memory,
    "cpus": _cpus,
    "user": lambda user: Piece({"User": user}, {}, ["--user", user]),
    "read_only": lambda _on: Piece({}, {"ReadonlyRootfs": True}, ["--read-only"]),
    "cap_drop": lambda caps: Piece(
        {}, {"CapDrop": unordered(map(_capability, caps))}, [f"--cap-drop={cap}" for cap in caps]
    ),
    "security_opts": lambda opts: Piece(
        {}, {"SecurityOpt": unordered(map(_security_option, opts))}, [f"--security-opt={opt}" for opt in opts]
    ),
    "labels": _labels,
    "healthcheck": _healthcheck,
    "stop_timeout": _stop_timeout,
}
