# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Choosing a manager that can be asked."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._base.errors import (
    ENGINE_UNREACHABLE,
    EngineError,
    EventoError,
)
from ansible_collections.evento.docker.plugins.module_utils._swarm.calls import Calls

Connect = t.Callable[[t.Mapping[str, t.Any]], t.Any]


def connect_manager(params: t.Mapping[str, t.Any], connect: Connect) -> t.Any:
    """The client for the first manager that works, of docker_host and managers.

    Where there is none, the first that answers at all: its swarm may be about to find a new leader, and its calls wait
    for that.

    :param params: the module's options.
    :param connect: makes the SDK's client for the engine that options name.
    :raises EventoError: no manager can be reached.
    """
    if not params["managers"]:
        return connect(params)
    answering: list[t.Any] = []
    faults: list[str] = []
    for host in dict.fromkeys([params["docker_host"], *params["managers"]]):
        try:
            api = connect({**params, "docker_host": host})
            fault = Calls(api).fault()
        except EngineError as exc:
            faults.append(str(exc))
            continue
        if not fault:
            return api
        faults.append(f"{host}: {fault}.")
        answering.append(api)
    if answering:
        return answering[0]
    raise EventoError(f"No manager of the swarm can be reached. {' '.join(faults)}", ENGINE_UNREACHABLE)
