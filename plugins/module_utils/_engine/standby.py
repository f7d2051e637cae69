# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container that can be started in place of another that is about to go.

A stopped instance removes itself, and its volumes with it. A container that was created with the same volumes keeps
them: the engine removes no volume that any container uses. So the JAR survives, and no token is needed again.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._container import labels as label

# What the engine made up itself for the one container; none of our options sets a host name.
_OF_ITS_OWN = ("Hostname", "Domainname", "Image")
_NO_NETWORKS = ("default", "bridge", "host", "none")
_SUFFIX = re.compile(r"\.[0-9a-f]{12}\.standby\Z")


def standby_name(name: str, container_id: str) -> str:
    """The name of the container that keeps what is needed to start an instance again.

    Runs that replace the same instance take the same name, so that only one of them creates it; nobody else would.
    """
    return f"{name}.{container_id[:12]}.standby"


def original_name(name: str) -> str:
    """The name of the instance that a standby is for; that of any other container as it is."""
    return _SUFFIX.sub("", name)


def copied_config(details: dict[str, t.Any], standby_of: str = "") -> tuple[dict[str, t.Any], list[dict[str, t.Any]]]:
    """The body of the create call for a container like another, with its volumes.

    :param details: the engine's answer to an inspection of that one.
    :param standby_of: the id of the container that the copy is to stand by for; empty where it is an instance.
    :returns: the body, and name and aliases of each network to connect it to after that.
    """
    container_id, config, host_config = details["Id"], details["Config"], details["HostConfig"]
    networks = {
        name: [alias for alias in given.get("Aliases") or [] if not container_id.startswith(alias)]
        for name, given in details["NetworkSettings"]["Networks"].items()
        if name not in _NO_NETWORKS
    }
    labels = {name: value for name, value in config["Labels"].items() if name != label.STANDBY_OF}
    if not standby_of and label.STANDBY_OF in config["Labels"]:
        # By this the standby shows as one that is not needed any more.
        labels[label.REPLACES] = config["Labels"][label.STANDBY_OF]
    body = {
        **{key: value for key, value in config.items() if key not in _OF_ITS_OWN},
        # The name of the image may mean another image by now.
        "Image": details["Image"],
        "Labels": {**labels, label.STANDBY_OF: standby_of} if standby_of else labels,
        "HostConfig": {
            **host_config,
            "VolumesFrom": [container_id],
            # Podman tells of RLIMIT_NOFILE and takes nofile.
            "Ulimits": [
                {**one, "Name": one["Name"].lower().removeprefix("rlimit_")} for one in host_config.get("Ulimits") or []
            ],
        },
    }
    first = host_config["NetworkMode"]
    if first in networks:
        body["NetworkingConfig"] = {"EndpointsConfig": {first: {"Aliases": networks.pop(first)}}}
    return body, [{"name": name, "aliases": aliases} for name, aliases in networks.items()]
