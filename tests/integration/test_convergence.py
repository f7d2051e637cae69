# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module against a real engine: how many instances run, which, and what a run tells."""

from __future__ import annotations

import time
import typing as t

import pytest

from tests.integration.deployment import Deployment
from tests.integration.script_image import script_image


@pytest.mark.engines
def test_first_start_then_nothing_to_do(deployment: Deployment) -> None:
    predicted = deployment.run(check_mode=True)
    assert deployment.names() == []

    result = deployment.run()
    assert result["msg"] == f"{deployment.id} v1: 0 -> 1 running, started {deployment.id}-1"
    assert result["actions"] == predicted["actions"]
    assert deployment.names() == [f"{deployment.id}-1"]
    assert [(one["state"], one["slot"], one["version"], one["up_to_date"]) for one in result["instances"]] == [
        ("running", 1, 1, True)
    ]

    started = deployment.containers()[0].id
    for check_mode in (False, True):
        again = deployment.run(check_mode=check_mode)
        assert (again["changed"], again["actions"], again["commands"]) == (False, [], [])
        assert again["msg"] == f"{deployment.id} v1: 1 running, nothing to do"
    assert [container.id for container in deployment.containers()] == [started]


def test_each_call_starts_one_more_up_to_the_maximum(deployment: Deployment) -> None:
    deployment.publish(maxInstances=3)
    counts = []
    for _call in range(4):
        deployment.run(scale_by=1)
        counts.append(len(deployment.containers()))
    assert counts == [1, 2, 3, 3]


@pytest.mark.docker_engines
def test_at_the_maximum_a_call_writes_nothing_to_the_engine(deployment: Deployment) -> None:
    deployment.publish(maxInstances=1)
    deployment.run(scale_by=1)
    marker = max(event["timeNano"] for event in events(deployment))
    result = deployment.run(scale_by=1)
    assert not result["changed"]
    assert "maxInstances" in result["msg"]
    assert [event["Action"] for event in events(deployment) if event["timeNano"] > marker] == []


def events(deployment: Deployment) -> list[dict[str, t.Any]]:
    """What has happened to the deployment's containers so far; each has its time in nanoseconds."""
    asked: dict[str, t.Any] = {"since": 0, "until": f"{time.time():.6f}", "decode": True}
    return list(deployment.engine.events(**asked, filters={"label": f"evento.bundle={deployment.id}"}))


@pytest.mark.engines
@pytest.mark.parametrize(
    ("instances", "expected"),
    [(3, 3), (1, 1)],
)
def test_exact_number(deployment: Deployment, instances: int, expected: int) -> None:
    deployment.run(instances=2)
    result = deployment.run(instances=instances)
    assert len(deployment.containers()) == expected
    assert result["msg"].startswith(f"{deployment.id} v1: 2 -> {expected} running")


def test_scale_down_takes_the_newest_first(deployment: Deployment) -> None:
    deployment.run(instances=1)
    time.sleep(1.1)  # Docker dates containers in whole seconds.
    deployment.run(instances=2)
    result = deployment.run(scale_by=-1)
    assert [(row["what"], row["which"]) for row in result["actions"]] == [("stop", f"{deployment.id}-2")]
    assert deployment.names() == [f"{deployment.id}-1"]


def test_number_outside_of_the_limits_changes_nothing(deployment: Deployment) -> None:
    result = deployment.run(instances=5)
    assert result["failed"]
    assert "instances is 5, but the bundle allows 1 to 4" in result["msg"]
    assert deployment.names() == []


@pytest.mark.engines
def test_new_version_replaces_every_instance_start_first(deployment: Deployment) -> None:
    deployment.run(instances=2)
    old = {container.id for container in deployment.containers()}
    deployment.publish(version=2)
    predicted = deployment.run(check_mode=True, scale_by=1)
    result = deployment.run(scale_by=1)
    assert result["actions"] == predicted["actions"]
    assert [row["what"] for row in result["actions"]] == ["start", "stop", "start", "stop"]
    assert [one["version"] for one in result["instances"]] == [2, 2]
    assert not old & {container.id for container in deployment.containers()}


@pytest.mark.engines
def test_new_version_at_the_maximum_goes_stop_first(deployment: Deployment) -> None:
    deployment.publish(maxInstances=2)
    deployment.run(instances=2)
    deployment.publish(version=2)
    result = deployment.run()
    assert [row["what"] for row in result["actions"]] == ["stop", "start", "stop", "start"]
    assert deployment.names() == [f"{deployment.id}-1", f"{deployment.id}-2"]


@pytest.mark.engines
def test_start_first_at_the_maximum_takes_the_number_above_it(deployment: Deployment) -> None:
    deployment.publish(maxInstances=1)
    deployment.run()
    for version, old, new in ((2, 1, 2), (3, 2, 1)):
        deployment.publish(version=version)
        result = deployment.run(update_order="start-first")
        assert [(row["what"], row["which"]) for row in result["actions"]] == [
            ("start", f"{deployment.id}-{new}"),
            ("stop", f"{deployment.id}-{old}"),
        ]
        assert deployment.names() == [f"{deployment.id}-{new}"]
        assert [(one["slot"], one["version"]) for one in result["instances"]] == [(new, version)]
        assert not deployment.run(update_order="start-first")["changed"]


@pytest.mark.parametrize("change", [{"environment": {"A": "b"}}, {"vmOptions": {"-Xmx": "65m"}}])
def test_changed_configuration_is_a_new_version(deployment: Deployment, change: dict[str, object]) -> None:
    deployment.run()
    artifact, updated_at = deployment.bundle["artifactCoordinates"], deployment.bundle["updatedAt"]
    deployment.bundle.update(change)
    assert (deployment.bundle["artifactCoordinates"], deployment.bundle["updatedAt"]) == (artifact, updated_at)
    result = deployment.run()
    assert [row["what"] for row in result["actions"]] == ["start", "stop"]


def test_description_and_time_are_no_new_version(deployment: Deployment) -> None:
    deployment.run()
    deployment.bundle.update(description="other", detail="words", updatedAt=deployment.bundle["updatedAt"] + 60)
    assert not deployment.run()["changed"]


@pytest.mark.engines
def test_stale_call_changes_nothing_and_is_no_failure(deployment: Deployment) -> None:
    late = dict(deployment.bundle)
    deployment.publish(version=2)
    deployment.run()
    deployment.bundle = late
    result = deployment.run(scale_by=1)
    assert (result["stale"], result["changed"], "failed" in result) == (True, False, False)
    assert [one["version"] for one in result["instances"]] == [2]


def test_older_version_published_again_is_not_stale(deployment: Deployment) -> None:
    deployment.publish(version=2)
    deployment.run()
    deployment.publish(version=1)
    result = deployment.run()
    assert not result["stale"]
    assert [one["version"] for one in result["instances"]] == [1]


@pytest.mark.engines
@pytest.mark.parametrize("state", ["stopped", "absent"])
def test_stopped_removes_all_instances_stale_or_not(deployment: Deployment, state: str) -> None:
    late = {"id": deployment.id, "updatedAt": 1}
    deployment.run(instances=2)
    deployment.bundle = late
    result = deployment.run(state=state, token=None)
    assert [row["what"] for row in result["actions"]] == ["stop", "stop"]
    assert deployment.names() == []
    assert not deployment.run(state=state, token=None)["changed"]


def test_converged_run_and_stop_do_not_mind_an_expired_token(deployment: Deployment) -> None:
    deployment.run()
    expired = deployment.server.token(lifetime=-5)
    assert not deployment.run(token=expired)["changed"]
    assert deployment.run(state="stopped", token=expired)["changed"]


def test_expired_token_is_refused_before_anything_is_touched(deployment: Deployment) -> None:
    deployment.run()
    before = [container.id for container in deployment.containers()]
    deployment.publish(version=2)
    result = deployment.run(token=deployment.server.token(lifetime=-5))
    assert (result["failure"], result.get("changed", False)) == ("token_expired", False)
    assert "expired" in result["msg"]
    assert [container.id for container in deployment.containers()] == before


def test_opaque_token_is_used_as_it_is(deployment: Deployment) -> None:
    # That image does not mind that the server refuses the key.
    deployment.run(token="an opaque key", image=script_image(deployment.engine), ready_when="running", ready_after=0)
    url = next(v for v in deployment.containers()[0].attrs["Config"]["Env"] if v.startswith("APP_JAR_URL="))
    assert url.endswith("?token=an%20opaque%20key")


def test_instance_that_ended_is_replaced(deployment: Deployment) -> None:
    deployment.run(instances=2)
    deployment.containers()[0].kill()
    deployment.publish()
    result = deployment.run(instances=2)
    assert len(result["instances"]) == 2
    assert {one["up_to_date"] for one in result["instances"]} == {True}


@pytest.mark.engines
def test_leftover_of_a_killed_run_is_removed(deployment: Deployment) -> None:
    deployment.run()
    name = f"{deployment.id}-2"
    labels = {"evento.managed-by": "evento.docker", "evento.bundle": deployment.id}
    deployment.engine.api.create_container(deployment.lab.image, name=name, labels=labels)
    result = deployment.run()
    assert ("remove", name) in [(row["what"], row["which"]) for row in result["actions"]]
    assert deployment.names() == [f"{deployment.id}-1"]


@pytest.mark.engines
@pytest.mark.parametrize("labels", [{}, {"evento.managed-by": "evento.docker", "evento.bundle": "another"}])
def test_foreign_container_with_our_name_is_left_alone(deployment: Deployment, labels: dict[str, str]) -> None:
    api = deployment.engine.api
    foreign = api.create_container(deployment.lab.image, name=f"{deployment.id}-1", labels=labels)["Id"]
    try:
        result = deployment.run(instances=2)
        assert [one["name"] for one in result["instances"]] == [f"{deployment.id}-2", f"{deployment.id}-3"]
        assert api.inspect_container(foreign)["State"]["Status"] == "created"
        assert not deployment.run(instances=2)["changed"]
        # At the maximum, too, where the last instance has a number above it.
        result = deployment.run(instances=4)
        assert [one["slot"] for one in result["instances"]] == [2, 3, 4, 5]
        assert deployment.run()["msg"] == f"{deployment.id} v1: 4 running (maxInstances), nothing to do"
    finally:
        api.remove_container(foreign)


def test_foreign_name_does_not_hold_up_a_publish_that_makes_room_first(deployment: Deployment) -> None:
    deployment.run()
    api = deployment.engine.api
    foreign = api.create_container(deployment.lab.image, name=f"{deployment.id}-1.standby")["Id"]
    try:
        deployment.publish(version=2)
        result = deployment.run(update_order="stop-first")
        assert [one["version"] for one in result["instances"]] == [2], result["msg"]
    finally:
        api.remove_container(foreign)
