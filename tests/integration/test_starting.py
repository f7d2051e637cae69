# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance that only adds to others holds nobody up, and how it ends is not lost."""

from __future__ import annotations

import docker
import pytest

from tests.integration.deployment import Deployment
from tests.integration.script_image import script_image
from tests.until import until

SLOW = "sleep 4; echo Application Started!; exec sleep 600"
SERVES = "echo Application Started!; exec sleep 600"


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient) -> str:
    return script_image(engine)


@pytest.fixture
def deployment(deployment: Deployment, image: str) -> Deployment:
    deployment.options["image"] = image
    return deployment


def test_slow_instance_is_left_to_start(deployment: Deployment) -> None:
    deployment.publish(environment={"SCRIPT": SLOW})
    result = deployment.run(wait_added=1)
    assert result["msg"] == (
        f"{deployment.id} v1: 0 -> 1 running, started {deployment.id}-1; {deployment.id}-1 is still starting"
    )
    assert ("failed" in result, result["changed"]) == (False, True)
    [instance] = deployment.containers()
    assert b"Started" not in instance.logs(), "nobody has waited for it"
    until(lambda: b"Started" in instance.logs(), "it starts by itself")
    assert deployment.run(wait_added=1)["msg"] == f"{deployment.id} v1: 1 running, nothing to do"


def test_instance_that_starts_in_time_is_not_told_of(deployment: Deployment) -> None:
    deployment.publish(environment={"SCRIPT": SERVES})
    assert deployment.run(wait_added=20)["msg"].endswith(f"started {deployment.id}-1")


def test_instance_that_ends_in_that_time_fails_the_task(deployment: Deployment) -> None:
    deployment.publish(environment={"SCRIPT": "echo no database; exit 9"})
    result = deployment.run(wait_added=20)
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    [failure] = result["failures"]
    assert (failure["exit_code"], failure["logs"]) == (9, ["no database"])
    assert deployment.names() == []


def test_replacement_gets_the_whole_time(deployment: Deployment) -> None:
    deployment.publish(environment={"SCRIPT": SERVES})
    deployment.run()
    deployment.publish(version=2, environment={"SCRIPT": SLOW})
    result = deployment.run(wait_added=1)
    assert result["msg"].endswith(f"started {deployment.id}-2, stopped {deployment.id}-1")
    [instance] = deployment.containers()
    assert b"Started" in instance.logs()


@pytest.mark.parametrize("wait_added", [None, 2, 60])
def test_hanging_instance_fails_the_task_where_it_is_waited_for(deployment: Deployment, wait_added: int | None) -> None:
    deployment.publish(environment={"SCRIPT": "exec sleep 600"})
    result = deployment.run(wait_added=wait_added, wait_timeout=2)
    assert (result["failed"], result["failure"]) == (True, "not_ready")
    assert "ready_when: running does not" in result["msg"]
    assert deployment.names() == [f"{deployment.id}-1"], "it may still come up"


@pytest.mark.engines
def test_ended_instance_is_kept_and_told_of(deployment: Deployment) -> None:
    deployment.publish(environment={"SCRIPT": "sleep 2; echo out of memory; exit 9"})
    assert "failed" not in deployment.run(auto_remove=False, wait_added=0)
    [instance] = deployment.containers()
    until(lambda: deployment.containers()[0].status == "exited", "it ends")
    assert b"out of memory" in instance.logs()
    deployment.bundle["environment"] = {"SCRIPT": SERVES}
    result = deployment.run(auto_remove=False)
    name = f"{deployment.id}-1"
    assert [(row["what"], row["which"]) for row in result["actions"]] == [("remove", name), ("start", name)]
    assert result["msg"].endswith(f"; {name} had exited with code 9 (the script was told to fail)")
    assert f"docker rm --force --volumes {name}" in result["commands"]
    assert not deployment.run(auto_remove=False)["changed"]


def test_commands_remove_what_does_not_remove_itself(deployment: Deployment) -> None:
    """Whatever the options are now: the instance was made with its own."""
    deployment.publish(environment={"SCRIPT": SERVES})
    deployment.run(auto_remove=False)
    name = f"{deployment.id}-1"
    predicted = deployment.run(check_mode=True, state="stopped")
    result = deployment.run(state="stopped")
    assert result["commands"] == [f"docker stop -t 30 {name}", f"docker rm --volumes {name}"]
    assert predicted["commands"] == result["commands"]
    deployment.run()
    assert deployment.run(state="stopped", auto_remove=False)["commands"] == [f"docker stop -t 30 {name}"]


def test_instances_that_turn_unhealthy_are_not_replaced_for_ever(deployment: Deployment) -> None:
    """The first one is sick before the third one is well."""
    deployment.publish(environment={"SCRIPT": SERVES})
    deployment.run(instances=3)
    script = "sleep 1; touch /tmp/well; sleep 1; rm /tmp/well; exec sleep 600"
    deployment.publish(version=2, environment={"SCRIPT": script})
    check = {"test": "test -e /tmp/well", "interval": "100ms", "retries": 1, "start_period": "10s"}
    result = deployment.run(healthcheck=check)
    assert (result["failed"], result["failure"]) == (True, "not_ready"), result
    assert f"{deployment.id}-4 became unhealthy after it was ready" in result["msg"]
    versions = [row["what"] for row in result["actions"] if row["which"] == f"{deployment.id}-4"]
    assert versions == ["start"], "it is not replaced by the run that started it"
