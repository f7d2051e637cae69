# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to services, where others do something at the same time."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evento.docker.plugins.module_utils._base.errors import OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._swarm.swarm import Swarm
from tests.unit.plugins.module_utils._swarm.fake_manager import Body, FakeManager

NAME = "orders-1"


@pytest.fixture
def manager() -> FakeManager:
    return FakeManager()


@pytest.fixture
def swarm(manager: FakeManager) -> Swarm:
    return Swarm(t.cast(t.Any, manager))


@pytest.fixture
def claimed(swarm: Swarm) -> str:
    labels = {"evento.bundle": "orders"}
    template = {"ContainerSpec": {"Image": "127.0.0.1:5000/app", "Labels": labels}}
    return swarm.create(NAME, {"Labels": labels, "TaskTemplate": template, "Mode": {"Replicated": {"Replicas": 0}}}, ())


def task(state: str, wanted: str = "running") -> Body:
    return {
        "ID": "t",
        "CreatedAt": "2026-11-23T08:15:31Z",
        "NodeID": "n",
        "DesiredState": wanted,
        "Status": {"State": state},
    }


def test_a_name_is_there_once(swarm: Swarm, claimed: str) -> None:
    with pytest.raises(OvertakenError):
        swarm.create(NAME, {"TaskTemplate": {"ContainerSpec": {"Image": "app"}}}, ())
    assert claimed


def test_all_names_are_asked_for_only_where_one_is_taken_that_does_not_show(
    swarm: Swarm, manager: FakeManager, claimed: str
) -> None:
    def asked(slug: str) -> tuple[frozenset[int], int]:
        before = len(manager.calls)
        return swarm.foreign_slots(slug, slug), len(manager.calls) - before

    config = {"TaskTemplate": manager.services[claimed]["Spec"]["TaskTemplate"]}
    # A race for a name that is seen afterwards.
    with pytest.raises(OvertakenError):
        swarm.create(NAME, config, ())
    assert asked("orders") == (frozenset({1}), 1)
    # Another's name, which differs in its case alone.
    with pytest.raises(OvertakenError):
        swarm.create("Orders-1", config, ())
    assert asked("Orders") == (frozenset({1}), 2)
    assert asked("orders") == (frozenset({1}), 1)


def test_start_tries_again_where_the_swarm_itself_was_faster(swarm: Swarm, manager: FakeManager, claimed: str) -> None:
    conflicts = iter([True, True, False])

    def write_status() -> None:
        if next(conflicts):
            manager.services[claimed]["Version"]["Index"] += 100

    manager.before_update = write_status
    swarm.start(claimed, NAME)
    assert manager.replicas(claimed) == 1
    assert next(conflicts, None) is None


def test_what_another_run_clears_is_not_started(swarm: Swarm, manager: FakeManager, claimed: str) -> None:
    # It has marked the service and not removed it yet.
    manager.change(claimed, 0)
    with pytest.raises(OvertakenError):
        swarm.start(claimed, NAME)
    assert manager.replicas(claimed) == 0
    manager.services.clear()
    with pytest.raises(OvertakenError):
        swarm.start(claimed, NAME)


def test_what_starts_in_between_is_not_cleared(swarm: Swarm, manager: FakeManager, claimed: str) -> None:
    manager.before_update = lambda: manager.change(claimed, 1)
    with pytest.raises(OvertakenError):
        swarm.clear(claimed, NAME)
    assert manager.replicas(claimed) == 1


def test_clear_removes_what_was_never_started(swarm: Swarm, manager: FakeManager, claimed: str) -> None:
    swarm.clear(claimed, NAME)
    assert not manager.services
    swarm.clear(claimed, NAME)


def test_stop_waits_for_the_end_before_the_name_is_free(swarm: Swarm, manager: FakeManager, claimed: str) -> None:
    swarm.start(claimed, NAME)
    manager.tasks[claimed] = [task("running")]
    looks = iter(range(3))
    seen: list[bool] = []

    def end_at_last() -> None:
        seen.append(claimed in manager.services)
        if next(looks, None) is None:
            manager.tasks[claimed] = [task("shutdown")]

    manager.after_tasks = end_at_last
    swarm.stop(claimed, NAME)
    assert len(seen) > 3
    assert all(seen)
    assert not manager.services


@pytest.mark.parametrize("remove", [Swarm.stop, Swarm.clear])
def test_a_service_is_removed_once_its_tasks_are_deleted(
    swarm: Swarm, manager: FakeManager, claimed: str, remove: t.Callable[[Swarm, str, str], None]
) -> None:
    # A manager of Docker 20.10 crashes where it does both at once.
    manager.change(claimed, 0)
    manager.tasks[claimed] = [task("shutdown", "remove")]
    looks = iter(range(3))

    def delete_at_last() -> None:
        assert claimed in manager.services
        if next(looks, None) is None:
            manager.tasks[claimed] = []

    manager.after_tasks = delete_at_last
    remove(swarm, claimed, NAME)
    assert not manager.tasks[claimed]
    assert not manager.services


def test_tasks_that_are_never_deleted_keep_no_service(swarm: Swarm, manager: FakeManager, claimed: str) -> None:
    manager.change(claimed, 0)
    manager.tasks[claimed] = [task("shutdown", "remove")]
    swarm.stop(claimed, NAME)
    assert not manager.services


def test_stop_changes_nothing_that_stops_already(swarm: Swarm, manager: FakeManager, claimed: str) -> None:
    manager.change(claimed, 0)
    swarm.stop(claimed, NAME)
    # A second change at 0 would make the swarm forget the task that is still stopping.
    assert [call.split(" ")[0] for call in manager.writes] == ["POST", "DELETE"]


def test_one_more_than_wanted_is_taken_away_alone(swarm: Swarm, manager: FakeManager, claimed: str) -> None:
    manager.change(claimed, 3)
    manager.tasks[claimed] = [task("running")] * 2
    swarm.stop(f"{claimed}/2", NAME)
    assert manager.replicas(claimed) == 2
    manager.change(claimed, 1)
    manager.tasks[claimed] = [task("running")]
    swarm.stop(f"{claimed}/2", NAME)
    assert manager.replicas(claimed) == 1


def test_a_standby_is_the_same_under_another_name(swarm: Swarm, manager: FakeManager, claimed: str) -> None:
    swarm.start(claimed, NAME)
    standby = swarm.stand_by(claimed, NAME)
    assert manager.services[standby]["Spec"]["Labels"]["evento.standby-of"] == claimed
    assert manager.replicas(standby) == 0
    manager.services.pop(claimed)
    back, has_healthcheck = swarm.copy_standby(standby, NAME)
    assert manager.services[back]["Spec"]["Name"] == NAME
    assert "evento.standby-of" not in manager.services[back]["Spec"]["Labels"]
    assert manager.services[back]["Spec"]["Labels"]["evento.replaces"] == claimed
    assert not has_healthcheck
    with pytest.raises(OvertakenError):
        swarm.copy_standby("gone", NAME)
