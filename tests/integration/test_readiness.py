# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances that do not become ready: what the result says, what is left behind, and what still runs."""

from __future__ import annotations

import json
import secrets
import time
import typing as t

import docker
import pytest

from lab import Lab
from lab.server import Fault
from tests.integration.deployment import Deployment
from tests.integration.script_image import script_image


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient) -> str:
    return script_image(engine)


def failed(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """The one failure of a result; its message is one sentence."""
    assert (result.get("failed"), result.get("failure")) == (True, "not_ready"), result
    assert "\n" not in result["msg"]
    assert result["msg"].endswith(".")
    (failure,) = result["failures"]
    assert f"{failure['name']} {failure['reason']}" in result["msg"]
    assert isinstance(failure, dict)
    return failure


@pytest.mark.parametrize(
    ("fault", "code", "meaning", "log"),
    [
        pytest.param(
            Fault(body=b"<html>Sign in</html>"), 65, "not a complete JAR", "is not a complete JAR", id="no-jar"
        ),
        pytest.param(Fault(cut=True), 69, "broke the download off", "broke the download off", id="half-a-jar"),
        pytest.param(Fault(status=500), 70, "does not know the bundle", "answered 500", id="status-500"),
        pytest.param(Fault(status=404), 66, "nothing at that address", "answered 404", id="status-404"),
    ],
)
def test_download_that_goes_wrong(deployment: Deployment, fault: Fault, code: int, meaning: str, log: str) -> None:
    deployment.server.fault = fault
    failure = failed(deployment.run())
    assert failure["exit_code"] == code
    assert failure["reason"].startswith(f"exited with code {code} (")
    assert meaning in failure["reason"]
    assert log in failure["logs"][-1]
    assert deployment.names() == []


def test_token_that_the_server_refuses(deployment: Deployment, lab: Lab) -> None:
    with lab.server(signing_key="another key, as long as one has to be for HS256") as other:
        token = other.token()
    result = deployment.run(token=token)
    failure = failed(result)
    assert failure["exit_code"] == 77
    assert "answered 401: the token is expired or not valid" in failure["reason"]
    assert "answered 401" in failure["logs"][-1]
    assert token not in json.dumps(result)
    assert deployment.names() == []


def test_server_that_cannot_be_reached(deployment: Deployment) -> None:
    failure = failed(deployment.run(server_url="http://evento.invalid:3000"))
    assert (failure["exit_code"], "cannot be reached" in failure["reason"]) == (69, True)
    assert deployment.names() == []


@pytest.mark.engines
@pytest.mark.parametrize(
    ("behaviour", "code", "log"),
    [("crash", 1, "java.lang.IllegalStateException: The demo bundle was told to crash"), ("exit", 0, "Stopping")],
)
def test_jvm_that_ends_at_once(deployment: Deployment, behaviour: str, code: int, log: str) -> None:
    deployment.publish(environment={"DEMO_BEHAVIOUR": behaviour})
    result = deployment.run()
    failure = failed(result)
    assert failure["exit_code"] == code
    assert failure["reason"] == f"exited with code {code} before it was ready"
    assert any(log in line for line in failure["logs"])
    assert [row["what"] for row in result["actions"]] == ["start"]
    assert deployment.names() == []


def test_first_instance_that_hangs_stays(deployment: Deployment) -> None:
    deployment.publish(environment={"DEMO_BEHAVIOUR": "hang"})
    failure = failed(deployment.run(wait_timeout=4))
    assert failure["exit_code"] is None
    assert "did not report itself ready within 4 s" in failure["reason"]
    assert "ready_when" in failure["reason"]
    assert "Connecting to Evento Server" in failure["logs"][-1]
    assert deployment.names() == [f"{deployment.id}-1"]
    assert not deployment.run()["changed"]


@pytest.mark.engines
def test_running_for_a_while_is_enough_where_it_is_asked_for(deployment: Deployment, image: str) -> None:
    began = time.monotonic()
    options: dict[str, t.Any] = {"image": image, "ready_when": "running", "ready_after": 2}
    assert deployment.run(**options)["changed"]
    assert time.monotonic() - began >= 2
    deployment.publish(version=2, environment={"SCRIPT": "sleep 0.5; exit 9"})
    assert failed(deployment.run(**options))["exit_code"] == 9
    assert deployment.containers()[0].labels["evento.version"] == "1"


@pytest.mark.docker_engines
def test_health_check_decides_where_there_is_one(deployment: Deployment, image: str) -> None:
    # The log says that it is ready long before it is.
    deployment.publish(environment={"SCRIPT": "echo Application Started!; sleep 1; touch /tmp/up; exec sleep 600"})
    check = {"test": "test -e /tmp/up", "interval": "200ms", "retries": 1000}
    (instance,) = deployment.run(image=image, healthcheck=check)["instances"]
    assert instance["health"] == "healthy"


@pytest.mark.docker_engines
def test_unhealthy_instance_fails_and_stays(deployment: Deployment, image: str) -> None:
    check = {"test": "false", "interval": "100ms", "retries": 1}
    failure = failed(deployment.run(image=image, healthcheck=check))
    assert (failure["exit_code"], failure["reason"]) == (None, "became unhealthy")
    assert deployment.names() == [f"{deployment.id}-1"]


def test_without_wait_a_started_instance_is_enough(deployment: Deployment, image: str) -> None:
    deployment.publish(environment={"SCRIPT": "sleep 600"})
    assert "failed" not in deployment.run(image=image, wait=False)
    assert deployment.names() == [f"{deployment.id}-1"]


@pytest.mark.engines
def test_other_words_can_be_the_report(deployment: Deployment, image: str) -> None:
    deployment.publish(environment={"SCRIPT": "echo up after 12 ms; exec sleep 600"})
    assert "failed" not in deployment.run(image=image, ready_log=r"up after \d+ ms$")


@pytest.mark.engines
def test_log_tail_is_the_last_forty_lines(deployment: Deployment, image: str) -> None:
    deployment.publish(environment={"SCRIPT": "seq 5000; echo the end; exit 3"})
    logs = failed(deployment.run(image=image))["logs"]
    assert logs == [*map(str, range(4962, 5001)), "the end"]


def test_secrets_that_the_instance_prints_are_not_shown(deployment: Deployment, image: str) -> None:
    planted = {f"SECRET_{number}": f"planted {secrets.token_hex(8)} & more" for number in range(3)}
    script = 'env; echo "$VM_ARGS" "$APP_JAR_URL"; exit 9'
    option = f"planted {secrets.token_hex(8)}"
    deployment.publish(environment={**planted, "SCRIPT": script}, vmOptions={"-Dsecret": option})
    token = deployment.server.token()
    result = deployment.run(image=image, token=token, env={"MORE": "planted too"})
    logs = "\n".join(failed(result)["logs"])
    assert "SECRET_0=********" in logs
    assert "MORE=********" in logs
    text = json.dumps(result)
    for secret in (*planted.values(), option, token, "planted too"):
        assert secret not in text


def test_token_that_expires_during_a_roll_stops_it(deployment: Deployment) -> None:
    deployment.run(instances=3)
    old = {container.id for container in deployment.containers()}
    deployment.publish(version=2, environment={"DEMO_BEHAVIOUR": "slow", "DEMO_DELAY": "8"})
    result = deployment.run(token=deployment.server.token(lifetime=8))
    assert (result["failed"], result["failure"]) == (True, "token_expired"), result["msg"]
    assert "The token expired" in result["msg"]
    assert f"Left for the next call: 2 outdated instances of {deployment.id} v2." in result["msg"]
    assert [row["what"] for row in result["actions"]] == ["start", "stop"]
    assert len(old & {container.id for container in deployment.containers()}) == 2
    assert len(deployment.containers()) == 3
