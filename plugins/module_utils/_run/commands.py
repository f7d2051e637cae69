# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The docker commands that do the same as the actions of a run."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._container.spec import ContainerSpec
from ansible_collections.evento.docker.plugins.module_utils._engine.engine import Engine
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Action
from ansible_collections.evento.docker.plugins.module_utils._run.report import command_lines


class Commands:
    """Commands for the instances of one bundle.

    :param container: what is started; None where nothing is.
    :param stop_timeout: seconds between SIGTERM and SIGKILL.
    """

    def __init__(self, engine: Engine, container: ContainerSpec | None, stop_timeout: int) -> None:
        self._engine = engine
        self._container = container
        self._stop_timeout = stop_timeout
        self._removes_itself: dict[str, bool] = {}

    def of(self, action: Action) -> list[str]:
        """Those for one action."""
        removes_itself = action.what == "stop" and self._goes_by_itself(action)
        return command_lines(action, self._container, self._stop_timeout, removes_itself)

    def of_all(self, actions: t.Iterable[Action]) -> t.Iterator[str]:
        """Those for all, with the download of the JAR before it is needed."""
        download = self._container.download_commands() if self._container else []
        for action in actions:
            if action.what == "start":
                yield from download
                download = []
            yield from self.of(action)

    def _goes_by_itself(self, action: Action) -> bool:
        """Whether the engine removes what an action stops; once it is gone, nobody could tell."""
        known = self._removes_itself
        if action.container_id not in known:
            known[action.container_id] = self._engine.removes_itself(action.container_id, action.which)
        return known[action.container_id]
