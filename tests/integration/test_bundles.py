# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many bundles in one task, on a real engine: each for itself, at the same time as others, and after a kill."""

from __future__ import annotations

import json
import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor

import docker
import pytest

from lab import Lab
from tests.integration.fleet import READY, Fleet, told
from tests.integration.script_image import script_image
from tests.integration.witness import Witness
from tests.until import until


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient) -> str:
    return script_image(engine)


@pytest.fixture
def fleet(lab: Lab, engine: docker.DockerClient, image: str) -> t.Iterator[Fleet]:
    fleet = Fleet(lab, engine, {"image": image, "stop_timeout": 2, "wait_timeout": 30})
    try:
        yield fleet
    finally:
        fleet.remove()


def test_one_of_three_is_broken(fleet: Fleet) -> None:
    broken = fleet.bundle("broken", "echo no database; exit 9")
    result = fleet.run(fleet.bundle("a"), broken, fleet.bundle("z"), instances=2)
    assert (result["failed"], result["failure"], result["changed"]) == (True, "not_ready", True)
    assert result["msg"].startswith(
        f"1 of 3 bundles failed: {fleet.id('broken')} v1: {fleet.id('broken')}-1 exited with code 9"
    )
    assert "the script was told to fail" in result["msg"]
    assert fleet.names() == ["a-1", "a-2", "z-1", "z-2"]
    assert {row["name"] for row in result["failures"]} <= {f"{fleet.id('broken')}-{number}" for number in (1, 2)}
    assert result["failures"][0]["logs"] == ["no database"]
    assert [row["failed"] for row in result["bundles"]] == [False, True, False]
    assert told(result)[0] == f"{fleet.id('a')} v1: 0 -> 2 running, started {fleet.id('a')}-1 and {fleet.id('a')}-2"

    mended = fleet.run(fleet.bundle("a"), fleet.bundle("broken", updatedAt=1732320001), fleet.bundle("z"))
    assert mended["msg"] == "3 bundles: 4 -> 5 running, started 1"
    assert fleet.names() == ["a-1", "a-2", "broken-1", "z-1", "z-2"]


def test_broken_publish_keeps_what_runs_while_others_roll(fleet: Fleet) -> None:
    names = ("a", "b", "c")
    fleet.run(*(fleet.bundle(name) for name in names))
    news: dict[str, t.Any] = {"version": 2, "updatedAt": 1732330000}
    result = fleet.run(fleet.bundle("a", **news), fleet.bundle("b", "exit 9", **news), fleet.bundle("c", **news))
    assert result["failure"] == "not_ready"
    versions = {name[0]: one.labels["evento.version"] for name, one in fleet.running().items()}
    assert versions == {"a": "2", "b": "1", "c": "2"}


def done(result: dict[str, t.Any]) -> list[tuple[str, str]]:
    return [(action["what"], action["which"]) for action in result["actions"]]


def test_options_of_an_entry_reach_its_instances_only(fleet: Fleet) -> None:
    entries = [
        json.dumps(fleet.bundle("a")),
        {"bundle": fleet.bundle("b"), "memory": "64M", "instances": 2, "env": {"MORE": "b"}},
        {"bundle": fleet.bundle("c"), "state": "stopped"},
    ]
    predicted = fleet.run(*entries, memory="32M", check_mode=True)
    assert fleet.names() == []
    result = fleet.run(*entries, memory="32M")
    assert done(result) == done(predicted)
    assert fleet.names() == ["a-1", "b-1", "b-2"]
    found = {name: one.attrs for name, one in fleet.running().items()}
    assert {name: attrs["HostConfig"]["Memory"] >> 20 for name, attrs in found.items()} == {
        "a-1": 32,
        "b-1": 64,
        "b-2": 64,
    }
    assert ["MORE=b" in attrs["Config"]["Env"] for _name, attrs in sorted(found.items())] == [False, True, True]
    assert not fleet.run(*entries, memory="32M")["changed"]


def test_entry_that_is_refused_changes_nothing(fleet: Fleet) -> None:
    fleet.run(fleet.bundle("a"))
    before = fleet.ids()
    entries = [fleet.bundle("a", version=2), {"bundle": fleet.bundle("b"), "memory": {"a": 1}}, fleet.bundle("a"), "{"]
    result = fleet.run(*entries, prune=True)
    assert (result["failed"], result["failure"], result.get("changed", False)) == (True, "invalid_input", False)
    for words in (
        "bundles[1].memory: expected a string, got an object.",
        f"bundles[2]: the bundle {fleet.id('a')} v1 is in bundles[0] already.",
        "bundles[3]: Invalid bundle: it is not JSON",
    ):
        assert words in result["msg"]
    assert fleet.ids() == before


def test_prune(fleet: Fleet) -> None:
    fleet.run(*(fleet.bundle(name) for name in ("a", "b", "c")), instances=2)
    other = fleet.run(fleet.bundle("x"), project="another")
    assert other["changed"]
    foreign = fleet.engine.containers.create(fleet.options["image"], name=f"{fleet.project}-foreign")
    before = fleet.ids()

    predicted = fleet.run(fleet.bundle("b"), prune=True, check_mode=True)
    assert fleet.ids() == before
    assert (
        predicted["msg"] == f"1 bundle: 6 -> 2 running, would stop 4, would prune {fleet.id('a')} and {fleet.id('c')}"
    )
    diff = predicted["diff"]
    assert set(diff["before"]) - set(diff["after"]) == {fleet.id(name) for name in ("a-1", "a-2", "c-1", "c-2")}

    result = fleet.run(fleet.bundle("b"), prune=True)
    assert (result["actions"], result["commands"]) == (predicted["actions"], predicted["commands"])
    assert result["msg"] == f"1 bundle: 6 -> 2 running, stopped 4, pruned {fleet.id('a')} and {fleet.id('c')}"
    assert fleet.names() == ["b-1", "b-2", "foreign", "x-1"]
    assert fleet.ids() <= before
    assert not fleet.run(fleet.bundle("b"), prune=True)["changed"]

    assert fleet.run(prune=True)["failure"] == "invalid_input"
    assert fleet.run(prune=True, prune_all=True)["changed"]
    assert fleet.names() == ["foreign", "x-1"]
    foreign.reload()
    assert foreign.status == "created"


def test_two_tasks_at_once(fleet: Fleet) -> None:
    names = [f"b{number}" for number in range(4)]
    bundles = [fleet.bundle(name, f"sleep 0.3; {READY}", maxInstances=2) for name in names]
    witnesses = [Witness(fleet.lab, fleet.id(name), 2) for name in names]
    for witness in witnesses:
        witness.__enter__()
    try:
        processes = [fleet.process(*order, scale_by=2) for order in (bundles, bundles[::-1], bundles)]
        with ThreadPoolExecutor(len(processes)) as pool:
            results = list(pool.map(lambda process: process.result(), processes))
    finally:
        for witness in witnesses:
            witness.__exit__()
    assert [result["msg"] for result in results if result.get("failed")] == []
    assert [violation for witness in witnesses for violation in witness.violations] == []
    assert fleet.names() == [f"{name}-{slot}" for name in names for slot in (1, 2)]


@pytest.mark.parametrize("number", [1, 4, 7])
def test_killed_run_is_finished_by_the_next(fleet: Fleet, number: int) -> None:
    bundles = [fleet.bundle(f"b{index}") for index in range(4)]
    process = fleet.process(*bundles, instances=2)
    runner = threading.Thread(target=process.result)
    runner.start()
    until(lambda: len(fleet.names()) >= number, f"{number} containers are there")
    process.kill()
    runner.join()
    result = fleet.run(*bundles, instances=2)
    assert "failed" not in result, result["msg"]
    assert fleet.names() == [f"b{index}-{slot}" for index in range(4) for slot in (1, 2)]
    assert {one.status for one in fleet.running().values()} == {"running"}
    assert not fleet.run(*bundles, instances=2)["changed"]


def test_secrets_of_all_entries_are_in_no_output(fleet: Fleet) -> None:
    planted = {name: f"planted/{name} value" for name in ("A", "B", "C", "D", "E")}
    entries: list[t.Any] = [
        fleet.bundle("a", "echo $A; exit 9", environment={"A": planted["A"]}),
        {"bundle": json.dumps(fleet.bundle("b", environment={"B": planted["B"]})), "env": {"C": planted["C"]}},
        fleet.bundle("c", vmOptions={"-Dd": planted["D"]}),
        {"bundle": fleet.bundle("d"), "artifact_url": "https://u:planted%2FE@repo.example.com/d.jar?E=planted"},
    ]
    results = [fleet.run(*entries, token=planted["E"], check_mode=check_mode) for check_mode in (True, False, False)]
    assert [row["failed"] for row in results[1]["bundles"]] == [True, False, False, False]
    assert results[1]["failures"][0]["logs"] == ["********"]
    refused = fleet.run(*entries, {"bundle": fleet.bundle("e", environment={"A": [planted["A"]]}), "env": planted["B"]})
    assert refused["failure"] == "invalid_input"
    assert "planted" not in json.dumps([*results, refused])
