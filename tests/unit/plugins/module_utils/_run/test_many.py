# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many bundles in one run: the sums, each bundle for itself, and how little is asked of the engine."""

from __future__ import annotations

import json
import threading
import typing as t

import pytest

from tests.unit.plugins.module_utils._run.fake_containers import FakeImage, crashes, ready_after
from tests.unit.plugins.module_utils._run.fake_deployment import FakeDeployment, done, run_many_on
from tests.unit.plugins.module_utils._run.fake_engine import FakeEngine, fault


def bundle(name: str, **more: t.Any) -> dict[str, t.Any]:
    return {"id": name, "version": 1, "updatedAt": 1732320000, "maxInstances": 4, **more}


def scripted(engine: FakeEngine, name: str, script: t.Any, **more: t.Any) -> dict[str, t.Any]:
    """A bundle whose instances follow a script."""
    engine.scripts[name] = script
    return bundle(name, environment={"SCRIPT": name}, **more)


def messages(result: dict[str, t.Any]) -> list[str]:
    return [row["msg"] for row in result["bundles"]]


def test_sums_and_the_result_of_each() -> None:
    engine = FakeEngine()
    predicted = run_many_on(engine, bundle("a"), json.dumps(bundle("b")), check_mode=True)
    assert engine.writes() == []
    result = run_many_on(engine, bundle("a"), json.dumps(bundle("b")))
    assert result["msg"] == "2 bundles: 0 -> 2 running, started 2"
    assert predicted["msg"] == "2 bundles: 0 -> 2 running, would start 2"
    assert done(result) == done(predicted) == ["start a-1", "start b-1"]
    assert messages(result) == ["a v1: 0 -> 1 running, started a-1", "b v1: 0 -> 1 running, started b-1"]
    assert [row["bundle"] for row in result["bundles"]] == ["a", "b"]
    assert [one["name"] for one in result["instances"]] == ["a-1", "b-1"]
    assert [[one["name"] for one in row["instances"]] for row in result["bundles"]] == [["a-1"], ["b-1"]]
    assert len(result["commands"]) == 2
    assert result["commands"] == [line for row in result["bundles"] for line in row["commands"]]
    assert set(result["diff"]["after"]) == {"a-1", "b-1"}
    assert (result["changed"], result["stale"]) == (True, False)

    again = run_many_on(engine, bundle("a"), bundle("b"))
    assert (again["changed"], again["msg"]) == (False, "2 bundles: 2 running, nothing to do")


def test_a_row_is_what_a_run_for_one_returns() -> None:
    alone = FakeDeployment(bundle=bundle("a"))
    result = alone.run(instances=2)
    [row] = run_many_on(FakeEngine(), bundle("a"), instances=2)["bundles"]
    assert {**row, "instances": len(row["instances"])} == {
        "bundle": "a",
        "pruned": False,
        "failed": False,
        **{name: result[name] for name in ("changed", "stale", "actions", "commands", "msg")},
        "instances": 2,
    }


@pytest.mark.parametrize("number", [1, 10, 100])
def test_converged_run_makes_three_requests(number: int) -> None:
    engine = FakeEngine()
    bundles = [bundle(f"b{index}") for index in range(number)]
    assert "failed" not in run_many_on(engine, *bundles, wait=False)
    for check_mode in (False, True):
        engine.calls.clear()
        assert not run_many_on(engine, *bundles, check_mode=check_mode)["changed"]
        assert engine.calls == [("containers", ""), ("inspect_image", "evento-bundle-container")]


def test_image_is_looked_at_once_for_all_that_use_it() -> None:
    engine = FakeEngine(FakeImage(), FakeImage("other"))
    entries = [{"bundle": bundle(f"b{index}"), "image": "other"} for index in range(3)]
    run_many_on(engine, bundle("a"), bundle("b"), *entries)
    images = [call for call in engine.calls if call[0] == "inspect_image"]
    assert sorted(images) == [("inspect_image", "evento-bundle-container"), ("inspect_image", "other")]
    assert engine["b2-1"].image.name == "other"


def test_fault_in_one_stops_no_other() -> None:
    engine = FakeEngine()
    broken = scripted(engine, "broken", crashes(9, "no database"))
    result = run_many_on(
        engine, bundle("a"), broken, {"bundle": bundle("lost"), "image": "missing", "pull": "never"}, bundle("z")
    )
    assert (result["failed"], result["failure"]) == (True, "other")
    assert result["msg"] == (
        "2 of 4 bundles failed: broken v1: broken-1 exited with code 9 before it was ready."
        " lost v1: There is no image missing on the Docker host: build or load it there,"
        " for example with the role evento.docker.evento_bundle, or set pull to missing."
    )
    assert engine.names == ["a-1", "z-1"]
    assert done(result) == ["start a-1", "start broken-1", "start z-1"]
    assert [row["failed"] for row in result["bundles"]] == [False, True, True, False]
    assert [row.get("failure") for row in result["bundles"]] == [None, "not_ready", "other", None]
    [failure] = result["failures"]
    assert (failure["name"], failure["exit_code"], failure["logs"]) == ("broken-1", 9, ["no database"])
    assert (messages(result)[0], messages(result)[3]) == (
        "a v1: 0 -> 1 running, started a-1",
        "z v1: 0 -> 1 running, started z-1",
    )


def test_same_fault_of_many_is_told_once() -> None:
    result = run_many_on(FakeEngine(), bundle("a"), bundle("b"), bundle("c"), token=None)
    assert result["msg"] == (
        "3 of 3 bundles failed: a v1, b v1 and c v1: token is required to start an instance:"
        " pass that of Evento Server's call, or make one with the lookup evento.docker.token."
    )
    assert result["failure"] == "invalid_input"


def test_expired_token_stops_only_what_needs_it() -> None:
    # {"alg":"none"}.{"exp":1}.
    expired = "eyJhbGciOiJub25lIn0.eyJleHAiOjF9."
    engine = FakeEngine()
    run_many_on(engine, bundle("a"), bundle("gone"))
    entries = [bundle("a"), bundle("new"), {"bundle": bundle("gone"), "state": "stopped"}]
    result = run_many_on(engine, *entries, token=expired)
    assert (result["failure"], result["changed"]) == ("token_expired", True)
    assert result["msg"].startswith("1 of 3 bundles failed: new v1: The token expired ")
    assert engine.names == ["a-1"]


def test_failure_that_nobody_foresaw_stops_no_other() -> None:
    engine = FakeEngine()

    def surprise() -> None:
        raise ZeroDivisionError("planted")

    engine.before("create", 1, surprise)
    result = run_many_on(engine, bundle("a"), bundle("b"))
    assert result["failed"]
    assert "Internal error: ZeroDivisionError in " in result["msg"]
    assert "planted" not in str(result)
    assert len(engine.names) == 1


def test_engine_that_cannot_be_reached_is_told_once() -> None:
    engine = FakeEngine()
    engine.before("containers", 1, fault(500, "no space left on device"))
    result = run_many_on(engine, bundle("a"), bundle("b"))
    assert result["msg"].startswith("Could not list the instances: no space left on device")
    assert "bundles" not in result


def test_stale_bundle_among_others() -> None:
    engine = FakeEngine()
    run_many_on(engine, bundle("a", updatedAt=1732330000))
    result = run_many_on(engine, bundle("a"), bundle("b"))
    assert result["msg"] == "2 bundles: 1 -> 2 running, 1 stale, started 1"
    assert [row["stale"] for row in result["bundles"]] == [True, False]
    assert result["stale"]


def test_options_of_an_entry_go_before_those_of_the_task() -> None:
    engine = FakeEngine()
    entries = [
        bundle("a"),
        {"bundle": json.dumps(bundle("b")), "instances": 3, "memory": "64m", "ports": [8080]},
        {"bundle": bundle("c"), "scale_by": 1, "network_mode": "host", "memory": None, "user": 7},
        {"bundle": bundle("d"), "artifact_url": "https://repo.example.com/d.jar", "env": {"A": "d"}},
    ]
    options: dict[str, t.Any] = {
        "instances": 2,
        "memory": "32m",
        "networks": [{"name": "n", "aliases": None}],
        "env": {"A": "task"},
    }
    result = run_many_on(engine, *entries, **options)
    assert "failed" not in result, result["msg"]
    assert engine.names == ["a-1", "a-2", "b-1", "b-2", "b-3", "c-1", "d-1", "d-2"]
    sizes = {name: engine[name].host_config["Memory"] >> 20 for name in ("a-1", "b-1", "c-1")}
    assert sizes == {"a-1": 32, "b-1": 64, "c-1": 32}
    modes = {name: engine[name].host_config["NetworkMode"] for name in ("a-1", "c-1")}
    assert modes == {"a-1": "n", "c-1": "host"}
    assert "8080/tcp" in engine["b-3"].config["ExposedPorts"]
    assert engine["c-1"].config["User"] == "7"
    environment = dict(pair.split("=", 1) for pair in engine["d-1"].config["Env"])
    assert (environment["APP_JAR_URL"], environment["A"]) == ("https://repo.example.com/d.jar", "d")


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([7], "bundles[0]: Invalid bundle: expected a JSON object, got a number."),
        ([None], "bundles[0]: Invalid bundle: expected a JSON object, got null."),
        (["{"], "bundles[0]: Invalid bundle: it is not JSON, "),
        ([{"bundle": None}], "bundles[0]: Invalid bundle: expected a JSON object, got null."),
        ([bundle("a"), bundle("a", version=2)], "bundles[1]: the bundle a v2 is in bundles[0] already."),
        ([{"bundle": bundle("a"), "memroy": "1m"}], "bundles[0].memroy: there is no such option: did you mean memory?"),
        (
            [{"bundle": bundle("a"), "docker_host": "tcp://a"}],
            "bundles[0].docker_host: this is an option of the task, not of one bundle.",
        ),
        (
            [{"bundle": bundle("a"), "prune": True}],
            "bundles[0].prune: this is an option of the task, not of one bundle.",
        ),
        (
            [{"bundle": bundle("a"), "token": "t"}],
            "bundles[0].token: this is an option of the task, not of one bundle.",
        ),
        ([{"bundle": bundle("a"), "memory": {"a": 1}}], "bundles[0].memory: expected a string, got an object."),
        ([{"bundle": bundle("a"), "cap_drop": [None]}], "bundles[0].cap_drop[0]: expected a string, got null."),
        ([{"bundle": bundle("a"), "state": "s"}], "bundles[0].state: expected one of started, stopped, absent, got s."),
        ([{"bundle": bundle("a"), "memory": "much"}], "bundles[0].memory: expected a size such as 512M, got much."),
        ([{"bundle": bundle("a"), "env": {"A": None}}], "bundles[0].env.A: expected a plain value, got null."),
        (
            [{"bundle": bundle("a"), "instances": 1, "scale_by": 1}],
            "bundles[0]: expected instances or scale_by, got both.",
        ),
        (
            [{"bundle": bundle("a"), "instances": 7}],
            "bundles[0]: instances is 7, but the bundle allows 1 to 4 (minInstances, maxInstances):",
        ),
    ],
)
def test_entry_that_is_refused(entries: list[t.Any], told: str) -> None:
    engine = FakeEngine()
    result = run_many_on(engine, bundle("fine"), *entries)
    assert (result["failed"], result["failure"]) == (True, "invalid_input")
    assert result["msg"].startswith(told.replace("bundles[1]", "bundles[2]").replace("bundles[0]", "bundles[1]"))
    assert engine.calls == []


def test_every_fault_of_every_entry_is_told_at_once() -> None:
    entries = [
        {"bundle": {"id": "a", "version": [], "maxInstances": -1}, "memroy": "1m", "user": {}},
        bundle("b"),
        "no JSON",
        {"bundle": bundle("c"), "cpus": "many"},
    ]
    result = run_many_on(FakeEngine(), *entries)
    for told in (
        "bundles[0].memroy: there is no such option",
        "bundles[0].user: expected a string, got an object.",
        "bundles[0]: Invalid bundle: version: expected a number, got an array; maxInstances: expected a whole number",
        "bundles[2]: Invalid bundle: it is not JSON",
        "bundles[3].cpus: expected a number, got a string.",
    ):
        assert told in result["msg"]


def test_fault_of_the_task_itself_is_told_once() -> None:
    result = run_many_on(FakeEngine(), bundle("a"), bundle("b"), memory="much")
    assert result["msg"] == "memory: expected a size such as 512M, got much."


def test_starts_are_limited_over_all_bundles_together() -> None:
    engine = FakeEngine()
    bundles = [scripted(engine, f"b{number}", ready_after(0.1)) for number in range(6)]
    most, running = 0, True

    def count() -> None:
        nonlocal most
        while running:
            live = [one for one in engine.there if one.state == "running" and not one.lines]
            most = max(most, len(live))

    witness = threading.Thread(target=count)
    witness.start()
    result = run_many_on(engine, *bundles, instances=3, wait_timeout=10)
    running = False
    witness.join()
    assert "failed" not in result, result["msg"]
    assert len(engine.names) == 18
    # As many as the engine has CPUs.
    assert most == 2


def test_bundle_that_stands_alone_takes_all_turns() -> None:
    engine = FakeEngine()
    slow = scripted(engine, "slow", ready_after(0.3))
    run_many_on(engine, bundle("a"))
    result = run_many_on(engine, bundle("a"), {"bundle": slow, "instances": 4}, wait_timeout=10)
    assert "failed" not in result, result["msg"]
    starts = [subject for method, subject in engine.calls if method in ("start", "containers")]
    # Two by two, with a look between.
    assert "slow-1" in starts[: starts.index("slow-3")]
    assert starts[starts.index("slow-1") + 1] == "slow-2" or starts[starts.index("slow-2") + 1] == "slow-1"


def test_unsettled_bundle_alone_is_looked_at_again() -> None:
    engine = FakeEngine()
    bundles = [bundle(f"b{number}") for number in range(5)]
    run_many_on(engine, *bundles)
    # Another run has created it, and is about to start it.
    config = {**engine["b3-1"].config, "HostConfig": {"AutoRemove": True}, "Image": "evento-bundle-container"}
    new = engine.create_container_from_config(config, "b3-2")["Id"]
    engine.calls.clear()
    engine.after("containers", 2, lambda: engine.start(new))
    result = run_many_on(engine, *bundles)
    assert not result["changed"]
    assert result["msg"] == "5 bundles: 6 running, nothing to do"
    assert 2 <= sum(method == "containers" for method, _subject in engine.calls) <= 4
