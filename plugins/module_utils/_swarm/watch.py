# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watching an instance that starts on some node of a swarm: its task and its log."""

from __future__ import annotations

import re
import threading
import time
import typing as t
from contextlib import suppress

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EngineError, EventoError
from ansible_collections.evento.docker.plugins.module_utils._engine.watch import TAIL_LINES, Lines
from ansible_collections.evento.docker.plugins.module_utils._swarm import tasks as task_of
from ansible_collections.evento.docker.plugins.module_utils._swarm.calls import Calls
from ansible_collections.evento.docker.plugins.module_utils._swarm.faults import telling
from ansible_collections.evento.docker.plugins.module_utils._swarm.instances import replicas
from ansible_collections.evento.docker.plugins.module_utils._swarm.tasks import Task

# Between two looks at the tasks, in seconds.
_POLL = 0.25
# How long the last lines of a log may take to come, in seconds: its node may be cut off.
_TAIL_SILENCE = 3.0
# What a task's error has where its container ran: moby daemon/cluster/executor/container/errors.go, controller.go.
_EXITED, _UNHEALTHY = "non-zero exit", "unhealthy container"


class ServiceWatch:
    """Looks at a service's tasks each time that it is waited for, and reads its log in a thread of its own.

    Attributes, to be read only: reported, exited, exit_code, error, as those of _engine's Watch.

    :param node_name: the name of the node with an id.
    :param ready_log: a line in which this is found means that the instance reported itself ready.
    """

    def __init__(
        self,
        calls: Calls,
        service_id: str,
        name: str,
        node_name: t.Callable[[str], str | None],
        ready_log: re.Pattern[str],
    ) -> None:
        self.exited = False
        self.exit_code: int | None = None
        self.error: EventoError | None = None
        self._calls = calls
        self._service_id = service_id
        self._name = name
        self._node_name = node_name
        self._ready_log = ready_log
        self._task: Task | None = None
        self._runs_since: float | None = None
        self._logged = False
        self._news = threading.Event()
        threading.Thread(target=self._follow, daemon=True).start()

    @property
    def reported(self) -> bool:
        """Whether it said so in its log. The swarm hears of that sooner than that its task runs."""
        return self._logged and self._runs_since is not None

    @property
    def node(self) -> str | None:
        """The name of the node that the instance is on, or was on when it ended; None where there is none."""
        return self._node_name(self._task["NodeID"]) if self._task and self._task.get("NodeID") else None

    @property
    def hindrance(self) -> str:
        """Why it does not run, as the end of a sentence; empty where it does."""
        if self._task is None:
            return "the swarm has made no task for it yet"
        if task_of.state(self._task) == "running":
            return ""
        return f"its task is {task_of.state(self._task)}: {self._told(self._task)}"

    @property
    def ending(self) -> str:
        """How it ended, as a continuation of its name; empty where its exit code says it all."""
        if self._task is None or not task_of.is_past(self._task):
            return ""
        error = task_of.error(self._task)
        if _UNHEALTHY in error:
            return "became unhealthy"
        if task_of.state(self._task) == "complete" or _EXITED in error:
            return ""
        return f"could not be started: {self._told(self._task)}"

    @property
    def tail(self) -> list[str]:
        """The last lines of the output of the task that failed, or else runs."""
        if self._task is None:
            return []
        lines = Lines()
        tail = {"tail": str(TAIL_LINES)}
        # What came is better than nothing.
        with suppress(EngineError):
            for piece in self._calls.log(f"tasks/{self._task['ID']}", self._name, _TAIL_SILENCE, **tail):
                lines.add(piece)
        lines.end()
        return lines.last

    def running_since(self, _started: float) -> float | None:
        """Since when it has been seen running, by the monotonic clock; None where it has not."""
        return self._runs_since

    def wait(self, seconds: float) -> None:
        """Sleep until there is news, or for that long, or until the next look at the tasks is due."""
        self._news.wait(max(0.0, min(seconds, _POLL)))
        self._news.clear()
        self._look()

    def join(self, _seconds: float) -> None:
        """Look at the tasks once more."""
        self._look()

    def _told(self, task: Task) -> str:
        return telling(task_of.error(task)) or f"see docker service ps --no-trunc {self._name}"

    def _look(self) -> None:
        if self.exited:
            return
        try:
            tasks = self._calls.tasks_of(self._service_id)
            ended = task_of.first_end(tasks)
            self._task = ended or task_of.newest(tasks) or self._task
            if ended is not None:
                self.exit_code = task_of.exit_code(ended)
            self.exited = ended is not None or (not tasks and self._is_stopped())
        except EventoError as exc:
            self.error = exc
            return
        if self._runs_since is None and any(task_of.state(task) == "running" for task in tasks):
            self._runs_since = time.monotonic()

    def _is_stopped(self) -> bool:
        service = self._calls.service(self._service_id, self._name)
        return service is None or replicas(service) == 0

    def _follow(self) -> None:
        while not (self._logged or self.exited or self.error):
            try:
                lines = Lines()
                for piece in self._calls.log(f"services/{self._service_id}", self._name, follow="1"):
                    if any(self._ready_log.search(line) for line in lines.add(piece)):
                        self._logged = True
                        self._news.set()
                        return
            except EngineError as exc:
                # A silent log is read again from its beginning: its node may have been cut off. What the manager
                # refuses, it will refuse again; and what is wrong with it shows with the tasks.
                if exc.status is not None:
                    return
            time.sleep(_POLL)
