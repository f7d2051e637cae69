# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""Container options: each one as the Docker Engine API and as the docker command take it."""

from __future__ import annotations

import re
import typing as t

from ansible.module_utils.common.text.formatters import human_to_bytes

from ansible_collections.evento.docker.plugins.module_utils._errors import INVALID_INPUT, EventoError

# Described in plugins/modules/evento_bundle.py. Named as in community.docker.docker_container where that has the same.
CONTAINER_ARGS: dict[str, dict[str, t.Any]] = {
    "networks": {
        "type": "list",
        "elements": "dict",
        "options": {"name": {"type": "str", "required": True}, "aliases": {"type": "list", "elements": "str"}},
    },
    "network_mode": {"type": "str"},
    "published_ports": {"type": "list", "elements": "str", "aliases": ["ports"]},
    "volumes": {"type": "list", "elements": "str"},
    "memory": {"type": "str"},
    "cpus": {"type": "float"},
    "user": {"type": "str"},
    "read_only": {"type": "bool", "default": False},
    "cap_drop": {"type": "list", "elements": "str"},
    "security_opts": {"type": "list", "elements": "str"},
    "log_driver": {"type": "str"},
    "log_options": {"type": "dict"},
    "labels": {"type": "dict"},
    "etc_hosts": {"type": "dict"},
    "healthcheck": {
        "type": "dict",
        "options": {
            "test": {"type": "raw", "required": True},
            "interval": {"type": "str"},
            "timeout": {"type": "str"},
            "start_period": {"type": "str"},
            "retries": {"type": "int"},
        },
    },
    "restart_policy": {"type": "str", "default": "no", "choices": ["no", "on-failure", "always", "unless-stopped"]},
    "auto_remove": {"type": "bool", "default": True},
    "stop_timeout": {"type": "int", "default": 30},
}

# [address:][host port or range:]container port[/protocol], as docker run --publish takes it.
_PORT = (
    r"(?:(?:(?P<ip>\[[0-9a-fA-F:.]+\]|[0-9.]+):)?(?P<host>\d*(?:-\d+)?):)?(?P<port>\d+)(?:/(?P<protocol>tcp|udp|sctp))?"
)
_LAST_PORT = 65535
_DURATION = r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?"
_GATEWAY_NAME = "host.docker.internal"


class Piece(t.NamedTuple):
    """What one option adds.

    :param config: to the container's configuration.
    :param host_config: to its HostConfig.
    :param flags: to the docker run command.
    """

    config: dict[str, t.Any]
    host_config: dict[str, t.Any]
    flags: list[str]


def pieces(options: t.Mapping[str, t.Any]) -> list[Piece]:
    """Convert the options of CONTAINER_ARGS.

    :param options: their values, and that of artifact.
    :raises EventoError: a value is not usable; the text names the option.
    """
    return [_restart(options), _hosts(options), *_given(options)]


def _given(options: t.Mapping[str, t.Any]) -> t.Iterator[Piece]:
    for name, convert in _CONVERTERS.items():
        value = options[name]
        if value is not None and value is not False and value not in ([], {}):
            yield convert(value)
    if options["log_driver"] or options["log_options"]:
        yield _logging(options["log_driver"], options["log_options"] or {})


def _restart(options: t.Mapping[str, t.Any]) -> Piece:
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


def _hosts(options: t.Mapping[str, t.Any]) -> Piece:
    hosts = {name: str(address) for name, address in (options["etc_hosts"] or {}).items()}
    if not (options["network_mode"] or "").startswith("container:"):
        # On Linux the name does not resolve by itself.
        hosts.setdefault(_GATEWAY_NAME, "host-gateway")
    entries = [f"{name}:{address}" for name, address in sorted(hosts.items())]
    return Piece({}, {"ExtraHosts": entries}, [flag for entry in entries for flag in ("--add-host", entry)])


def _networks(networks: list[dict[str, t.Any]]) -> Piece:
    flags = []
    for network in networks:
        aliases = [f"alias={alias}" for alias in network["aliases"] or []]
        flags += ["--network", ",".join([f"name={network['name']}", *aliases]) if aliases else network["name"]]
    first = networks[0]
    endpoints = {first["name"]: {"Aliases": first["aliases"] or []}}
    return Piece({"NetworkingConfig": {"EndpointsConfig": endpoints}}, {"NetworkMode": first["name"]}, flags)


def _ports(ports: list[str]) -> Piece:
    bindings: dict[str, list[dict[str, str]]] = {}
    for entry in ports:
        match = re.fullmatch(_PORT, entry)
        if not match:
            raise _unusable("published_ports", entry, "[address:][host port:]container port, as in 127.0.0.1:8080:80")
        first, _dash, last = (match["host"] or "").partition("-")
        numbers = [int(number) for number in (match["port"], first, last or first) if number]
        if max(numbers) > _LAST_PORT or numbers[1:] != sorted(numbers[1:]):
            raise _unusable("published_ports", entry, f"ports up to {_LAST_PORT}, a range from low to high")
        port = f"{match['port']}/{match['protocol'] or 'tcp'}"
        binding = {"HostIp": (match["ip"] or "").strip("[]"), "HostPort": match["host"] or ""}
        bindings.setdefault(port, []).append(binding)
    flags = [flag for entry in ports for flag in ("--publish", entry)]
    return Piece({"ExposedPorts": {port: {} for port in bindings}}, {"PortBindings": bindings}, flags)


def _volumes(volumes: list[str]) -> Piece:
    for entry in volumes:
        parts = entry.split(":")
        target = parts[0] if len(parts) == 1 else parts[1]
        if len(parts) > 3 or not all(parts) or not target.startswith("/"):
            raise _unusable("volumes", entry, "[source:]/target[:mode], as in /srv/data:/data:ro")
    anonymous: dict[str, t.Any] = {entry: {} for entry in volumes if ":" not in entry}
    binds = [entry for entry in volumes if ":" in entry]
    flags = [flag for entry in volumes for flag in ("--volume", entry)]
    return Piece({"Volumes": anonymous} if anonymous else {}, {"Binds": binds} if binds else {}, flags)


def _memory(memory: str) -> Piece:
    try:
        size = human_to_bytes(memory)
    except ValueError:
        size = 0
    if size <= 0:
        raise _unusable("memory", memory, "a size such as 512M")
    return Piece({}, {"Memory": size}, ["--memory", memory])


def _cpus(cpus: float) -> Piece:
    if cpus <= 0:
        raise _unusable("cpus", f"{cpus:g}", "a number above 0, such as 1.5")
    return Piece({}, {"NanoCpus": round(cpus * 10**9)}, ["--cpus", f"{cpus:g}"])


def _stop_timeout(seconds: int) -> Piece:
    if seconds < 0:
        raise _unusable("stop_timeout", str(seconds), "a number of seconds from 0")
    return Piece({"StopTimeout": seconds}, {}, ["--stop-timeout", str(seconds)])


def _labels(labels: dict[str, t.Any]) -> Piece:
    ours = sorted(name for name in labels if name.startswith("evento."))
    if ours:
        raise _unusable("labels", ours[0], "names that do not start with evento., which are the collection's own")
    texts = {name: str(value) for name, value in labels.items()}
    flags = [flag for name, value in sorted(texts.items()) for flag in ("--label", f"{name}={value}")]
    return Piece({"Labels": texts}, {}, flags)


def _logging(driver: str | None, options: dict[str, t.Any]) -> Piece:
    texts = {name: str(value) for name, value in options.items()}
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
        config["Test"], command = [str(word) for word in test], " ".join(str(word) for word in test[1:])
    else:
        raise _unusable("healthcheck.test", str(test), "a command, or a list that starts with CMD, CMD-SHELL or NONE")
    flags = ["--health-cmd", command]
    for name, key in (("interval", "Interval"), ("timeout", "Timeout"), ("start_period", "StartPeriod")):
        if check[name] is not None:
            config[key] = _nanoseconds(name, check[name])
            flags += [f"--health-{name.replace('_', '-')}", check[name]]
    if check["retries"] is not None:
        config["Retries"] = check["retries"]
        flags += ["--health-retries", str(check["retries"])]
    return Piece({"Healthcheck": config}, {}, flags)


def _nanoseconds(name: str, duration: str) -> int:
    match = re.fullmatch(_DURATION, duration)
    if not duration or not match:
        raise _unusable(f"healthcheck.{name}", duration, "a duration such as 1m30s")
    hours, minutes, seconds, millis = (float(group or 0) for group in match.groups())
    return round(((hours * 60 + minutes) * 60 + seconds) * 10**9 + millis * 10**6)


def _unusable(option: str, value: str, expected: str) -> EventoError:
    return EventoError(f"{option}: expected {expected}, got {value}.", INVALID_INPUT)


_CONVERTERS: dict[str, t.Callable[[t.Any], Piece]] = {
    "networks": _networks,
    "network_mode": lambda mode: Piece({}, {"NetworkMode": mode}, ["--network", mode]),
    "published_ports": _ports,
    "volumes": _volumes,
    "memory": _memory,
    "cpus": _cpus,
    "user": lambda user: Piece({"User": user}, {}, ["--user", user]),
    "read_only": lambda _on: Piece({}, {"ReadonlyRootfs": True}, ["--read-only"]),
    "cap_drop": lambda caps: Piece({}, {"CapDrop": caps}, [f"--cap-drop={cap}" for cap in caps]),
    "security_opts": lambda opts: Piece({}, {"SecurityOpt": opts}, [f"--security-opt={opt}" for opt in opts]),
    "labels": _labels,
    "healthcheck": _healthcheck,
    "stop_timeout": _stop_timeout,
}
