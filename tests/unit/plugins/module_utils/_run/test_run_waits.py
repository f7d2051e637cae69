# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a run waits for what it adds, what it tells of instances that have ended, and which publish is the newer."""

from __future__ import annotations

import pytest

from tests.unit.plugins.module_utils._run.fake_containers import HANGS, READY_LINE, Moment, crashes, ready_after
from tests.unit.plugins.module_utils._run.fake_deployment import FakeDeployment, done
from tests.until import until

MILLISECOND = 10**6


def test_added_instance_that_ends_in_that_time_fails_the_task() -> None:
    orders = FakeDeployment()
    orders.behave(crashes(9, "no database", after=0.1))
    result = orders.run(wait_added=0.8)
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert result["msg"] == "orders-1 exited with code 9 before it was ready."
    [failure] = result["failures"]
    assert (failure["exit_code"], failure["logs"]) == (9, ["no database"])
    assert orders.engine.names == []


def test_added_instance_that_has_not_reported_yet_is_left_to_start() -> None:
    orders = FakeDeployment()
    orders.behave(HANGS)
    result = orders.run(wait_added=0.2)
    assert result["msg"] == "orders v1: 0 -> 1 running, started orders-1; orders-1 is still starting"
    assert ("failed" in result, result["changed"]) == (False, True)
    assert orders.engine["orders-1"].state == "running"


def test_added_instance_that_reports_in_time_is_not_told_of() -> None:
    orders = FakeDeployment()
    orders.behave(ready_after(0.1))
    assert orders.run(wait_added=0.8)["msg"] == "orders v1: 0 -> 1 running, started orders-1"


def test_added_instance_is_waited_for_without_wait_added() -> None:
    orders = FakeDeployment()
    orders.behave(HANGS)
    result = orders.run(wait_added=None)
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert "ready_when: running does not" in result["msg"]
    assert orders.engine.names == ["orders-1"], "it may still come up"


def test_several_added_instances_share_the_wait() -> None:
    orders = FakeDeployment()
    orders.behave(HANGS)
    result = orders.run(instances=3, wait_added=0.2)
    told = result["msg"].split("; ")[1:]
    assert sorted(told) == [f"orders-{slot} is still starting" for slot in (1, 2, 3)]


def test_ended_instance_is_cleared_and_told_of_by_the_next_run() -> None:
    orders = FakeDeployment(options={"auto_remove": False})
    orders.behave((Moment(says=READY_LINE), Moment(0.1, "out of memory", exits=7)))
    assert "failed" not in orders.run()
    until(lambda: orders.engine["orders-1"].state == "exited", "it ends")
    orders.behave(None)
    result = orders.run()
    assert done(result) == ["remove orders-1", "start orders-1"]
    assert result["msg"] == (
        "orders v1: 0 -> 1 running, started orders-1, removed orders-1; orders-1 had exited with code 7"
    )
    assert orders.run()["msg"] == "orders v1: 1 running, nothing to do"


def test_added_instance_that_fails_is_kept_for_a_look() -> None:
    orders = FakeDeployment(options={"auto_remove": False})
    orders.behave(crashes(9, "no database"))
    assert orders.run()["failed"]
    assert orders.engine["orders-1"].state == "exited"


@pytest.mark.parametrize(
    ("older_by", "stale"),
    [(998, False), (MILLISECOND, False), (2 * MILLISECOND, True), (-998, False)],
)
def test_one_publish_in_two_forms_is_not_stale(older_by: int, stale: bool) -> None:
    orders = FakeDeployment()
    nanoseconds = 1732320000_958060998
    orders.bundle["updatedAt"] = seconds(nanoseconds)
    orders.run()
    orders.bundle["updatedAt"] = seconds(nanoseconds - older_by)
    result = orders.run(scale_by=1)
    assert (result["stale"], result["changed"]) == (stale, not stale)
    assert len(orders.engine.names) == (1 if stale else 2)


def seconds(nanoseconds: int) -> str:
    """As ISO 8601, in which no digit is lost; a JSON number with so many would be a float here."""
    return f"2024-11-23T00:00:00.{nanoseconds % 10**9:09d}Z"
