# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run comes to an end, whatever the instances and the engine do."""

from __future__ import annotations

import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zipfile import ZipFile

import pytest

from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import DIRECTORY
from tests.unit.plugins.module_utils._run.fake_containers import READY_LINE, FakeImage, Moment
from tests.unit.plugins.module_utils._run.fake_deployment import FakeDeployment, done
from tests.unit.plugins.module_utils._run.fake_engine import FakeEngine

HOUR = 3600.0


def copying(tmp_path: Path, image: FakeImage) -> FakeDeployment:
    """A bundle whose JAR is copied into its instances."""
    jar = tmp_path / "a.jar"
    with ZipFile(jar, "w") as content:
        content.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
    options = {"artifact": "copy", "artifact_url": jar.as_uri()}
    return FakeDeployment(FakeEngine(image), options=options)


def slow_fall(fall: Moment) -> tuple[Moment, ...]:
    """An instance that falls while the next one starts."""
    return (Moment(0.6, READY_LINE, "healthy"), fall)


def starts(result: dict[str, t.Any]) -> list[str]:
    return [step for step in done(result) if step.startswith("start")]


def test_instances_that_turn_unhealthy_are_not_replaced_for_ever() -> None:
    orders = FakeDeployment(FakeEngine(FakeImage(healthcheck=True)))
    orders.run(instances=2)
    orders.publish(slow_fall(Moment(0.4, health="unhealthy")))
    result = orders.run(wait_timeout=5)
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert "orders-3 became unhealthy after it was ready" in result["msg"]
    assert len(starts(result)) <= 2


def test_instances_that_crash_are_not_replaced_for_ever(tmp_path: Path) -> None:
    orders = copying(tmp_path, FakeImage(volumes=(DIRECTORY,), directories=(DIRECTORY,)))
    orders.options["restart_policy"] = "on-failure"
    orders.run(instances=2)
    orders.publish(slow_fall(Moment(0.4, "no database", exits=3)))
    result = orders.run(wait_timeout=5)
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert "orders-3 exited with code 3 after it was ready" in result["msg"]
    [failure] = result["failures"]
    assert (failure["exit_code"], failure["logs"]) == (3, [READY_LINE, "no database"])
    assert len(starts(result)) <= 2


def test_added_instance_that_falls_is_not_started_again_for_ever() -> None:
    """It falls while another one is replaced; the engine has removed it by then."""
    orders = FakeDeployment()
    orders.run()
    orders.publish(slow_fall(Moment(0.4, exits=3)))
    result = orders.run(instances=2, wait_timeout=5)
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert "orders-2 exited with code 3 after it was ready" in result["msg"]
    assert len(starts(result)) <= 2


def leftover(tells_time: bool, steps_back: bool) -> tuple[FakeDeployment, float, dict[str, t.Any]]:
    """What a killed run left behind a moment ago, and how long a run took that found it."""
    orders = FakeDeployment()
    orders.run()
    engine, labels = orders.engine, engine_labels(orders)
    engine.tells_time = tells_time
    engine.create_container_from_config(
        {"Image": "evento-bundle-container", "Labels": labels, "HostConfig": {}}, "orders-2"
    )
    engine.clock_off_by = -HOUR if steps_back else 0
    began = time.monotonic()
    result = orders.run()
    return orders, time.monotonic() - began, result


def engine_labels(orders: FakeDeployment) -> dict[str, str]:
    return dict(orders.instances[0].config["Labels"])


def test_leftover_is_removed_whatever_the_engines_clock_does() -> None:
    cases = [(True, True), (False, False), (False, True)]
    with ThreadPoolExecutor(len(cases)) as pool:
        outcomes = list(pool.map(lambda case: leftover(*case), cases))
    for orders, seconds, result in outcomes:
        assert result["msg"] == "orders v1: 1 -> 1 running, removed orders-2"
        assert orders.engine.names == ["orders-1"]
        assert 3 < seconds < 30


def test_instance_with_a_clock_ahead_is_no_leftover() -> None:
    """A run that finds what another one is about to start lets it."""
    orders = FakeDeployment()
    orders.engine.clock_off_by = HOUR
    other = FakeDeployment(orders.engine, orders.bundle)
    orders.engine.before("create", 1, other.run)
    assert not orders.run()["changed"]
    assert orders.engine.names == ["orders-1"]


def test_missing_directory_is_one_quick_error(tmp_path: Path) -> None:
    orders = copying(tmp_path, FakeImage(volumes=("/opt",)))
    began = time.monotonic()
    result = orders.run()
    assert result["failed"]
    assert result["msg"].startswith(
        f"Could not copy the JAR into orders-1: Could not find the file {DIRECTORY} in container "
    )
    assert time.monotonic() - began < 30, "it would try again for two minutes"
    assert [call for call in orders.engine.calls if call[0] == "create"] == [("create", "orders-1")]
    assert orders.engine.names == []


def test_missing_directory_takes_no_working_instance_down(tmp_path: Path) -> None:
    image = FakeImage(volumes=("/opt",), directories=(DIRECTORY,))
    orders = copying(tmp_path, image)
    orders.run()
    image.directories = ()
    orders.publish()
    result = orders.run(update_order="stop-first")
    assert result["failed"]
    assert "Could not find the file" in result["msg"]
    assert "runs again" in result["msg"]
    assert orders.versions == {"orders-1": "1"}
    assert orders.engine.names == ["orders-1"]


@pytest.mark.parametrize("method", ["put_archive", "attach", "start"])
def test_container_that_another_run_takes_for_a_leftover(tmp_path: Path, method: str) -> None:
    orders = copying(tmp_path, FakeImage(volumes=(DIRECTORY,), directories=(DIRECTORY,)))
    engine = orders.engine
    engine.before(method, 1, lambda: engine.remove_container("orders-1"))
    result = orders.run()
    assert result["msg"] == "orders v1: 0 -> 1 running, started orders-1"
    assert orders.versions == {"orders-1": "1"}
