# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run does at the most, whatever its instances and the engine do, on a fake engine."""

from __future__ import annotations

import time
import typing as t
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.unit.plugins.module_utils.fake_containers import READY, FakeImage, ready_after
from tests.unit.plugins.module_utils.fake_deployment import FakeDeployment, done
from tests.unit.plugins.module_utils.fake_engine import FakeEngine

# The option artifact: copy puts the JAR there.
DIRECTORY = "/opt/evento/artifact"


@pytest.fixture
def copying(tmp_path: Path) -> dict[str, t.Any]:
    """Options for a JAR that the module copies."""
    jar = tmp_path / "demo.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "")
    return {"artifact": "copy", "artifact_url": jar.as_uri()}


def test_instances_that_turn_unhealthy_are_not_replaced_for_ever() -> None:
    deployment = FakeDeployment(FakeEngine(FakeImage(healthcheck=True)))
    engine = deployment.engine
    deployment.run(instances=2)
    deployment.publish()

    def fall_ill() -> None:
        for name, version in deployment.versions.items():
            if version == "2":
                engine[name].health = "unhealthy"

    # Each new one, as soon as it was ready and an old one goes for it.
    for number in range(1, 100):
        engine.before("stop", number, fall_ill)
    result = deployment.run()
    assert (result["failed"], result["failure"], result["changed"]) == (True, "not_ready", True)
    assert result["msg"] == "orders-3 became unhealthy after it was ready."
    assert [failure["name"] for failure in result["failures"]] == ["orders-3"]
    assert done(result) == ["start orders-3", "stop orders-1"]
    assert deployment.versions == {"orders-2": "1", "orders-3": "2"}, "the other old one serves"


def test_instances_that_crash_and_are_restarted_are_not_replaced_for_ever(copying: dict[str, t.Any]) -> None:
    deployment = FakeDeployment(FakeEngine(FakeImage(volumes=(DIRECTORY,), directories=(DIRECTORY,))))
    deployment.options = {**copying, "restart_policy": "on-failure"}
    engine = deployment.engine
    deployment.run(instances=2)
    deployment.publish()

    def crash() -> None:
        for name, version in deployment.versions.items():
            if version == "2":
                engine.end(engine[name], 9)

    for number in range(1, 100):
        engine.before("stop", number, crash)
    result = deployment.run()
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    # By its exit, or by the engine's starting it again, whichever shows first.
    assert result["msg"] in (
        "orders-3 exited with code 9 after it was ready.",
        "orders-3 was restarting after it was ready.",
    )
    assert [failure["logs"] for failure in result["failures"]] == [["Application Started!"]]
    assert done(result) == ["start orders-3", "stop orders-1"]
    assert engine["orders-2"].state == "running"


def test_added_instances_that_end_after_they_were_ready_are_not_started_for_ever() -> None:
    deployment = FakeDeployment()
    deployment.behave(READY)
    engine = deployment.engine
    deployment.run()

    def crash() -> None:
        for one in engine.there[1:]:
            if one.state == "running":
                engine.end(one, 9)

    # Before each look, as soon as it was ready.
    for number in range(1, 100):
        engine.before("containers", number, crash)
    result = deployment.run(instances=2)
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert result["msg"] == "orders-2 exited with code 9 after it was ready."
    assert done(result) == ["start orders-2"]


def test_faulty_instance_that_was_found_is_replaced_once() -> None:
    deployment = FakeDeployment(FakeEngine(FakeImage(healthcheck=True)))
    deployment.run(instances=2)
    deployment.engine["orders-1"].health = "unhealthy"
    result = deployment.run()
    assert done(result) == ["start orders-3", "stop orders-1"]
    assert not deployment.run()["changed"]


def _steps_back(engine: FakeEngine) -> None:
    engine.clock_off_by = -3600


def _tells_no_time(engine: FakeEngine) -> None:
    engine.tells_time = False


def test_leftover_of_a_killed_run_is_removed_whatever_the_engine_says_the_time_is() -> None:
    def follow_a_killed_run(upset: t.Callable[[FakeEngine], None]) -> tuple[dict[str, t.Any], list[str], float]:
        deployment = FakeDeployment()
        deployment.run()
        engine, one = deployment.engine, deployment.engine["orders-1"]
        engine.create_container_from_config(
            {"Image": one.image.name, "Labels": one.config["Labels"], "HostConfig": {}}, "orders-2"
        )
        upset(engine)
        began = time.monotonic()
        return deployment.run(), engine.names, time.monotonic() - began

    # Both at once, because the wait is a real one.
    with ThreadPoolExecutor() as pool:
        for result, names, seconds in pool.map(follow_a_killed_run, (_steps_back, _tells_no_time)):
            assert result["msg"] == "orders v1: 1 -> 1 running, removed orders-2"
            assert names == ["orders-1"]
            assert seconds < 8


def test_leftover_that_is_old_enough_holds_nobody_up() -> None:
    deployment = FakeDeployment()
    deployment.run()
    engine, one = deployment.engine, deployment.engine["orders-1"]
    engine.create_container_from_config(
        {"Image": one.image.name, "Labels": one.config["Labels"], "HostConfig": {}}, "orders-2"
    )
    engine.clock_off_by = 10
    began = time.monotonic()
    assert done(deployment.run()) == ["remove orders-2"]
    assert time.monotonic() - began < 2


def test_image_without_the_directory_for_the_jar_is_one_error(copying: dict[str, t.Any]) -> None:
    # Its volume is one above, and the image has nothing in it.
    deployment = FakeDeployment(FakeEngine(FakeImage(volumes=("/opt",))))
    began = time.monotonic()
    result = deployment.run(**copying)
    assert result["failed"]
    assert f"Could not copy the JAR into orders-1: Could not find the file {DIRECTORY} in container" in result["msg"]
    assert time.monotonic() - began < 2
    methods = [method for method, _subject in deployment.engine.writes()]
    assert methods == ["create", "put_archive", "remove"], "it is tried once, and nothing is left"
    assert deployment.engine.names == []


def test_publish_of_an_image_without_the_directory_for_the_jar_takes_nothing_down(copying: dict[str, t.Any]) -> None:
    deployment = FakeDeployment(FakeEngine(FakeImage(), FakeImage("broken", volumes=("/opt",))))
    deployment.run()
    result = deployment.run(image="broken", **copying)
    assert result["failed"]
    assert result["msg"].endswith("; the old orders-1, which it was to replace, still runs.")
    assert deployment.engine.names == ["orders-1"]


def test_slow_replacement_ends_at_the_time_out() -> None:
    deployment = FakeDeployment()
    deployment.run()
    deployment.publish(ready_after(60))
    began = time.monotonic()
    assert deployment.run(wait_timeout=1)["failed"]
    assert 1 <= time.monotonic() - began < 3
