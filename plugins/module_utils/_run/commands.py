# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The docker commands that do the same as the actions of a run."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.evento.docker.plugins.module_utils._apply.backend import Backend
from ansible_collections.evento.docker.plugins.module_utils._container.spec import ContainerSpec
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Action
from ansible_collections.evento.docker.plugins.module_utils._run.built_image import BuiltImage


class Commands:
    """Commands for the instances of one bundle.

    :param stop_timeout: seconds between SIGTERM and SIGKILL.
    """

    def __init__(self, engine: Backend, container: ContainerSpec | None, stop_timeout: int) -> None:
        self._engine = engine
        self._container = container
        self._built: BuiltImage | None = None
        self._stop_timeout = stop_timeout

    def set_container(self, container: ContainerSpec, built: BuiltImage | None) -> None:
        """Tell what is started, once that is known.

        :param built: the image with the JAR that it runs; None where the JAR is not in an image.
        """
        self._container = replace(container, image=built.name) if built else container
        self._built = built

    def of(self, action: Action) -> list[str]:
        """Those for one action."""
        if action.slot and self._container:
            return self._container.commands(action.which, action.slot)
        return self._engine.commands(action.what, action.container_id, action.which, self._stop_timeout)

    def of_delivery(self) -> list[str]:
        """Those that bring the JAR to where instances take it from."""
        if self._container is None or (self._built and self._built.found):
            return []
        return [*self._container.download_commands(), *(self._built.commands() if self._built else ())]

    def of_all(self, actions: t.Iterable[Action]) -> t.Iterator[str]:
        """Those for all, with the delivery of the JAR before it is needed."""
        delivered = False
        for action in actions:
            if action.what == "start" and not delivered:
                yield from self.of_delivery()
                delivered = True
            yield from self.of(action)
