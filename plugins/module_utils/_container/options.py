# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The container options: their types, and how they become a container together."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.json import (
    is_plain_text,
    walk,
)
from ansible_collections.evento.docker.plugins.module_utils._container.converters import (
    CONVERTERS,
    logging,
    restart_policy,
)
from ansible_collections.evento.docker.plugins.module_utils._container.networking import etc_hosts
from ansible_collections.evento.docker.plugins.module_utils._container.piece import Piece
from ansible_collections.evento.docker.plugins.module_utils._container.resources import check_memory
from ansible_collections.evento.docker.plugins.module_utils._container.values import unordered

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
    "tmpfs": {"type": "list", "elements": "str"},
    "hostname": {"type": "str"},
    "dns_servers": {"type": "list", "elements": "str"},
    "dns_search_domains": {"type": "list", "elements": "str"},
    "memory": {"type": "str"},
    "memory_reservation": {"type": "str"},
    "memory_swap": {"type": "str"},
    "cpus": {"type": "float"},
    "cpu_shares": {"type": "int"},
    "cpuset_cpus": {"type": "str"},
    "pids_limit": {"type": "int"},
    "ulimits": {"type": "list", "elements": "str"},
    "user": {"type": "str"},
    "groups": {"type": "list", "elements": "str"},
    "init": {"type": "bool"},
    "read_only": {"type": "bool", "default": False},
    "capabilities": {"type": "list", "elements": "str"},
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
    "stop_signal": {"type": "str"},
    "stop_timeout": {"type": "int", "default": 30},
}

# Those whose text goes to the engine or into a command.
_TEXT_OPTIONS = (*CONTAINER_ARGS, "project", "image", "env", "server_url")


def pieces(options: t.Mapping[str, t.Any]) -> list[Piece]:
    """Convert the options of CONTAINER_ARGS.

    :param options: their values, and that of artifact.
    :raises EventoError: a value is not usable; the text names the option.
    """
    converted = [restart_policy(options), etc_hosts(options), *_given(options)]
    check_memory(options)
    return converted


def further_networks(options: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Name and aliases of each network beyond the first, which is in the configuration."""
    further = [{"name": one["name"], "aliases": unordered(one["aliases"])} for one in (options["networks"] or [])[1:]]
    return sorted(further, key=lambda network: str(network["name"]))


def check_texts(options: t.Mapping[str, t.Any]) -> None:
    """See to it that the engine can be given what stands in the options.

    :raises EventoError: a text in there is none for a program; the text has its path.
    """
    for place, value in walk({name: options[name] for name in _TEXT_OPTIONS if options[name]}):
        for text in (place.step if place else None, value):
            if isinstance(text, str) and not is_plain_text(text):
                raise EventoError(f"{place}: expected Unicode text without NUL characters.", INVALID_INPUT)


def _given(options: t.Mapping[str, t.Any]) -> t.Iterator[Piece]:
    for name, convert in CONVERTERS.items():
        value = options[name]
        if value not in (None, [], {}):
            yield convert(value)
    if options["log_driver"] or options["log_options"]:
        yield logging(options["log_driver"], options["log_options"] or {})
