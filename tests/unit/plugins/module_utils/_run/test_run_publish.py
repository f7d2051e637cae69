# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A publish that does not work takes no working instance down; one that works replaces each."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.plugins.module_utils._run.fake_containers import (
    HANGS,
    FakeImage,
    Script,
    crashes,
    ready_after,
    turns_unhealthy,
)
from tests.unit.plugins.module_utils._run.fake_deployment import FakeDeployment, done
from tests.unit.plugins.module_utils._run.fake_engine import FakeEngine, fault

ORDERS = ["start-first", "stop-first"]
# What an instance that fails does, what is told of it, and its exit code.
FAILURES: dict[str, tuple[Script, str, int | None]] = {
    "crash": (crashes(9, "no database"), "orders-{} exited with code 9 (no such bundle) before it was ready", 9),
    "hang": (HANGS, "orders-{} still runs, but did not report itself ready within 1 s", None),
    "unhealthy": (turns_unhealthy(0.1), "orders-{} became unhealthy", None),
}
FULL = "no space left on device"


def running(healthcheck: bool = False) -> FakeDeployment:
    image = FakeImage(healthcheck=healthcheck, labels={"evento.exit-code.9": "no such bundle"})
    orders = FakeDeployment(FakeEngine(image))
    orders.run()
    return orders


def assert_old_one_serves(orders: FakeDeployment, order: str, old_id: str, result: dict[str, t.Any]) -> None:
    assert orders.engine.names == ["orders-1"]
    assert orders.versions == {"orders-1": "1"}
    if order == "start-first":
        assert orders.engine["orders-1"].id == old_id
        assert result["msg"].endswith("the old orders-1, which it was to replace, still runs.")
    else:
        assert result["msg"].endswith("the old orders-1, which was stopped to make room for it, runs again.")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", FAILURES)
def test_new_version_that_does_not_become_ready(kind: str, order: str) -> None:
    script, told, code = FAILURES[kind]
    orders = running(healthcheck=kind == "unhealthy")
    old_id = orders.engine["orders-1"].id
    orders.publish(script)
    result = orders.run(update_order=order)
    new = 2 if order == "start-first" else 1
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert result["msg"].startswith(told.format(new))
    [failure] = result["failures"]
    assert (failure["name"], failure["exit_code"]) == (f"orders-{new}", code)
    assert failure["logs"] == (["no database"] if kind == "crash" else [])
    assert_old_one_serves(orders, order, old_id, result)
    assert result["changed"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("method", ["create", "start"])
def test_new_version_that_the_engine_refuses(method: str, order: str) -> None:
    orders = running()
    old_id = orders.engine["orders-1"].id
    orders.publish()
    # Stop-first creates the standby of the old one first.
    number = 2 if (method, order) == ("create", "stop-first") else 1
    orders.engine.before(method, number, fault(500, FULL))
    result = orders.run(update_order=order)
    assert (result["failed"], result["failure"]) == (True, "other")
    new = 2 if order == "start-first" else 1
    assert result["msg"].startswith(f"Could not {method} orders-{new}: {FULL}: free disk space on the Docker host")
    assert_old_one_serves(orders, order, old_id, result)
    assert result["changed"] == (order == "stop-first")


@pytest.mark.parametrize("order", ORDERS)
def test_next_publish_after_a_broken_one(order: str) -> None:
    orders = running()
    orders.publish(crashes(9, "no database"))
    assert orders.run(update_order=order)["failed"]
    orders.publish()
    result = orders.run(update_order=order)
    assert "failed" not in result
    assert list(orders.versions.values()) == ["3"]
    assert len(orders.engine.names) == 1


def test_broken_publish_leaves_the_instances_after_it_alone() -> None:
    orders = running()
    orders.run(instances=3)
    orders.publish(crashes(9, "no database"))
    assert orders.run()["failed"]
    assert orders.versions == {"orders-1": "1", "orders-2": "1", "orders-3": "1"}


@pytest.mark.parametrize(("maximum", "actions"), [(2, ["stop", "start"] * 2), (3, ["start", "stop"] * 2)])
def test_publish_goes_one_by_one(maximum: int, actions: list[str]) -> None:
    orders = FakeDeployment()
    orders.run(instances=2)
    orders.publish(maxInstances=maximum)
    result = orders.run()
    assert [action["what"] for action in result["actions"]] == actions
    assert sorted(orders.versions.values()) == ["2", "2"]
    assert len(orders.engine.names) == 2


@pytest.mark.parametrize("order", ORDERS)
def test_recreate_replaces_each_instance_once(order: str) -> None:
    orders = FakeDeployment()
    orders.run(instances=3)
    before = [one.id for one in orders.instances]
    wish: dict[str, t.Any] = {"recreate": True, "update_order": order}
    predicted = orders.run(check_mode=True, **wish)
    result = orders.run(**wish)
    assert "failed" not in result, result["msg"]
    assert result["actions"] == predicted["actions"]
    assert [action["what"] for action in result["actions"]].count("start") == 3
    assert len(orders.versions) == 3
    assert not {one.id for one in orders.instances} & set(before)
    assert not orders.run()["changed"]


def test_recreate_does_not_touch_what_the_run_itself_adds() -> None:
    orders = FakeDeployment()
    orders.run()
    assert done(orders.run(recreate=True, scale_by=1)) == ["start orders-2", "start orders-3", "stop orders-1"]


def test_recreate_takes_no_working_instance_down() -> None:
    orders = FakeDeployment()
    orders.behave(ready_after(0))
    orders.run()
    old_id = orders.engine["orders-1"].id
    orders.engine.scripts = dict.fromkeys(orders.engine.scripts, crashes(9, "no database"))
    result = orders.run(recreate=True)
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert orders.engine["orders-1"].id == old_id


@pytest.mark.parametrize(
    ("ports", "actions"),
    [
        (["8080:8080"], ["stop orders-1", "start orders-1"]),
        (["127.0.0.1:8080:8080"], ["stop orders-1", "start orders-1"]),
        (["8080-8089:8080"], ["start orders-2", "stop orders-1"]),
        (["8080"], ["start orders-2", "stop orders-1"]),
    ],
)
def test_where_two_cannot_stand_side_by_side_the_old_one_goes_first(ports: list[str], actions: list[str]) -> None:
    orders = FakeDeployment(options={"published_ports": ports})
    orders.run()
    orders.publish()
    result = orders.run()
    assert "failed" not in result, result["msg"]
    assert done(result) == actions
    assert list(orders.versions.values()) == ["2"]


def test_port_that_is_taken_is_told_with_the_next_step() -> None:
    orders = FakeDeployment(options={"published_ports": ["8080:8080"]})
    result = orders.run(instances=2)
    assert result["failed"]
    assert "port is already allocated: publish another port" in result["msg"]
    assert len(orders.engine.names) == 1


def test_engine_that_repeats_a_secret_is_not_quoted() -> None:
    orders = FakeDeployment()
    orders.bundle["environment"] = {"PASSWORD": "correct-horse-battery-1"}
    orders.engine.before("create", 1, fault(400, "invalid variable: correct-horse-battery-1"))
    result = orders.run()
    assert "Could not create orders-1: invalid variable: " in result["msg"]
    assert "horse" not in str(result)


def test_replacement_gets_the_whole_time() -> None:
    orders = running()
    orders.publish(ready_after(0.5))
    result = orders.run(wait_added=0)
    assert result["msg"] == "orders v2: 1 -> 1 running, started orders-2, stopped orders-1"
    assert orders.engine["orders-2"].lines
