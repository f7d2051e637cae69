# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a run waits for what it has started, and what it tells then and later, on a fake engine."""

from __future__ import annotations

import time

import pytest

from tests.unit.plugins.module_utils.fake_containers import HANGS, READY, crashes, ready_after
from tests.unit.plugins.module_utils.fake_deployment import FakeDeployment, done


def test_added_instance_that_ends_in_time_fails_the_task() -> None:
    deployment = FakeDeployment()
    deployment.behave(crashes(9, "no database"))
    result = deployment.run(wait_added=1, wait_timeout=60)
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert result["msg"] == "orders-1 exited with code 9 before it was ready."
    [failure] = result["failures"]
    assert (failure["name"], failure["exit_code"], failure["logs"]) == ("orders-1", 9, ["no database"])
    assert deployment.engine.names == []


def test_added_instance_that_takes_longer_is_left_to_start() -> None:
    deployment = FakeDeployment()
    deployment.behave(HANGS)
    began = time.monotonic()
    result = deployment.run(wait_added=0, wait_timeout=60)
    assert time.monotonic() - began < 2
    assert ("failed" in result, result["changed"]) == (False, True)
    assert result["msg"] == "orders v1: 0 -> 1 running, started orders-1; orders-1 is still starting"
    assert deployment.engine["orders-1"].state == "running"


def test_added_instance_that_reports_in_time_is_not_told_of() -> None:
    deployment = FakeDeployment()
    deployment.behave(READY)
    assert deployment.run(wait_added=1)["msg"] == "orders v1: 0 -> 1 running, started orders-1"


def test_added_instance_is_waited_for_where_nothing_else_is_said() -> None:
    deployment = FakeDeployment()
    deployment.behave(HANGS)
    result = deployment.run(wait_timeout=1)
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert "ready_when: running does not" in result["msg"]
    assert deployment.engine["orders-1"].state == "running", "it may still come up"


@pytest.mark.parametrize("update_order", ["start-first", "stop-first"])
def test_replacement_gets_the_whole_time(update_order: str) -> None:
    deployment = FakeDeployment()
    deployment.run()
    deployment.publish(ready_after(0.3))
    began = time.monotonic()
    result = deployment.run(wait_added=0, wait_timeout=60, update_order=update_order)
    assert time.monotonic() - began >= 0.3
    assert "failed" not in result, result["msg"]
    assert "starting" not in result["msg"]
    assert list(deployment.versions.values()) == ["2"]


def test_each_added_instance_that_ends_is_told() -> None:
    deployment = FakeDeployment()
    deployment.behave(crashes(3, "bad option"))
    result = deployment.run(instances=2, wait_added=1)
    assert sorted(failure["name"] for failure in result["failures"]) == ["orders-1", "orders-2"]
    assert {failure["exit_code"] for failure in result["failures"]} == {3}


def test_ended_instance_is_kept_and_the_next_run_tells_of_it() -> None:
    deployment = FakeDeployment(options={"auto_remove": False})
    deployment.behave(HANGS)
    deployment.run(wait_added=0)
    engine = deployment.engine
    engine.end(engine["orders-1"], 9)
    assert engine.names == ["orders-1"], "it is there to be looked at"
    result = deployment.run(wait_added=0)
    assert done(result) == ["remove orders-1", "start orders-1"]
    assert "; orders-1 had exited with code 9" in result["msg"]


def test_ended_instance_is_told_of_once() -> None:
    deployment = FakeDeployment(options={"auto_remove": False})
    deployment.run()
    engine = deployment.engine
    old = engine["orders-1"]
    engine.end(old, 9)
    deployment.run()
    assert engine["orders-1"].id != old.id
    result = deployment.run()
    assert (result["changed"], result["msg"]) == (False, "orders v1: 1 running, nothing to do")


@pytest.mark.parametrize(("updated_at", "stale"), [("1732320000.958060125", False), ("1732320000.95605", True)])
def test_only_what_is_older_by_more_than_a_millisecond_is_stale(updated_at: str, stale: bool) -> None:
    """One publish has two forms, of which the later one may be the older."""
    deployment = FakeDeployment()
    first = '{"id": "orders", "version": 1, "updatedAt": 1732320000.958061123}'
    deployment.run(bundle=first)
    result = deployment.run(bundle=first.replace("1732320000.958061123", updated_at), scale_by=1)
    assert (result["stale"], result["changed"], len(deployment.versions)) == (stale, not stale, 1 if stale else 2)
    assert ("stale" in result["msg"]) == stale
