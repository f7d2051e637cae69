# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""Container options: each one as the Docker Engine API and as the docker command take it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._json import (
    Number,
    Place,
    from_python,
    is_plain_text,
    kind,
    scalar_text,
    walk,
)

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

# Those whose text goes to the engine or into a command.
_TEXT_OPTIONS = (*CONTAINER_ARGS, "image", "env", "server_url")

# [address:][host port or range:]container port[/protocol], as docker run --publish takes it.
_PORT = re.compile(
    r"(?:(?:(?P<ip>\[[0-9a-fA-F:.]+\]|[0-9.]+):)?(?:(?P<first>\d{1,5})(?:-(?P<last>\d{1,5}))?)?:)?"
    r"(?P<port>\d{1,5})(?:/(?P<protocol>tcp|udp|sctp))?",
    re.ASCII,
)
_LAST_PORT = 65535
_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,7})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9})ms)?", re.ASCII)
# As docker run --memory takes it: all units are powers of 1024.
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,9})?) ?([kmgtp]?)i?b?", re.ASCII | re.IGNORECASE)
_UNITS = ("", "k", "m", "g", "t", "p")
# The engine's numbers have 64 bits.
_TOO_MUCH = 2**63
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


def pieces(options: t.Mapping[str, t.Any]) -> list[Piece]:
    """Convert the options of CONTAINER_ARGS.

    :param options: their values, and that of artifact.
    :raises EventoError: a value is not usable; the text names the option.
    """
    return [_restart(options), _hosts(options), *_given(options)]


def further_networks(options: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Name and aliases of each network beyond the first, which is in the configuration."""
    further = [{"name": one["name"], "aliases": _unordered(one["aliases"])} for one in (options["networks"] or [])[1:]]
    return sorted(further, key=lambda network: str(network["name"]))


def plain_texts(option: str, values: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The values of an option that is an object, as text: booleans and numbers as in a bundle.

    :raises EventoError: a value is null, an array or an object; the text has its path.
    """
    return {name: _plain_text(Place(Place(None, option), name), value) for name, value in values.items()}


def check_texts(options: t.Mapping[str, t.Any]) -> None:
    """See to it that the engine can be given what stands in the options.

    :raises EventoError: a text in there is none for a program; the text has its path.
    """
    for place, value in walk({name: options[name] for name in _TEXT_OPTIONS}):
        for text in (place.step if place else None, value):
            if isinstance(text, str) and not is_plain_text(text):
                raise EventoError(f"{place}: expected Unicode text without NUL characters.", INVALID_INPUT)


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
    endpoints = {first["name"]: {"Aliases": _unordered(first["aliases"])}}
    return Piece({"NetworkingConfig": {"EndpointsConfig": endpoints}}, {"NetworkMode": first["name"]}, flags)


def _check_filled(path: str, name: str) -> None:
    # Ansible makes an empty text of null. The engine would find out only once the instance is to start.
    if not name:
        raise _unusable(path, "an empty one", "a name")


def _ports(ports: list[str]) -> Piece:
    bindings: dict[str, set[tuple[str, str]]] = {}
    for entry in ports:
        match = _PORT.fullmatch(entry)
        if not match:
            raise _unusable("published_ports", entry, "[address:][host port:]container port, as in 127.0.0.1:8080:80")
        port, first = int(match["port"]), int(match["first"] or 0)
        last = int(match["last"] or first)
        if not first <= last <= _LAST_PORT or port > _LAST_PORT:
            raise _unusable("published_ports", entry, f"ports up to {_LAST_PORT}, a range from low to high")
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
            raise _unusable("volumes", entry, "[source:]/target[:mode], as in /srv/data:/data:ro")
    anonymous: dict[str, t.Any] = {entry: {} for entry in volumes if ":" not in entry}
    binds = _unordered(_bind(entry) for entry in volumes if ":" in entry)
    flags = [flag for entry in volumes for flag in ("--volume", entry)]
    return Piece({"Volumes": anonymous} if anonymous else {}, {"Binds": binds} if binds else {}, flags)


def _bind(volume: str) -> str:
    source, target, *modes = volume.split(":")
    # rw is what holds without a mode.
    given = sorted({mode for text in modes for mode in text.split(",")} - {"rw"})
    return ":".join([source, target, *([",".join(given)] if given else [])])


def _memory(memory: str) -> Piece:
    match = _SIZE.fullmatch(memory)
    size = round(float(match[1]) * 1024 ** _UNITS.index(match[2].lower())) if match else 0
    if not 0 < size < _TOO_MUCH:
        raise _unusable("memory", memory, "a size such as 512M")
    return Piece({}, {"Memory": size}, ["--memory", memory])


def _cpus(cpus: float) -> Piece:
    # Not a number is neither more nor less than anything.
    if not 0 < cpus < _TOO_MUCH / 10**9:
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
    texts = plain_texts("labels", labels)
    flags = [flag for name, value in sorted(texts.items()) for flag in ("--label", f"{name}={value}")]
    return Piece({"Labels": texts}, {}, flags)


def _logging(driver: str | None, options: dict[str, t.Any]) -> Piece:
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
        words = [_plain_text(Place(place, index), word) for index, word in enumerate(test)]
        config["Test"], command = words, " ".join(words[1:])
    else:
        got = "another list" if isinstance(test, list) else kind(from_python(test))
        raise _unusable("healthcheck.test", got, "a command, or a list that starts with CMD, CMD-SHELL or NONE")
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
    match = _DURATION.fullmatch(duration)
    if not duration or not match:
        raise _unusable(f"healthcheck.{name}", duration, "a duration such as 1m30s")
    hours, minutes, seconds, millis = (float(group or 0) for group in match.groups())
    return round(((hours * 60 + minutes) * 60 + seconds) * 10**9 + millis * 10**6)


def _plain_text(place: Place, value: t.Any) -> str:
    scalar = from_python(value)
    if isinstance(scalar, str):
        return scalar
    if not isinstance(scalar, (bool, int, Number)):
        raise _unusable(str(place), kind(scalar), "a plain value")
    return scalar_text(scalar)


def _unordered(values: t.Iterable[str] | None) -> list[str]:
    """What is a set to the engine, in an order that says nothing."""
    return sorted(set(values or ()))


def _capability(name: str) -> str:
    return name.upper().removeprefix("CAP_")


def _security_option(option: str) -> str:
    # The engine takes a colon, too, as it did in old times.
    written = option if "=" in option else option.replace(":", "=", 1)
    return "no-new-privileges" if written == "no-new-privileges=true" else written


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
    "cap_drop": lambda caps: Piece(
        {}, {"CapDrop": _unordered(map(_capability, caps))}, [f"--cap-drop={cap}" for cap in caps]
    ),
    "security_opts": lambda opts: Piece(
        {}, {"SecurityOpt": _unordered(map(_security_option, opts))}, [f"--security-opt={opt}" for opt in opts]
    ),
    "labels": _labels,
    "healthcheck": _healthcheck,
    "stop_timeout": _stop_timeout,
}
