# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes of a new version, good ones and broken ones, on a fake engine."""

from __future__ import annotations

import pytest

from tests.unit.plugins.module_utils.fake_containers import HANGS, READY, FakeImage, Script, crashes, turns_unhealthy
from tests.unit.plugins.module_utils.fake_deployment import FakeDeployment, done
from tests.unit.plugins.module_utils.fake_engine import FakeEngine, fault

# What a broken instance does, whether the image has a health check, and what the message says of it.
BROKEN: dict[str, tuple[Script, bool, str]] = {
    "crash": (crashes(9, "no database"), False, "exited with code 9 (no config) before it was ready"),
    "hang": (HANGS, False, "still runs, but did not report itself ready within 1 s"),
    "unhealthy": (turns_unhealthy(), True, "became unhealthy"),
}


def _deployed(healthcheck: bool = False) -> FakeDeployment:
    image = FakeImage(healthcheck=healthcheck, labels={"evento.exit-code.9": "no config"})
    deployment = FakeDeployment(FakeEngine(image))
    deployment.run()
    return deployment


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_version_start_first_leaves_the_old_one_running(kind: str) -> None:
    script, healthcheck, words = BROKEN[kind]
    deployment = _deployed(healthcheck)
    old = deployment.engine["orders-1"]
    deployment.publish(script)
    result = deployment.run(update_order="start-first")
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert result["msg"].startswith(f"orders-2 {words}")
    assert result["msg"].endswith("; it was removed, and the old orders-1, which it was to replace, still runs.")
    assert [(one.id, one.state) for one in deployment.engine.there] == [(old.id, "running")]
    assert not old.ended.is_set(), "it has run all the time"


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_version_stop_first_brings_the_old_one_back(kind: str) -> None:
    script, healthcheck, words = BROKEN[kind]
    deployment = _deployed(healthcheck)
    deployment.publish(script)
    result = deployment.run(update_order="stop-first")
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert result["msg"].startswith(f"orders-1 {words}")
    assert result["msg"].endswith(
        "; it was removed, and the old orders-1, which was stopped to make room for it, runs again."
    )
    assert deployment.versions == {"orders-1": "1"}
    assert deployment.engine.names == ["orders-1"], "no standby is left"


def test_crash_shows_exit_code_and_log() -> None:
    deployment = _deployed()
    deployment.publish(crashes(9, "no database"))
    assert deployment.run()["failures"] == [
        {
            "name": "orders-2",
            "exit_code": 9,
            "reason": "exited with code 9 (no config) before it was ready",
            "logs": ["no database"],
        }
    ]


@pytest.mark.parametrize(("method", "words"), [("create", "Could not create"), ("start", "Could not start")])
def test_refused_version_start_first_leaves_the_old_one_running(method: str, words: str) -> None:
    deployment = _deployed()
    old = deployment.engine["orders-1"]
    deployment.publish()
    deployment.engine.before(method, 1, fault(500, "the device is busy"))
    result = deployment.run(update_order="start-first")
    assert result["failed"]
    assert result["msg"] == (
        f"{words} orders-2: the device is busy; the old orders-1, which it was to replace, still runs."
    )
    assert [one.id for one in deployment.engine.there] == [old.id]


# The first container that is created is the standby of the old one.
@pytest.mark.parametrize(
    ("method", "number", "words"), [("create", 2, "Could not create"), ("start", 1, "Could not start")]
)
def test_refused_version_stop_first_brings_the_old_one_back(method: str, number: int, words: str) -> None:
    deployment = _deployed()
    deployment.publish()
    deployment.engine.before(method, number, fault(500, "the device is busy"))
    result = deployment.run(update_order="stop-first")
    assert result["failed"]
    assert result["msg"] == (
        f"{words} orders-1: the device is busy; the old orders-1, which was stopped to make room for it, runs again."
    )
    assert deployment.versions == {"orders-1": "1"}
    assert deployment.engine.names == ["orders-1"]


def test_old_one_that_cannot_be_brought_back_is_told() -> None:
    deployment = _deployed()
    deployment.publish()
    for number in (1, 2):
        deployment.engine.before("start", number, fault(500, "the device is busy"))
    result = deployment.run(update_order="stop-first")
    assert result["failed"]
    assert "could not be brought back: Could not start orders-1: the device is busy" in result["msg"]
    assert deployment.versions == {}


def test_start_whose_answer_is_lost_leaves_nothing_half_done() -> None:
    """The engine has started it, but says that it has not."""
    deployment = _deployed()
    deployment.publish()
    deployment.engine.after("start", 1, fault(500, "context deadline exceeded"))
    result = deployment.run(update_order="start-first")
    assert result["failed"]
    assert deployment.versions == {"orders-1": "1"}
    assert deployment.engine.names == ["orders-1"]
    assert deployment.run()["instances"][0]["version"] == 2, "the next call succeeds"


@pytest.mark.parametrize("instances", [1, 3])
def test_broken_version_stops_the_roll(instances: int) -> None:
    deployment = FakeDeployment()
    deployment.run(instances=instances)
    deployment.publish(crashes(1, "broken"))
    assert deployment.run(scale_by=1)["failed"]
    assert list(deployment.versions.values()) == ["1"] * instances


def test_good_version_replaces_one_by_one() -> None:
    deployment = FakeDeployment()
    deployment.run(instances=3)
    deployment.publish(READY)
    predicted = deployment.run(check_mode=True)
    counts: list[int] = []
    for number in range(1, 4):
        deployment.engine.before("stop", number, lambda: counts.append(len(deployment.versions)))
    result = deployment.run()
    assert done(result) == done(predicted)
    assert [action.split()[0] for action in done(result)] == ["start", "stop"] * 3
    assert counts == [4, 4, 4]
    assert list(deployment.versions.values()) == ["2"] * 3


def test_fixed_host_port_is_freed_before_it_is_taken() -> None:
    deployment = FakeDeployment(options={"published_ports": ["8080:8080"]})
    deployment.run()
    deployment.publish()
    result = deployment.run()
    assert "failed" not in result, result["msg"]
    assert done(result) == ["stop orders-1", "start orders-1"]
    assert deployment.versions == {"orders-1": "2"}


def test_port_of_the_engines_choice_needs_no_gap() -> None:
    deployment = FakeDeployment(options={"published_ports": ["8080"]})
    deployment.run()
    deployment.publish()
    assert done(deployment.run()) == ["start orders-2", "stop orders-1"]


def test_broken_version_with_a_fixed_host_port_brings_the_old_one_back() -> None:
    deployment = FakeDeployment(options={"published_ports": ["8080:8080"]})
    deployment.run()
    deployment.publish(crashes(9, "no database"))
    result = deployment.run()
    assert result["msg"].endswith("which was stopped to make room for it, runs again.")
    assert deployment.versions == {"orders-1": "1"}
