# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs at the same time, and calls of which a run does not know whether they took effect, on a fake engine."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.plugins.module_utils._run.fake_deployment import FakeDeployment, done
from tests.unit.plugins.module_utils._run.fake_engine import FakeEngine, fault


@pytest.mark.parametrize("maximum", [1, 3])
def test_many_runs_at_once_fill_up_to_the_maximum(maximum: int) -> None:
    engine = FakeEngine()
    numbers: list[int] = []
    for number in range(1, 100):
        engine.after("start", number, lambda: numbers.append(len(FakeDeployment(engine).versions)))

    def call(_number: int) -> dict[str, t.Any]:
        orders = FakeDeployment(engine)
        orders.bundle["maxInstances"] = maximum
        return orders.run(scale_by=1)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(call, range(8)))
    assert [result["msg"] for result in results if "failed" in result] == []
    assert len(engine.names) == max(numbers) == maximum
    assert sum(len(result["actions"]) for result in results) == maximum, "each start is told by one of them"


def test_slow_owner_of_what_another_run_took_for_a_leftover_plans_again() -> None:
    orders = FakeDeployment()
    orders.bundle["maxInstances"] = 1
    other = FakeDeployment(orders.engine, dict(orders.bundle))
    of_other: list[dict[str, t.Any]] = []

    def sleep_for_too_long() -> None:
        orders.engine.clock_off_by = 10
        of_other.append(other.run(scale_by=1))

    orders.engine.before("start", 1, sleep_for_too_long)
    result = orders.run(scale_by=1)
    assert done(of_other[0]) == ["remove orders-1", "start orders-1"]
    assert ("failed" in result, result["changed"]) == (False, False)
    assert list(orders.versions) == ["orders-1"]


@pytest.mark.parametrize("method", ["create", "stop"])
def test_stop_of_everything_in_the_middle_of_a_publish(method: str) -> None:
    orders = FakeDeployment()
    orders.run()
    orders.publish()
    other = FakeDeployment(orders.engine, dict(orders.bundle))

    def stop_all() -> None:
        # So old that the other run does not wait for what was created and not started.
        orders.engine.clock_off_by = 10
        other.run(state="stopped")

    orders.engine.before(method, 1, stop_all)
    result = orders.run(update_order="stop-first")
    assert "failed" not in result, result["msg"]
    assert orders.versions == {"orders-1": "2"}
    assert orders.engine.names == ["orders-1"], "no standby is left"


def test_start_that_took_effect_although_the_engine_refused_it() -> None:
    orders = FakeDeployment()
    orders.run()
    orders.publish()
    orders.engine.after("start", 1, fault(500, "context deadline exceeded"))
    result = orders.run(update_order="start-first")
    assert result["failed"]
    assert orders.versions == {"orders-1": "1"}
    assert orders.engine.names == ["orders-1"]
    orders.run()
    assert list(orders.versions.values()) == ["2"]


def test_old_instance_that_cannot_be_brought_back_is_told() -> None:
    orders = FakeDeployment()
    orders.run()
    orders.publish()
    for number in (1, 2):
        orders.engine.before("start", number, fault(500, "the device is busy"))
    result = orders.run(update_order="stop-first")
    assert result["failed"]
    assert result["msg"] == (
        "Could not start orders-1: the device is busy; the old orders-1, which was stopped to make room for it,"
        " could not be brought back: Could not start orders-1: the device is busy."
    )
    assert orders.versions == {}
    orders.engine.clock_off_by = 10
    assert orders.run()["msg"].endswith("1 running, started orders-1"), "the next run takes it up from there"
    assert orders.engine.names == ["orders-1"]


def test_added_instance_that_ends_at_once_after_it_was_ready_is_not_started_for_ever() -> None:
    orders = FakeDeployment()
    orders.run()
    engine = orders.engine

    def crash() -> None:
        for one in engine.there[1:]:
            if one.state == "running":
                engine.end(one, 9)

    # Before each look, and so as soon as it was ready.
    for number in range(1, 100):
        engine.before("containers", number, crash)
    result = orders.run(instances=2)
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert result["msg"] == "orders-2 exited with code 9 after it was ready."
    assert done(result) == ["start orders-2"]
