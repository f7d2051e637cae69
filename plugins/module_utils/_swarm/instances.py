# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From services and their tasks to Instances. Pure."""

from __future__ import annotations

import typing as t
from collections import defaultdict
from dataclasses import replace

from ansible_collections.evento.docker.plugins.module_utils._bundle.instant import parse_instant
from ansible_collections.evento.docker.plugins.module_utils._container import labels as label
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._swarm import tasks as task_of
from ansible_collections.evento.docker.plugins.module_utils._swarm.names import service_slug, slot_of
from ansible_collections.evento.docker.plugins.module_utils._swarm.tasks import Task

Nodes = t.Mapping[str, tuple[str, bool]]


def created_at(one: t.Mapping[str, t.Any]) -> float:
    """When a service or a task was made, in seconds since 1970."""
    return (parse_instant(one["CreatedAt"]) or 0) / 10**9


def replicas(service: t.Mapping[str, t.Any]) -> int:
    """How many tasks are wanted of a service."""
    return int(service["Spec"]["Mode"].get("Replicated", {}).get("Replicas", 1))


def is_untouched(service: t.Mapping[str, t.Any]) -> bool:
    """Whether nobody has changed a service since it was created: it was claimed, and never started."""
    return replicas(service) == 0 and not service.get("PreviousSpec")


def read_instances(
    services: t.Sequence[dict[str, t.Any]], tasks: t.Iterable[Task], nodes: Nodes, age: t.Callable[[str, float], float]
) -> list[Instance]:
    """What runs of our services, and of those that were removed and may run all the same.

    :param nodes: name, and whether it is out of reach, of each node by its id.
    :param age: seconds since what has this id, which was created at this time, came to be.
    """
    by_service: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        by_service[task["ServiceID"]].append(task)
    found: list[Instance] = []
    for service in services:
        found += _of_service(service, by_service.pop(service["ID"], []), nodes, age)
    # What is left belongs to no service any more.
    for orphans in by_service.values():
        found += [
            _goes_by_itself(_bare(task["Spec"]["ContainerSpec"].get("Labels") or {}, task, age), task, nodes)
            for task in orphans
            if not task_of.is_past(task)
        ]
    return found


def _of_service(
    service: dict[str, t.Any], tasks: list[Task], nodes: Nodes, age: t.Callable[[str, float], float]
) -> t.Iterator[Instance]:
    spec = service["Spec"]
    one = replace(_bare(spec.get("Labels") or {}, service, age), name=spec["Name"])
    one = replace(one, slot=slot_of(one.name, one.bundle_id))
    live = sorted(
        filter(task_of.is_live, tasks), key=lambda task: (task_of.state(task) != "running", task["CreatedAt"])
    )
    going = list(filter(task_of.is_going, tasks))
    stays = [task for task in going if not is_out_of_reach(task, nodes)]
    if live:
        yield _live(one, live[0], tasks, nodes)
    elif replicas(service) > 0 and task_of.first_end(tasks) is None:
        # The swarm has not made its task yet.
        yield replace(one, state="starting")
    elif is_untouched(service):
        yield replace(one, state="created")
    elif stays:
        yield _going(one, stays.pop(), nodes)
    else:
        # How one has ended that somebody stopped tells nothing.
        last = task_of.newest(tasks) if replicas(service) else None
        yield replace(one, state="exited", exit_code=task_of.exit_code(last) if last else None)
    # Somebody wants more of it than one, or its node came back.
    for number, task in enumerate(live[1:], 2):
        yield replace(_live(one, task, tasks, nodes), id=f"{one.id}/{number}", spec="")
    for task in going:
        if task in stays or is_out_of_reach(task, nodes):
            yield _goes_by_itself(replace(one, id=f"{one.id}/{task['ID']}"), task, nodes)


def _live(one: Instance, task: Task, tasks: list[Task], nodes: Nodes) -> Instance:
    runs = task_of.state(task) == "running"
    health = None if one.health is None else "healthy" if runs else "starting"
    held = task_of.is_held_back(task, tasks)
    node = nodes.get(task.get("NodeID", ""), (None, False))[0]
    return replace(one, state="running" if runs else "restarting" if held else "starting", health=health, node=node)


def _going(one: Instance, task: Task, nodes: Nodes) -> Instance:
    node, lost = nodes.get(task.get("NodeID", ""), (None, False))
    return replace(one, state="unreachable" if lost else "stopping", health=None, node=node)


def _goes_by_itself(one: Instance, task: Task, nodes: Nodes) -> Instance:
    return replace(_going(one, task, nodes), holds_name=False)


def is_out_of_reach(task: Task, nodes: Nodes) -> bool:
    """Whether the node that a task is on is down."""
    return nodes.get(task.get("NodeID", ""), ("", False))[1]


def _bare(labels: t.Mapping[str, str], one: dict[str, t.Any], age: t.Callable[[str, float], float]) -> Instance:
    """What labels tell; of a task, which has the labels of its service's containers, that is all."""
    bundle_id = labels.get(label.BUNDLE, "")
    slot = labels.get(label.SLOT, "")
    grace = labels.get(label.GRACE, "")
    number = int(slot) if slot.isdecimal() and len(slot) < 10 else None
    created = created_at(one)
    return Instance(
        id=one["ID"],
        name=f"{service_slug(bundle_id)}-{slot}",
        bundle_id=bundle_id,
        slot=number,
        state="",
        health="starting" if label.HEALTHCHECK in labels else None,
        version=labels.get(label.VERSION, ""),
        updated_at=parse_instant(labels.get(label.UPDATED_AT)),
        spec=labels.get(label.SPEC, ""),
        created_at=int(created),
        age=age(one["ID"], created),
        replaces=labels.get(label.REPLACES, ""),
        standby_of=labels.get(label.STANDBY_OF, ""),
        grace=int(grace) if grace.isdecimal() else 0,
        project=labels.get(label.PROJECT, label.DEFAULT_PROJECT),
    )
