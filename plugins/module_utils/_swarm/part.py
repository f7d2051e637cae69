# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one option adds to a service."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError

Shape = t.Mapping[str, t.Any]


class Part(t.NamedTuple):
    """What one option adds.

    :param task: to the TaskTemplate of the service's specification.
    :param flags: to the docker service create command.
    :param service: to the specification itself.
    """

    task: dict[str, t.Any]
    flags: list[str]
    service: dict[str, t.Any] | None = None


def container_part(key: str, flags: list[str], value: t.Any) -> Part:
    """What goes to the ContainerSpec under a key."""
    return Part({"ContainerSpec": {key: value}}, flags)


def refused(option: str, why: str) -> EventoError:
    """The error for what a swarm cannot have."""
    return EventoError(f"{option}: not with backend: swarm, because {why}.", INVALID_INPUT)


def escaped(text: str) -> str:
    """A text that stays as it is where a swarm would evaluate it: in variables, mounts and host names.

    https://docs.docker.com/engine/swarm/services/#create-services-using-templates
    """
    return text.replace("{{", '{{"{{"}}')
