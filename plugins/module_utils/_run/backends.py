# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the option backend chooses. What is not chosen is not imported."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._apply.backend import Backend
from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.bundle import Bundle
from ansible_collections.evento.docker.plugins.module_utils._container.slug import slug
from ansible_collections.evento.docker.plugins.module_utils._container.spec import ContainerSpec, container_spec

Connect = t.Callable[[t.Mapping[str, t.Any]], t.Any]

_SWARM = "swarm"


def make_backend(params: t.Mapping[str, t.Any], connect: Connect, clean: t.Callable[[str], str] = str) -> Backend:
    """The backend that the options name, connected.

    :param params: the module's options.
    :param connect: makes the SDK's client for the engine, or the manager, that options name.
    :param clean: takes secrets out of the words of others.
    :raises EventoError: there is nobody to talk to.
    """

    def connected(asked: t.Mapping[str, t.Any]) -> t.Any:
        api = connect(asked)
        if params["repository"] and params["username"]:
            from ansible_collections.evento.docker.plugins.module_utils._engine.logins import log_in

            log_in(api, params["repository"], params["username"], params["password"])
        return api

    if params["backend"] == _SWARM:
        from ansible_collections.evento.docker.plugins.module_utils._swarm.managers import connect_manager
        from ansible_collections.evento.docker.plugins.module_utils._swarm.swarm import Swarm

        return Swarm(connect_manager(params, connected), clean)
    if params["managers"]:
        raise EventoError("managers: needs backend: swarm, which has managers.", INVALID_INPUT)
    from ansible_collections.evento.docker.plugins.module_utils._engine.engine import Engine

    return Engine(connected(params), clean)


def make_spec(bundle: Bundle, params: t.Mapping[str, t.Any]) -> ContainerSpec:
    """What an instance must look like.

    :param params: the module's options.
    :raises EventoError: an option is not usable.
    """
    container = container_spec(bundle, params, params["token"])
    if params["backend"] != _SWARM:
        if params["constraints"]:
            raise EventoError("constraints: needs backend: swarm, which has nodes to choose from.", INVALID_INPUT)
        return container
    from ansible_collections.evento.docker.plugins.module_utils._swarm.spec import service_spec

    return service_spec(container, params)


def make_slug(bundle_id: str, backend: str) -> str:
    """The part of an instance's name that stands for a bundle."""
    if backend != _SWARM:
        return slug(bundle_id)
    from ansible_collections.evento.docker.plugins.module_utils._swarm.names import service_slug

    return service_slug(bundle_id)
