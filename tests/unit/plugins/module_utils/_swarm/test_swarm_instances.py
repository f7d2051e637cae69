# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What services and tasks mean."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance, Phase
from ansible_collections.evento.docker.plugins.module_utils._swarm.instances import read_instances
from ansible_collections.evento.docker.plugins.module_utils._swarm.names import service_slug, slot_of, standby_name

NODES = {"n1": ("worker1", False), "n2": ("worker2", True)}
LABELS = {"evento.bundle": "orders", "evento.slot": "1", "evento.spec": "f", "evento.version": "3"}


def service(replicas: int, changed: bool = True, labels: t.Mapping[str, str] | None = None) -> dict[str, t.Any]:
    spec = {"Name": "orders-1", "Labels": {**LABELS, **(labels or {})}, "Mode": {"Replicated": {"Replicas": replicas}}}
    found = {"ID": "s1", "CreatedAt": "2026-11-23T08:15:30.5Z", "Spec": spec}
    return {**found, "PreviousSpec": spec} if changed else found


def task(state: str, wanted: str = "running", node: str = "n1", at: int = 0, code: int = 0) -> dict[str, t.Any]:
    return {
        "ID": f"t{at}",
        "CreatedAt": f"2026-11-23T08:15:{31 + at}Z",
        "ServiceID": "s1",
        "NodeID": node,
        "DesiredState": wanted,
        "Spec": {"ContainerSpec": {"Labels": LABELS}},
        "Status": {"State": state, "ContainerStatus": {"ContainerID": "c", "ExitCode": code}},
    }


def read(services: list[dict[str, t.Any]], *tasks: dict[str, t.Any]) -> list[Instance]:
    return read_instances(services, list(tasks), NODES, lambda _id, _created: 1.0)


CASES: dict[str, tuple[dict[str, t.Any], list[dict[str, t.Any]], list[str]]] = {
    "claimed": (service(0, changed=False), [], ["created"]),
    "wanted, no task yet": (service(1), [], ["starting"]),
    "pulls its image": (service(1), [task("preparing")], ["starting"]),
    "runs": (service(1), [task("running")], ["running"]),
    "crashes again and again": (service(1), [task("failed", "shutdown"), task("ready", "ready", at=1)], ["restarting"]),
    "is moved": (
        service(1),
        [task("running", "shutdown", "n2"), task("ready", "ready", at=1)],
        ["starting", "unreachable"],
    ),
    "was told to exit": (service(1), [task("complete", "shutdown")], ["exited"]),
    "stops": (service(0), [task("running", "remove")], ["stopping"]),
    "stops on a lost node": (service(0), [task("running", "remove", "n2")], ["exited", "unreachable"]),
    "has stopped": (service(0), [], ["exited"]),
    "its node came back": (
        service(1),
        [task("running", "shutdown"), task("running", at=1)],
        ["running", "stopping"],
    ),
    "scaled by a person": (service(3), [task("running", at=n) for n in range(3)], ["running"] * 3),
}


@pytest.mark.parametrize("case", CASES)
def test_states(case: str) -> None:
    one, tasks, states = CASES[case]
    found = read([one], *tasks)
    assert [instance.state for instance in found] == states
    assert len({instance.id for instance in found}) == len(found)
    assert {instance.name for instance in found} == {"orders-1"}


def test_what_is_left_of_a_removed_service() -> None:
    found = read([], task("running", "remove"), task("running", "remove", "n2", 1), task("shutdown", "remove", at=2))
    assert [(one.name, one.state, one.node) for one in found] == [
        ("orders-1", "stopping", "worker1"),
        ("orders-1", "unreachable", "worker2"),
    ]
    assert not any(one.holds_name for one in found)


def test_what_counts_and_what_takes_room() -> None:
    [stopping] = read([service(0)], task("running", "remove"))
    assert (stopping.phase, stopping.live, stopping.takes_room) == (Phase.STOPPING, False, True)
    assert stopping.holds_name
    _ended, lost = read([service(0)], task("running", "remove", "n2"))
    assert (lost.live, lost.takes_room) == (False, False)


def test_more_than_one_task_is_not_as_it_should_be() -> None:
    first, *others = read([service(2)], task("running"), task("running", at=1))
    assert first.spec == "f"
    assert [one.spec for one in others] == [""]


def test_health_is_known_where_there_is_a_check() -> None:
    check = {"evento.healthcheck": "true"}
    assert read([service(1, labels=check)], task("starting"))[0].health == "starting"
    assert read([service(1, labels=check)], task("running"))[0].health == "healthy"
    assert read([service(1)], task("running"))[0].health is None


def test_exit_codes() -> None:
    assert read([service(1)], task("failed", "shutdown", code=9))[0].exit_code == 9
    assert read([service(0)])[0].exit_code is None


@pytest.mark.parametrize(
    "bundle_id", ["orders", "a.b", "Ü" * 200, "x" * 29, "x" * 30, "-x", "orders-1", "a_b-12345678"]
)
def test_names(bundle_id: str) -> None:
    slug = service_slug(bundle_id)
    name = f"{slug}-123456789"
    standby = standby_name(name, "x0l2kfyj8p1a7rqc9mz3ue5wd")
    assert len(standby) <= 63
    assert "." not in name
    assert name[0].isalnum()
    assert slot_of(name, bundle_id) == slot_of(standby, bundle_id) == 123456789
    assert slot_of(f"{slug}-01", bundle_id) is None
    assert (slug == bundle_id) is (bundle_id in ("orders", "x" * 29, "orders-1"))
