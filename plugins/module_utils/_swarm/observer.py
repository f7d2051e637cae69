# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at a swarm: our instances, and what is to be seen of them."""

from __future__ import annotations

import re
import typing as t
from contextlib import suppress
from dataclasses import replace

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EngineError
from ansible_collections.evento.docker.plugins.module_utils._container import labels as label
from ansible_collections.evento.docker.plugins.module_utils._engine.images import Image, find_image, pull_image
from ansible_collections.evento.docker.plugins.module_utils._engine.looker import Looker
from ansible_collections.evento.docker.plugins.module_utils._engine.watch import Lines
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._swarm import tasks as task_of
from ansible_collections.evento.docker.plugins.module_utils._swarm.calls import Calls
from ansible_collections.evento.docker.plugins.module_utils._swarm.faults import asking
from ansible_collections.evento.docker.plugins.module_utils._swarm.instances import Nodes, read_instances, replicas
from ansible_collections.evento.docker.plugins.module_utils._swarm.watch import ServiceWatch

if t.TYPE_CHECKING:
    from docker import APIClient


class SwarmObserver(Looker):
    """Looks at a swarm through one of its managers, and changes nothing but that one's images.

    :param clean: takes secrets out of the logs of instances. Of the swarm's own words only known ones are shown.
    """

    def __init__(self, api: APIClient, clean: t.Callable[[str], str] = str) -> None:
        super().__init__(api, clean)
        self._calls = Calls(api)
        self._nodes: dict[str, tuple[str, bool]] = {}

    def _look(self, labels: list[str]) -> list[Instance]:
        """What runs of all services with these labels: two calls.

        The nodes are asked for once, for their names, and again where one may be out of reach.
        """
        # In this order: a service that is made in between cannot lose its task to those that belong to none.
        tasks = self._calls.tasks({"label": labels})
        services = self._calls.services({"label": labels})
        known = {service["ID"] for service in services}
        doubtful = any(task_of.is_going(task) or task["ServiceID"] not in known for task in tasks)
        return read_instances(services, tasks, self._look_at_nodes(doubtful, tasks), self._age)

    def foreign_slots(self, slug: str, bundle_id: str) -> frozenset[int]:
        """The numbers at the end of names that begin with slug, of services that are not the bundle's: one call.

        No two names may differ in the case of their letters alone. The filter knows no way to ask for that, so that
        all services are listed where a name has turned out to be taken that it does not show.
        """
        listed = self._calls.services({"name": [f"{slug}-"]})
        shown = {service["Spec"]["Name"] for service in listed}
        if any(name.startswith(f"{slug}-") for name in self._calls.taken - shown):
            listed = self._calls.services({})
        ours = {label.MANAGED_BY: label.COLLECTION, label.BUNDLE: bundle_id}
        return frozenset(
            int(service["Spec"]["Name"].rpartition("-")[2])
            for service in listed
            if re.fullmatch(rf"{re.escape(slug)}-[1-9][0-9]*", service["Spec"]["Name"], re.I)
            and not ours.items() <= (service["Spec"].get("Labels") or {}).items()
        )

    def image(self, name: str) -> Image | None:
        """The image that all nodes will run under that name; None where the registry or the manager has it not.

        The registry says which one it is, and not what the manager happens to hold: another manager may hold another.
        What is in it, the manager tells, which has to have pulled it for that.
        """
        digest = name.partition("@")[2] or self.digest(name)
        if digest is None:
            return None
        reference = name if "@" in name else f"{name}@{digest}"
        found = find_image(self._api, reference)
        return replace(found, id=digest, reference=reference) if found else None

    def pull(self, name: str) -> None:
        """Let the manager pull an image from its registry."""
        pull_image(self._api, name)

    def provide(self, name: str) -> None:
        """Nothing to do: each node pulls what it runs."""

    def check_answers(self) -> None:
        """:raises EngineError: the manager does not answer."""
        with asking("look at the swarm"):
            self._api.ping()

    def cpus(self) -> int:
        """The number of CPUs of the manager."""
        if not self._cpus:
            with asking("ask the manager about its host"):
                self._cpus = self._api.info()["NCPU"]
        return self._cpus

    def watch(self, service_id: str, name: str, ready_log: re.Pattern[str]) -> ServiceWatch:
        """Watch a service that has been created and not yet started."""
        return ServiceWatch(self._calls, service_id, name, self._node_name, ready_log)

    def has_logged(self, service_id: str, name: str, pattern: re.Pattern[str]) -> bool:
        """Whether a line of an instance's log so far matches; False where the log cannot be read, or it is gone."""
        lines = Lines()
        with suppress(EngineError):
            for piece in self._calls.log(f"services/{service_id}", name):
                if any(pattern.search(line) for line in lines.add(piece)):
                    return True
        return False

    def was_stopped(self, service_id: str, _within: float) -> bool:
        """Whether somebody wants a service to run no more, whose task then has not ended by itself."""
        service = self._calls.service(service_id, service_id)
        return service is None or replicas(service) == 0

    def health(self, service_id: str, _name: str) -> str | None:
        """healthy or starting, of a service with a health check: one that becomes unhealthy is a failed task."""
        tasks = self._calls.tasks_of(service_id)
        runs = any(task_of.is_live(task) and task_of.state(task) == "running" for task in tasks)
        return "healthy" if runs else "starting"

    def _look_at_nodes(self, doubtful: bool, tasks: t.Sequence[task_of.Task]) -> Nodes:
        placed = {task["NodeID"] for task in tasks if task.get("NodeID") and not task_of.is_past(task)}
        if doubtful or not placed <= set(self._nodes):
            self._nodes = {
                node["ID"]: (node["Description"]["Hostname"], node["Status"]["State"] == "down")
                for node in self._calls.nodes()
            }
        return self._nodes

    def _node_name(self, node_id: str) -> str | None:
        if node_id not in self._nodes:
            self._look_at_nodes(True, [])
        return self._nodes.get(node_id, (None, False))[0]
