# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JAR's way into an instance: copied by the module, or from an address of one's own."""

from __future__ import annotations

import json
import os
import subprocess
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from ansible_collections.evento.docker.plugins.module_utils._plan.model import LEFTOVER_AFTER
from lab import Lab
from lab.server import Fault
from tests.integration.deployment import WRAPPER, Deployment, new_bundle
from tests.integration.image.containers import log
from tests.integration.recorder import Recorder
from tests.integration.relay import Relay
from tests.until import until

STARTED = "Application Started!"


def ids(deployment: Deployment) -> list[str]:
    return [str(container.id) for container in deployment.containers()]


def configurations(deployment: Deployment) -> str:
    """All that docker inspect tells."""
    return json.dumps([container.attrs for container in deployment.containers()])


@pytest.mark.engines
def test_one_download_for_all_instances_and_no_secret_in_their_configuration(copied: Deployment) -> None:
    token = copied.server.token()
    predicted = copied.run(check_mode=True, token=token, instances=3)
    assert copied.server.requests == []
    result = copied.run(token=token, instances=3)
    assert len(result["instances"]) == 3, result["msg"]
    assert [(one.token_in, one.status) for one in copied.server.requests] == [("header", 200)]
    told = configurations(copied)
    assert STARTED in log(copied.containers()[0])
    assert "APP_JAR_URL=" not in told
    assert "/asset/bundle/" not in told
    for secret in (token, token.split(".")[2]):
        assert secret not in told
        assert secret not in json.dumps([predicted, result])
    downloads = [line for line in result["commands"] if not line.startswith("docker ")]
    assert downloads == [
        "curl --fail --location --header 'Authorization: Bearer ********' --output app.jar"
        f" {copied.server.url}/asset/bundle/{copied.id}"
    ]
    assert result["commands"][0] == downloads[0]
    assert sorted(predicted["commands"]) == sorted(result["commands"])


def test_converged_run_downloads_nothing_and_needs_no_token(copied: Deployment) -> None:
    copied.run()
    result = copied.run(token=copied.server.token(lifetime=-5), server_url="http://127.0.0.1:1")
    assert (result["changed"], len(copied.server.requests)) == (False, 1)


def test_roll_goes_on_after_the_tokens_end(copied: Deployment) -> None:
    copied.run(instances=2)
    old = set(ids(copied))
    copied.publish(version=2, environment={"DEMO_BEHAVIOUR": "slow", "DEMO_DELAY": "5"})
    token = copied.server.token(lifetime=8)
    result = copied.run(token=token, update_order="stop-first")
    assert copied.server.refusal(token)
    assert {one["version"] for one in result["instances"]} == {2}, result["msg"]
    assert not old & set(ids(copied))
    assert len(copied.server.requests) == 2


@pytest.mark.engines
def test_restarts_need_neither_token_nor_server(copied: Deployment) -> None:
    token = copied.server.token(lifetime=8)
    result = copied.run(token=token, restart_policy="on-failure")
    assert "failed" not in result, result["msg"]
    copied.server.stop()
    until(lambda: copied.server.refusal(token), "the token's end")
    (container,) = copied.containers()
    container.restart(timeout=5)
    until(lambda: log(container).count(STARTED) == 2, "the restart by hand")
    # The JVM ends with a status other than 0, and nobody has asked the engine for it.
    api = copied.engine.api
    # Nor for how the command went, which not every engine knows once the container has ended.
    api.exec_start(api.exec_create(container.id, ["/bin/sh", "-c", "kill 1"])["Id"], detach=True)
    until(lambda: log(container).count(STARTED) == 3, "the restart by the engine")
    assert ids(copied) == [container.id]


def test_restart_policy_needs_a_copied_jar(deployment: Deployment) -> None:
    result = deployment.run(restart_policy="on-failure")
    assert result["failure"] == "invalid_input"
    assert "restart_policy: on-failure needs artifact: copy or image" in result["msg"]


@pytest.mark.engines
def test_read_only_instance_gets_its_jar(copied: Deployment) -> None:
    result = copied.run(read_only=True, cap_drop=["ALL"], network_mode="none")
    assert "failed" not in result, result["msg"]
    assert STARTED in log(copied.containers()[0])


FAULTS: dict[str, tuple[dict[str, t.Any], Fault | None, str, str]] = {
    "unreachable": (
        {"server_url": "http://evento.invalid"},
        None,
        "other",
        "reach http://evento.invalid: its name does",
    ),
    "not a valid token": (
        {"token": "opaque"},
        None,
        "token_expired",
        "answered 401: the token is expired or not valid",
    ),
    "cut off": ({}, Fault(cut=True), "other", "broke the download off: try again"),
    "not a JAR": ({}, Fault(body=b"<html>Log in</html>"), "other", "holds is not a complete JAR: check the address"),
    "error page": ({}, Fault(status=500), "other", "answered 500: it does not know the bundle, or the bundle's file"),
    "nothing there": (
        {},
        Fault(status=404),
        "other",
        "answered 404: there is nothing at that address: check server_url",
    ),
    "odd redirect": ({}, Fault(redirect="ftp://evento/"), "other", "something else than an http or https address"),
    "no file": ({"artifact_url": "file:///missing.jar"}, None, "other", "there is no file /missing.jar on this host"),
    "file for a container": (
        {"artifact": "url", "artifact_url": "file:///a.jar"},
        None,
        "invalid_input",
        "set artifact",
    ),
    "no volume": ({"image": "evento-lab-jre:17"}, None, "other", "evento-lab-jre:17 has no volume for /opt/evento/art"),
}


def test_server_that_opens_its_port_after_the_call(lab: Lab, deployment: Deployment) -> None:
    server = lab.server()
    server.publish(deployment.id, lab.jar())
    server.start(after=3)
    try:
        result = deployment.run(artifact="copy", server_url=server.url, token=server.token())
    finally:
        server.stop()
    assert result.get("changed"), result["msg"]
    assert [one.status for one in server.requests] == [200]


def test_credentials_of_the_server_are_not_shown(copied: Deployment) -> None:
    address = copied.server.url.replace("http://", "http://user:planted@")
    copied.server.fault = Fault(status=404)
    results = [copied.run(server_url=address)]
    copied.server.fault = None
    results += [copied.run(server_url=address), copied.run(server_url=address, artifact="url")]
    assert [one.get("failed", False) for one in results] == [True, False, False]
    assert "planted" not in json.dumps(results)


@pytest.fixture(scope="module")
def outdated(lab: Lab, engine: docker.DockerClient) -> t.Iterator[Deployment]:
    """An instance that runs and of whose bundle a new version has been published."""
    with lab.server() as server:
        deployment = Deployment(lab, engine, server, new_bundle(), {"artifact": "copy", "server_url": server.url})
        deployment.publish()
        try:
            assert deployment.run()["changed"]
            deployment.publish(version=2)
            yield deployment
        finally:
            deployment.remove()


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_wrong_with_the_jar_shows_before_anything_is_touched(
    outdated: Deployment, tmp_path: Path, case: str
) -> None:
    options, outdated.server.fault, failure, words = FAULTS[case]
    before = ids(outdated)
    with Recorder(tmp_path, outdated.lab.docker_host) as recorder:
        result = outdated.run(docker_host=recorder.docker_host, update_order="stop-first", **options)
    assert (result["failed"], result["failure"], result.get("changed", False)) == (True, failure, False)
    assert words in result["msg"]
    assert recorder.writes == []
    assert ids(outdated) == before


class SlowCopy(Relay):
    """The way to an engine on which the copy of a JAR takes longer than a container may be waiting for its start."""

    def admit(self, call: str) -> bool:
        if call.startswith("PUT "):
            time.sleep(LEFTOVER_AFTER + 2)
        return True


def test_a_slow_copy_is_no_leftover_for_other_runs(copied: Deployment, tmp_path: Path) -> None:
    copied.publish(copied.lab.jar(size=64 << 20))
    with SlowCopy(tmp_path, copied.lab.docker_host) as slow, ThreadPoolExecutor() as pool:
        first = pool.submit(copied.run, docker_host=slow.docker_host)
        until(copied.names, "the container of the first run")
        (container,) = ids(copied)
        second = copied.run()
        assert first.result()["changed"], first.result()["msg"]
    assert not second["changed"], second["msg"]
    assert ids(copied) == [container]


def test_restart_policy_that_brings_back_what_was_told_to_end_warns(copied: Deployment) -> None:
    warned = {
        policy: "Evento Server has told to end" in json.dumps(copied.run(check_mode=True, restart_policy=policy))
        for policy in ("no", "on-failure", "always", "unless-stopped")
    }
    assert warned == {"no": False, "on-failure": False, "always": True, "unless-stopped": True}


def test_wrapper_copies_where_its_settings_say_so(copied: Deployment, tmp_path: Path) -> None:
    settings = tmp_path / "deploy.yml"
    settings.write_text(json.dumps({"docker_host": copied.lab.docker_host, **copied.options}))
    token = copied.server.token()
    finished = subprocess.run(
        [os.fspath(WRAPPER), json.dumps(copied.bundle), token],
        env={"EVENTO_DEPLOY_CONFIG": str(settings)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout.startswith("curl --fail --location ")
    assert token not in finished.stdout
    assert [one.token_in for one in copied.server.requests] == ["header"]
