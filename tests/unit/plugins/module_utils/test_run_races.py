# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that meet other runs, people and foreign containers between two of their calls, on a fake engine."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.plugins.module_utils.fake_containers import HANGS, READY, FakeContainer
from tests.unit.plugins.module_utils.fake_deployment import FakeDeployment, done
from tests.unit.plugins.module_utils.fake_engine import FakeEngine


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def deployment(engine: FakeEngine) -> FakeDeployment:
    return FakeDeployment(engine)


@pytest.fixture
def other(engine: FakeEngine) -> FakeDeployment:
    """The same bundle, deployed by someone else."""
    return FakeDeployment(engine)


def _occupy(engine: FakeEngine, name: str, labels: dict[str, str] | None = None) -> FakeContainer:
    """A container that is not ours."""
    config = {"Image": next(iter(engine.images)), "Labels": labels or {}, "HostConfig": {}}
    return engine[engine.create_container_from_config(config, name)["Id"]]


def test_name_that_another_run_took_leads_to_the_next_one(
    engine: FakeEngine, deployment: FakeDeployment, other: FakeDeployment
) -> None:
    others: list[dict[str, t.Any]] = []
    engine.before("create", 1, lambda: others.append(other.run(scale_by=1)))
    result = deployment.run(scale_by=1)
    assert done(others[0]) == ["start orders-1"]
    assert done(result) == ["start orders-2"]
    assert result["msg"] == "orders v1: 0 -> 2 running, started orders-2"


def test_last_slot_that_another_run_filled_is_no_failure(
    engine: FakeEngine, deployment: FakeDeployment, other: FakeDeployment
) -> None:
    for one in (deployment, other):
        one.bundle["maxInstances"] = 1
    engine.before("create", 1, lambda: other.run(scale_by=1))
    result = deployment.run(scale_by=1)
    assert ("failed" in result, result["changed"]) == (False, False)
    assert result["msg"] == "orders v1: 1 running (maxInstances), nothing to do"
    assert engine.names == ["orders-1"]


def test_last_slot_that_another_run_filled_under_another_name_is_no_failure(
    engine: FakeEngine, deployment: FakeDeployment
) -> None:
    """No name conflicts, and yet only one of the two may start."""
    deployment.bundle["maxInstances"] = 2
    deployment.run()

    def start_another() -> None:
        config = {**engine["orders-1"].config, "HostConfig": {}, "Image": next(iter(engine.images))}
        engine.start(engine.create_container_from_config(config, "orders-3")["Id"])

    engine.after("create", 1, start_another)
    result = deployment.run(instances=2)
    assert ("failed" in result, result["changed"]) == (False, False)
    assert result["msg"] == "orders v1: 2 running (maxInstances), nothing to do"
    assert list(deployment.versions) == engine.names == ["orders-1", "orders-3"]


def test_newer_publish_that_arrives_meanwhile_wins(
    engine: FakeEngine, deployment: FakeDeployment, other: FakeDeployment
) -> None:
    other.publish()
    engine.before("create", 1, lambda: other.run(scale_by=1))
    result = deployment.run(scale_by=1)
    assert ("failed" in result, result["changed"], result["stale"]) == (False, False, True)
    assert ", stale: a bundle newer than that of 2024-11-23T00:00:00" in result["msg"]
    assert deployment.versions == {"orders-1": "2"}


@pytest.mark.parametrize("update_order", ["start-first", "stop-first"])
@pytest.mark.parametrize("method", ["create", "start", "stop"])
def test_instance_to_be_replaced_that_another_run_stops_is_no_failure(
    engine: FakeEngine, deployment: FakeDeployment, update_order: str, method: str
) -> None:
    deployment.run()
    deployment.publish()

    def stop_the_old_one() -> None:
        if deployment.versions.get("orders-1") == "1":
            engine.remove_container("orders-1", force=True)

    engine.before(method, 1, stop_the_old_one)
    result = deployment.run(update_order=update_order)
    assert "failed" not in result, result["msg"]
    assert list(deployment.versions.values()) == ["2"]
    assert len(engine.names) == 1, engine.names


@pytest.mark.parametrize("method", ["create", "stop"])
def test_stop_of_everything_in_the_middle_of_a_publish_leaves_nothing_twice(
    engine: FakeEngine, deployment: FakeDeployment, other: FakeDeployment, method: str
) -> None:
    deployment.run()
    deployment.publish()

    def stop_all() -> None:
        # A standby is not waited for.
        engine.clock_off_by = 10
        other.run(state="stopped")

    engine.before(method, 1, stop_all)
    result = deployment.run(update_order="stop-first")
    assert "failed" not in result, result["msg"]
    assert deployment.versions == {"orders-1": "2"}
    assert engine.names == ["orders-1"]


def test_slow_owner_whose_container_was_taken_for_a_leftover_plans_again(
    engine: FakeEngine, deployment: FakeDeployment, other: FakeDeployment
) -> None:
    for one in (deployment, other):
        one.bundle["maxInstances"] = 1
    others: list[dict[str, t.Any]] = []

    def sleep_too_long() -> None:
        engine.clock_off_by = 10
        others.append(other.run(scale_by=1))

    engine.before("start", 1, sleep_too_long)
    result = deployment.run(scale_by=1)
    assert done(others[0]) == ["remove orders-1", "start orders-1"]
    assert ("failed" in result, result["changed"]) == (False, False)
    assert list(deployment.versions) == ["orders-1"]


@pytest.mark.parametrize("labels", [{}, {"evento.managed-by": "evento.docker", "evento.bundle": "another"}])
def test_name_of_a_foreign_container_is_passed_over(
    engine: FakeEngine, deployment: FakeDeployment, labels: dict[str, str]
) -> None:
    foreign = _occupy(engine, "orders-1", labels)
    assert done(deployment.run(instances=2)) == ["start orders-2", "start orders-3"]
    assert engine["orders-1"] is foreign
    assert foreign.state == "created"
    assert ("remove", "orders-1") not in engine.writes()


def test_name_that_a_foreign_container_takes_meanwhile_is_passed_over(
    engine: FakeEngine, deployment: FakeDeployment
) -> None:
    engine.before("create", 1, lambda: _occupy(engine, "orders-1"))
    assert done(deployment.run()) == ["start orders-2"]
    assert engine["orders-1"].state == "created"


def test_instance_that_goes_while_it_is_looked_at_is_no_failure(engine: FakeEngine, deployment: FakeDeployment) -> None:
    deployment.run(instances=2)
    engine.before("stop", 1, lambda: engine.end(engine["orders-2"], 0))
    result = deployment.run(instances=1)
    assert "failed" not in result, result["msg"]
    assert list(deployment.versions) == ["orders-1"]


def test_start_that_another_run_stops_in_the_middle_is_no_crash(
    engine: FakeEngine, deployment: FakeDeployment, other: FakeDeployment
) -> None:
    deployment.behave(HANGS)

    def stop() -> None:
        # The next one is ready at once.
        engine.scripts.update(dict.fromkeys(engine.scripts, READY))
        other.run(state="stopped")

    engine.after("start", 1, stop)
    result = deployment.run(wait_timeout=60)
    assert "failed" not in result, result["msg"]
    assert list(deployment.versions) == ["orders-1"]


@pytest.mark.parametrize("maximum", [1, 3])
def test_many_runs_at_once_fill_up_to_the_maximum(engine: FakeEngine, maximum: int) -> None:
    def call(_number: int) -> dict[str, t.Any]:
        deployment = FakeDeployment(engine)
        deployment.bundle["maxInstances"] = maximum
        return deployment.run(scale_by=1)

    most: list[int] = []
    for number in range(1, 200):
        engine.after("start", number, lambda: most.append(len(FakeDeployment(engine).versions)))
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(call, range(8)))
    assert [result["msg"] for result in results if "failed" in result] == []
    assert len(FakeDeployment(engine).versions) == max(most) == maximum
    assert sum(len(result["actions"]) for result in results) == maximum
