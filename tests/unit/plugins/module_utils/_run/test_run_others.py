# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other runs, and containers that are not ours, get in between: the number stays exact and every answer is correct."""

from __future__ import annotations

import typing as t
from contextlib import suppress

import pytest
from docker.errors import NotFound

from tests.unit.plugins.module_utils._run.fake_containers import FakeImage
from tests.unit.plugins.module_utils._run.fake_deployment import FakeDeployment, done
from tests.unit.plugins.module_utils._run.fake_engine import FakeEngine, fault


def pair(**bundle: object) -> tuple[FakeDeployment, FakeDeployment]:
    """Two callers that deploy the same bundle on one engine."""
    orders = FakeDeployment()
    orders.bundle.update(bundle)
    return orders, FakeDeployment(orders.engine, dict(orders.bundle))


def add_container(orders: FakeDeployment, name: str, labels: t.Mapping[str, str]) -> None:
    """A container that somebody else starts."""
    config = {"Image": FakeImage().name, "Labels": labels, "HostConfig": {}}
    orders.engine.start(orders.engine.create_container_from_config(config, name)["Id"])


def test_name_taken_by_another_run_is_counted_anew() -> None:
    orders, other = pair()
    orders.engine.before("create", 1, lambda: other.run(scale_by=1))
    result = orders.run(scale_by=1)
    assert result["msg"] == "orders v1: 0 -> 2 running, started orders-2"
    assert orders.engine.names == ["orders-1", "orders-2"]


def test_last_slot_taken_by_another_run() -> None:
    orders, other = pair(maxInstances=1)
    orders.engine.before("create", 1, lambda: other.run(scale_by=1))
    result = orders.run(scale_by=1)
    assert not result["changed"]
    assert result["msg"] == "orders v1: 1 running (maxInstances), nothing to do"
    assert [one["name"] for one in result["instances"]] == ["orders-1"]


def test_name_taken_by_a_newer_publish_makes_the_call_stale() -> None:
    orders, other = pair()
    other.publish()
    orders.engine.before("create", 1, other.run)
    result = orders.run()
    assert (result["stale"], result["changed"]) == (True, False)
    assert orders.versions == {"orders-1": "2"}


def test_newer_publish_between_creation_and_start() -> None:
    orders, other = pair()
    orders.run()
    other.publish()
    other.engine = FakeEngine()
    other.run()
    newer = other.engine["orders-1"].config["Labels"]
    orders.engine.after("create", 1, lambda: add_container(orders, "orders-8", newer))
    result = orders.run(scale_by=1)
    assert (result["stale"], result["changed"]) == (True, False)
    assert orders.versions == {"orders-1": "1", "orders-8": "2"}


def test_maximum_reached_between_creation_and_start() -> None:
    orders, _other = pair(maxInstances=2)
    orders.run()
    orders.engine.after("create", 1, lambda: add_container(orders, "orders-3", orders.instances[0].config["Labels"]))
    result = orders.run(scale_by=1)
    assert not result["changed"]
    assert result["msg"].endswith("(maxInstances), nothing to do")
    assert orders.engine.names == ["orders-1", "orders-3"]


@pytest.mark.parametrize("order", ["start-first", "stop-first"])
@pytest.mark.parametrize("method", ["create", "start", "stop"])
def test_instance_that_another_run_stops_while_it_is_replaced(method: str, order: str) -> None:
    orders, _other = pair()
    orders.run()
    old = orders.engine["orders-1"].id
    orders.publish()

    def remove_old() -> None:
        # At the start it is gone already where the old one goes first.
        with suppress(NotFound):
            orders.engine.remove_container(old, force=True)

    orders.engine.before(method, 1, remove_old)
    result = orders.run(update_order=order)
    assert "failed" not in result, result["msg"]
    assert list(orders.versions.values()) == ["2"]
    assert len(orders.engine.names) == 1


@pytest.mark.parametrize("order", ["start-first", "stop-first"])
@pytest.mark.parametrize(("method", "number"), [("create", 1), ("create", 2), ("start", 1), ("stop", 1)])
def test_two_runs_that_recreate_replace_each_instance_once(method: str, number: int, order: str) -> None:
    orders, other = pair()
    orders.run(instances=2)
    of_other: list[dict[str, t.Any]] = []
    wish: dict[str, t.Any] = {"recreate": True, "update_order": order}

    def recreate() -> None:
        # So old that the other run does not wait for what was created and not started.
        orders.engine.clock_off_by = 10
        of_other.append(other.run(**wish))

    orders.engine.before(method, number, recreate)
    result = orders.run(**wish)
    assert "failed" not in {**result, **of_other[0]}
    assert len(orders.versions) == 2
    assert len(orders.engine.names) == 2, "no standby is left"
    starts = [step for step in done(result) + done(of_other[0]) if step.startswith("start")]
    assert len(starts) <= 4, "each run replaces at most the two that it found"


def test_plain_run_leaves_a_recreation_under_way_alone() -> None:
    """The old one and the new one are both up to date: it is the new one that stays."""
    orders, other = pair()
    orders.run()
    old = orders.engine["orders-1"].id
    of_other: list[dict[str, t.Any]] = []
    orders.engine.before("stop", 1, lambda: of_other.append(other.run(scale_by=1)))
    result = orders.run(recreate=True)
    assert "failed" not in {**result, **of_other[0]}
    assert "orders-2" in orders.versions
    assert old not in [one.id for one in orders.instances]


@pytest.mark.parametrize("auto_remove", [True, False])
def test_removal_that_another_run_has_begun(auto_remove: bool) -> None:
    orders, _other = pair()
    orders.run(auto_remove=auto_remove)

    def removed_meanwhile() -> None:
        with suppress(NotFound):
            orders.engine.remove_container("orders-1")
        fault(409, "removal of container orders-1 is already in progress")()

    orders.engine.before("remove", 1, removed_meanwhile)
    result = orders.run(state="stopped")
    assert result["msg"] == "orders v1: 1 -> 0 running, stopped orders-1"
    assert orders.engine.names == []


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (409, "removal of container orders-1 is already in progress"),
        (500, "unable to remove filesystem for orders-1: directory not empty"),
    ],
)
def test_removal_that_the_engine_gives_up_is_begun_again(status: int, words: str) -> None:
    orders, _other = pair()
    orders.run(auto_remove=False)

    def given_up() -> None:
        orders.engine["orders-1"].state = "dead"
        fault(status, words)()

    orders.engine.before("remove", 1, given_up)
    result = orders.run(state="stopped")
    assert result["msg"] == "orders v1: 1 -> 0 running, stopped orders-1"
    assert orders.engine.names == []


def test_container_that_cannot_be_started_is_told_of_also_by_podman() -> None:
    """Its answer to that is 409, as that of Docker about a container that is being removed."""
    orders, _other = pair()
    words = "preparing container 4711 for attach: rootlessport listen tcp 0.0.0.0:80: bind: address already in use"
    orders.engine.before("attach", 1, fault(409, words))
    result = orders.run()
    assert result["msg"].startswith(f"Could not watch orders-1: {words}: publish another port")
    assert orders.engine.names == []
    assert [call for call in orders.engine.calls if call[0] == "create"] == [("create", "orders-1")]


def test_name_that_podman_gives_to_another_at_the_same_time() -> None:
    orders, other = pair()
    words = 'creating container storage: the container name "orders-1" is already in use by 4711'

    def taken() -> None:
        other.run()
        fault(500, words)()

    orders.engine.before("create", 1, taken)
    assert orders.run(scale_by=1)["msg"].startswith("orders v1: 0 -> 2 running, started orders-2")


def test_foreign_container_of_our_name_is_passed_over() -> None:
    orders, _other = pair()
    add_container(orders, "orders-1", {})
    foreign = orders.engine["orders-1"]
    result = orders.run(instances=2)
    assert done(result) == ["start orders-2", "start orders-3"]
    assert (foreign.state, orders.engine["orders-1"].id) == ("running", foreign.id)
    assert not orders.run(instances=2)["changed"]


def test_foreign_container_takes_our_name_in_between() -> None:
    orders, _other = pair()
    orders.engine.before("create", 1, lambda: add_container(orders, "orders-1", {}))
    assert done(orders.run()) == ["start orders-2"]
    assert orders.engine.names == ["orders-1", "orders-2"]


def test_instance_that_somebody_stops_before_it_is_ready_is_not_its_fault() -> None:
    orders, _other = pair()
    orders.engine.after("start", 1, lambda: orders.engine.stop("orders-1", timeout=1))
    orders.behave(())
    orders.run(wait_added=0.2)
    assert len(orders.engine.names) == 1


def test_scale_down_counts_once() -> None:
    """What another run stops meanwhile is not stopped twice."""
    orders, other = pair()
    orders.run(instances=4)
    orders.engine.before("stop", 1, lambda: other.run(instances=3))
    orders.run(scale_by=-1)
    assert len(orders.engine.names) == 3


def test_scale_down_is_a_plain_number_from_the_first_look_on() -> None:
    orders, other = pair()
    orders.run(instances=3)
    orders.engine.before("stop", 1, lambda: other.run(scale_by=1))
    orders.run(scale_by=-1)
    assert len(orders.engine.names) == 2


def test_converged_run_costs_two_calls_and_changes_nothing() -> None:
    orders = FakeDeployment(FakeEngine())
    orders.run(instances=4)
    orders.engine.calls.clear()
    result = orders.run(scale_by=1)
    assert result["msg"] == "orders v1: 4 running (maxInstances), nothing to do"
    assert orders.engine.calls == [("containers", ""), ("inspect_image", FakeImage().name)]


def test_check_mode_changes_nothing() -> None:
    orders = FakeDeployment()
    orders.run(instances=2)
    orders.publish()
    before = orders.engine.writes()
    predicted = orders.run(check_mode=True, instances=3)
    assert orders.engine.writes() == before
    result = orders.run(instances=3)
    assert predicted["actions"] == result["actions"]
