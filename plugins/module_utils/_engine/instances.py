# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an entry of the engine's container list to an Instance."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._bundle.instant import parse_instant
from ansible_collections.evento.docker.plugins.module_utils._container import labels as label
from ansible_collections.evento.docker.plugins.module_utils._container.slug import slot_in, slug
from ansible_collections.evento.docker.plugins.module_utils._engine.standby import original_name
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance, Port

# The engine tells health and exit code in the list call only in words: moby container/state.go, State.String.
_HEALTH = re.compile(r"\((?:health: )?(healthy|unhealthy|starting)\)")
_EXIT_CODE = re.compile(r"Exited \((\d+)\)")
# Podman's own words, in Docker's; one that it calls unknown is about to go.
_STATES = {"initialized": "created", "stopped": "exited", "unknown": "removing"}


def read_instance(entry: dict[str, t.Any], age: float) -> Instance:
    """One container with our labels.

    :param entry: of the Engine API's ContainerList answer.
    :param age: seconds since it was created.
    """
    labels = entry["Labels"]
    # A link adds a name of the form /other/alias.
    names = sorted((name.lstrip("/") for name in entry["Names"] or []), key=len)
    name = names[0] if names else entry["Id"][:12]
    bundle_id = labels.get(label.BUNDLE, "")
    grace = labels.get(label.GRACE, "")
    health, exit_code = (pattern.search(entry.get("Status", "")) for pattern in (_HEALTH, _EXIT_CODE))
    return Instance(
        id=entry["Id"],
        name=name,
        bundle_id=bundle_id,
        slot=slot_in(original_name(name), slug(bundle_id)),
        state=_STATES.get(entry["State"], entry["State"]),
        health=health.group(1) if health else None,
        version=labels.get(label.VERSION, ""),
        updated_at=parse_instant(labels.get(label.UPDATED_AT)),
        spec=labels.get(label.SPEC, ""),
        created_at=entry["Created"],
        age=age,
        replaces=labels.get(label.REPLACES, ""),
        standby_of=labels.get(label.STANDBY_OF, ""),
        grace=int(grace) if grace.isdecimal() else 0,
        exit_code=int(exit_code.group(1)) if exit_code else None,
        project=labels.get(label.PROJECT, label.DEFAULT_PROJECT),
        ports=tuple(_ports(entry.get("Ports") or [])),
        addresses=tuple(_addresses(entry.get("NetworkSettings") or {})),
    )


def _ports(listed: list[dict[str, t.Any]]) -> list[Port]:
    published = [
        Port(one.get("IP", ""), one["PublicPort"], one["PrivatePort"], one["Type"])
        for one in listed
        if one.get("PublicPort")
    ]
    return sorted(published, key=lambda port: (port.container_port, port.protocol, port.host_ip, port.host_port))


def _addresses(settings: dict[str, t.Any]) -> list[tuple[str, str]]:
    networks = settings.get("Networks") or {}
    # What does not run, and what uses the host's network, has none.
    return sorted((name, address) for name, given in networks.items() if (address := given.get("IPAddress")))
