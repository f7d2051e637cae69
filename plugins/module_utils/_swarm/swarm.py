# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The swarm as this collection sees it: what is done to our instances."""

from __future__ import annotations

import random
import shlex
import time
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EngineError, OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._container import labels as label
from ansible_collections.evento.docker.plugins.module_utils._swarm import tasks as task_of
from ansible_collections.evento.docker.plugins.module_utils._swarm.instances import (
    is_out_of_reach,
    is_untouched,
    replicas,
)
from ansible_collections.evento.docker.plugins.module_utils._swarm.names import standby_name
from ansible_collections.evento.docker.plugins.module_utils._swarm.observer import SwarmObserver

_POLL = 0.1
# How long others may change a service again and again, in seconds: the swarm itself does while its task starts.
_PATIENCE = 30.0
# How much longer than its grace period a task may take to end, in seconds: a node that is cut off is taken for
# reachable for up to 16 s.
_END = 60.0
# How long the swarm may take to delete tasks that have ended, in seconds: it waits for a quarter of a second in which
# no task changes.
_DELETION = 2.0
# After how long a node is suspected to be the reason, in seconds.
_SUSPICIOUS = 2.0
_DEFAULT_GRACE = 10 * 10**9

Service = dict[str, t.Any]


class Swarm(SwarmObserver):
    """One Docker Swarm. An instance is a service with one task; its id is that of the service."""

    def create(self, name: str, config: dict[str, t.Any], _networks: t.Sequence[dict[str, t.Any]]) -> str:
        """Create a service that starts nothing yet; returns its id.

        :param config: the body of the Engine API's create call, without the name.
        :raises OvertakenError: the name is taken.
        """
        return self._calls.create({"Name": name, **config})

    def put_archive(self, _service_id: str, _name: str, _directory: str, _archive: t.Iterable[bytes]) -> None:
        """Not on a swarm, as service_spec says to who asks for it."""
        raise NotImplementedError

    def start(self, service_id: str, name: str) -> None:
        """Let a service that was created, and not changed since, have its task.

        :raises OvertakenError: another run has removed it, or is about to.
        """

        def wanted(service: Service) -> int:
            if not is_untouched(service):
                raise OvertakenError(f"Another run removed {name}.")
            return 1

        if not self._scale(service_id, name, wanted):
            raise OvertakenError(f"Another run removed {name}.")

    def stop(self, service_id: str, name: str, _timeout: int = 0) -> None:
        """Stop an instance gracefully and remove it; returns once its name is free.

        Its grace period is the one that it was created with.
        """
        service_id, _slash, surplus = service_id.partition("/")
        # An instance beyond the first is there because somebody wants more of a service than one.
        service = self._scale(service_id, name, lambda found: _one_less(replicas(found)) if surplus else 0)
        if service is None:
            return
        tasks = self._await_end(service, name)
        if not surplus:
            self._remove(service_id, name, tasks)

    def remove(self, service_id: str, name: str) -> None:
        """As stop: there is no other way to be sure that it has ended."""
        self.stop(service_id, name)

    def clear(self, service_id: str, name: str) -> None:
        """Remove a service that does not run; returns once its name is free.

        :raises OvertakenError: it runs, because its owner was only slow.
        """
        service = self._calls.service(service_id, name)
        if service is None:
            return
        # Once it has been changed, its owner will not start it any more.
        if is_untouched(service) and not self._calls.update(service, service["Spec"]):
            raise OvertakenError(f"{name} has been started.")
        tasks = self._calls.tasks_of(service_id)
        if any(task_of.is_live(task) for task in tasks):
            raise OvertakenError(f"{name} has been started.")
        self._remove(service_id, name, tasks)

    def stand_by(self, service_id: str, name: str) -> str:
        """Create a service that can be started in place of another once that is gone; returns its id.

        :raises OvertakenError: the other one is gone, or another run is replacing it.
        """
        service = self._calls.service(service_id.partition("/")[0], name)
        if service is None:
            raise OvertakenError(f"Another run removed {name}.")
        labels = {**service["Spec"]["Labels"], label.STANDBY_OF: service_id}
        try:
            return self._calls.create(
                _idle({**service["Spec"], "Name": standby_name(name, service_id), "Labels": labels})
            )
        except OvertakenError:
            known = self.observe(labels[label.BUNDLE])
            mine = [one.id for one in known if one.standby_of == service_id]
            if not mine:
                raise
            return mine[0]

    def copy_standby(self, standby_id: str, name: str) -> tuple[str, bool]:
        """Create the instance that a standby is for; returns its id, and whether it has a health check.

        :raises OvertakenError: the name is taken, or the standby is gone.
        """
        service = self._calls.service(standby_id, f"the standby of {name}")
        if service is None:
            raise OvertakenError(f"Another run removed the standby of {name}.")
        labels = {key: value for key, value in service["Spec"]["Labels"].items() if key != label.STANDBY_OF}
        # By this the standby shows as one that is not needed any more.
        labels[label.REPLACES] = service["Spec"]["Labels"][label.STANDBY_OF]
        return self._calls.create(
            _idle({**service["Spec"], "Name": name, "Labels": labels})
        ), label.HEALTHCHECK in labels

    def commands(self, what: str, service_id: str, name: str, _timeout: int) -> list[str]:
        """The docker commands that do this to a service, quoted for a shell.

        :param what: start, stop or remove.
        """
        word = shlex.quote(name)
        # Of one beyond the first, another is the same service.
        if what == "start" or "/" in service_id:
            return [f"docker service scale {word}=1"]
        return [*([f"docker service scale {word}=0"] if what == "stop" else []), f"docker service rm {word}"]

    def _scale(self, service_id: str, name: str, wanted: t.Callable[[Service], int]) -> Service | None:
        """Change how many tasks are wanted of a service, unless it is as many already; None where it is gone.

        :param wanted: how many, of the service as it is now.
        """
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            service = self._calls.service(service_id, name)
            if service is None:
                return None
            # Not again at 0: that makes the swarm forget the task that is still stopping.
            if replicas(service) == wanted(service):
                return service
            spec = {**service["Spec"], "Mode": {"Replicated": {"Replicas": wanted(service)}}}
            if self._calls.update(service, spec):
                return {**service, "Spec": spec}
            time.sleep(random.uniform(0, _POLL))
        raise EngineError(f"Could not change service {name}: others changed it each time: run again.")

    def _await_end(self, service: Service, name: str) -> list[task_of.Task]:
        """Return a service's tasks once no more run than are wanted, but for those that nobody can reach."""
        container = service["Spec"]["TaskTemplate"]["ContainerSpec"]
        grace = (container.get("StopGracePeriod") or _DEFAULT_GRACE) / 10**9
        began = time.monotonic()
        while time.monotonic() < began + grace + _END:
            tasks = self._calls.tasks_of(service["ID"])
            left = [task for task in tasks if not task_of.is_past(task)]
            nodes = self._look_at_nodes(time.monotonic() > began + _SUSPICIOUS, left)
            if sum(not is_out_of_reach(task, nodes) for task in left) <= replicas(service):
                return tasks
            time.sleep(_POLL)
        raise EngineError(
            f"Could not stop {name}: its task does not end: see docker service ps --no-trunc {name}, and run again."
        )

    def _remove(self, service_id: str, name: str, tasks: t.Sequence[task_of.Task]) -> None:
        """Remove a service that does not run, once the swarm has deleted those of its tasks that were told to go.

        Where both happen at once, a manager of Docker 20.10 crashes: SetServiceTasksRemove of swarmkit,
        manager/orchestrator/service.go, takes for granted that a task is still there.

        :param tasks: its tasks as they were just now.
        """
        deadline = time.monotonic() + _DELETION
        while any(map(task_of.is_gone, tasks)) and time.monotonic() < deadline:
            time.sleep(_POLL)
            tasks = self._calls.tasks_of(service_id)
        self._calls.remove(service_id, name)


def _one_less(number: int) -> int:
    return number - 1 if number > 1 else number


def _idle(spec: dict[str, t.Any]) -> dict[str, t.Any]:
    return {**spec, "Mode": {"Replicated": {"Replicas": 0}}}
