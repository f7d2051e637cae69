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
from signal import Signals

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.json import Place, from_python, kind
from ansible_collections.evento.docker.plugins.module_utils._container import networking, resources, storage
from ansible_collections.evento.docker.plugins.module_utils._container.piece import Piece, repeated
from ansible_collections.evento.docker.plugins.module_utils._container.values import (
    filled,
    nanoseconds,
    plain_text,
    plain_texts,
    unordered,
    unusable,
)

_SIGNAL = re.compile(r"(?P<number>\d{1,2})|(?:SIG)?(?P<name>[A-Z][A-Z0-9]*)(?P<offset>[+-]\d{1,2})?", re.ASCII)
_LAST_SIGNAL = 64


def restart_policy(options: t.Mapping[str, t.Any]) -> Piece:
    policy = options["restart_policy"]
    if policy == "no":
        return Piece({}, {"AutoRemove": True}, ["--rm"]) if options["auto_remove"] else Piece({}, {}, [])
    if options["artifact"] == "url":
        raise EventoError(
            f"restart_policy: {policy} needs artifact: copy or image, or the container might download again with a"
            " token that has ended: set artifact to one of them, or restart_policy to no.",
            INVALID_INPUT,
        )
    # The engine refuses self-removal together with a restart policy.
    return Piece({}, {"RestartPolicy": {"Name": policy}}, ["--restart", policy])


def _stop_timeout(seconds: int) -> Piece:
    if seconds < 0:
        raise unusable("stop_timeout", str(seconds), "a number of seconds from 0")
    return Piece({"StopTimeout": seconds}, {}, ["--stop-timeout", str(seconds)])


def _stop_signal(signal: str) -> Piece:
    number = _signal_number(signal)
    if not 0 < number <= _LAST_SIGNAL:
        raise unusable("stop_signal", signal, "a signal, as SIGINT or 2")
    names = {int(known): known.name for known in Signals}
    return Piece({"StopSignal": names.get(number, str(number))}, {}, ["--stop-signal", signal])


def _signal_number(signal: str) -> int:
    """The number of a signal such as SIGINT, int, 2 or SIGRTMIN+3; 0 where there is none."""
    match = _SIGNAL.fullmatch(signal.upper())
    if not match:
        return 0
    if match["number"]:
        return int(match["number"])
    known = Signals.__members__.get(f"SIG{match['name']}")
    return known + int(match["offset"] or 0) if known else 0


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


def _groups(groups: list[str]) -> Piece:
    names = [filled(f"groups[{index}]", group) for index, group in enumerate(groups)]
    return Piece({}, {"GroupAdd": unordered(names)}, repeated("--group-add", names))


def _capabilities(names: list[str]) -> list[str]:
    return unordered(name.upper().removeprefix("CAP_") for name in names)


def _security_option(option: str) -> str:
    # The engine takes a colon, too, as it did in old times.
    written = option if "=" in option else option.replace(":", "=", 1)
    return "no-new-privileges" if written == "no-new-privileges=true" else written


CONVERTERS: dict[str, t.Callable[[t.Any], Piece]] = {
    "networks": networking.networks,
    "network_mode": lambda mode: Piece({}, {"NetworkMode": mode}, ["--network", mode]),
    "published_ports": networking.published_ports,
    "volumes": storage.volumes,
    "tmpfs": storage.tmpfs,
    "hostname": lambda name: Piece({"Hostname": filled("hostname", name)}, {}, ["--hostname", name]),
    "dns_servers": networking.dns_servers,
    "dns_search_domains": networking.dns_search_domains,
    "memory": resources.memory,
    "memory_reservation": resources.memory_reservation,
    "memory_swap": resources.memory_swap,
    "cpus": resources.cpus,
    "cpu_shares": resources.cpu_shares,
    "cpuset_cpus": resources.cpuset_cpus,
    "pids_limit": resources.pids_limit,
    "ulimits": resources.ulimits,
    "user": lambda user: Piece({"User": user}, {}, ["--user", user]),
    "groups": _groups,
    "init": lambda on: Piece({}, {"Init": on}, ["--init" if on else "--init=false"]),
    "read_only": lambda on: Piece({}, {"ReadonlyRootfs": True}, ["--read-only"]) if on else Piece({}, {}, []),
    "capabilities": lambda caps: Piece({}, {"CapAdd": _capabilities(caps)}, [f"--cap-add={cap}" for cap in caps]),
    "cap_drop": lambda caps: Piece({}, {"CapDrop": _capabilities(caps)}, [f"--cap-drop={cap}" for cap in caps]),
    "security_opts": lambda opts: Piece(
        {}, {"SecurityOpt": unordered(map(_security_option, opts))}, [f"--security-opt={opt}" for opt in opts]
    ),
    "labels": _labels,
    "healthcheck": _healthcheck,
    "stop_signal": _stop_signal,
    "stop_timeout": _stop_timeout,
}
