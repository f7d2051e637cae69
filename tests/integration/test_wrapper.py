# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""evento-deploy as Evento Server calls it, on a real engine."""

from __future__ import annotations

import json
import re
import subprocess
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from lab.server import Fault
from tests.integration.deployment import WRAPPER, Deployment
from tests.integration.recorder import Recorder
from tests.integration.script_image import script_image
from tests.until import until

# The longest argument that Linux passes on: MAX_ARG_STRLEN, 32 pages, less the NUL at its end.
LONGEST_ARGUMENT = 131_071
# Long enough to see an instance end, also on a busy machine.
WATCHED = 40


class Wrapper(t.Protocol):
    def __call__(
        self, *options: str, bundle: str | None = None, token: str | None = None, **settings: t.Any
    ) -> subprocess.CompletedProcess[str]:
        """Call it with these settings, and with a bundle and a token where the options leave them out."""


@pytest.fixture
def call(deployment: Deployment, tmp_path: Path) -> Wrapper:
    """Calls the wrapper with the bundle as it is now, a new token, and nothing but its settings in the environment."""

    def call(
        *options: str, bundle: str | None = None, token: str | None = None, **settings: t.Any
    ) -> subprocess.CompletedProcess[str]:
        given = {"docker_host": deployment.lab.docker_host, "server_url": deployment.server.container_url, **settings}
        path = tmp_path / "deploy.yml"
        path.write_text(json.dumps(given))
        return subprocess.run(
            [WRAPPER, *options, bundle or json.dumps(deployment.bundle), token or deployment.server.token()],
            env={"EVENTO_DEPLOY_CONFIG": str(path)},
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return call


@pytest.mark.engines
def test_each_call_starts_one_more_and_one_at_the_maximum_writes_nothing(
    deployment: Deployment, call: Wrapper, tmp_path: Path
) -> None:
    deployment.publish(maxInstances=2)
    for number in (1, 2):
        finished = call()
        assert (finished.returncode, finished.stderr) == (0, "")
        *commands, message = finished.stdout.splitlines()
        assert message.startswith(f"{deployment.id} v1: {number - 1} -> {number} running")
        assert [command.split()[:2] for command in commands] == [["docker", "run"]]
        assert len(deployment.containers()) == number
    with Recorder(tmp_path, deployment.lab.docker_host) as recorder:
        finished = call(docker_host=recorder.docker_host)
    assert finished.stdout == f"{deployment.id} v1: 2 running (maxInstances), nothing to do\n"
    assert recorder.writes == []
    # Not in Ansible's words as well.
    assert "Say what was done" not in call("-v").stdout


@pytest.mark.parametrize("sample", ["documented", "as-sent", "as-sent-later-call", "as-sent-defaults"])
def test_every_form_of_the_bundle_deploys(deployment: Deployment, call: Wrapper, sample: str) -> None:
    text = (Path(__file__).parent / "samples" / f"{sample}.json").read_text()
    deployment.bundle = {**json.loads(text), "id": deployment.id}
    deployment.server.publish(deployment.id, deployment.lab.jar())
    # The text itself, so that every digit arrives as it was written.
    finished = call(bundle=text.replace(json.dumps(json.loads(text)["id"]), json.dumps(deployment.id), 1))
    assert finished.returncode == 0, finished.stderr
    assert len(deployment.containers()) == 1


@pytest.mark.engines
def test_publish_rolls_in_a_new_version(deployment: Deployment, call: Wrapper) -> None:
    deployment.run(instances=2)
    deployment.publish(version=2)
    finished = call()
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count(f"{deployment.id} v2: 2 -> 2 running") == 1
    assert {container.labels["evento.version"] for container in deployment.containers()} == {"2"}


def test_added_instance_is_left_to_start(
    deployment: Deployment, call: Wrapper, engine: docker.DockerClient, tmp_path: Path
) -> None:
    """Evento Server is not held up until it is ready."""
    go = tmp_path / "go"
    go.mkdir()
    script = "until [ -e /go/now ]; do sleep 0.1; done; echo Application Started!; exec sleep 600"
    deployment.publish(environment={"SCRIPT": script})
    finished = call(image=script_image(engine), volumes=[f"{go}:/go:ro"])
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout.endswith(f"started {deployment.id}-1; {deployment.id}-1 is still starting\n")
    [instance] = deployment.containers()
    (go / "now").touch()
    until(lambda: b"Started" in instance.logs(), "it starts by itself")


def test_stale_call_is_no_failure(deployment: Deployment, call: Wrapper) -> None:
    late = json.dumps(deployment.bundle)
    deployment.publish(version=2)
    deployment.run()
    finished = call(bundle=late)
    assert finished.returncode == 0, finished.stderr
    assert "stale" in finished.stdout
    assert len(deployment.containers()) == 1


def test_longest_argument_and_templates_in_every_place(deployment: Deployment, call: Wrapper, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    evil = f"{{{{ lookup('ansible.builtin.pipe', 'touch {touched}') }}}}"
    deployment.bundle.update(
        id=f"{deployment.id} {evil}",
        description=evil,
        linePrefix=evil,
        artifactOriginalName=evil,
        artifactCoordinates=evil,
        bucketType=evil,
        environment={evil.replace("=", ""): evil, "EVIL": evil},
        vmOptions={f"-D{evil}": evil},
        detail="",
        **{evil: evil},
    )
    deployment.server.publish(deployment.id, deployment.lab.jar())
    room = LONGEST_ARGUMENT - len(json.dumps(deployment.bundle).encode())
    deployment.bundle["detail"] = evil + "x" * (room - len(evil))
    text = json.dumps(deployment.bundle)
    assert len(text) == LONGEST_ARGUMENT
    finished = call(bundle=text)
    assert finished.returncode == 0, finished.stderr
    container = deployment.containers()[0]
    assert f"EVIL={evil}" in container.attrs["Config"]["Env"]
    refused = call(bundle=text, token=evil, server_url="http://evento.invalid", wait_added=WATCHED)
    assert refused.returncode == 4
    assert not touched.exists()


def test_artifact_that_answers_401(deployment: Deployment, call: Wrapper) -> None:
    with deployment.lab.server() as other:
        finished = call(token=other.token(), wait_added=WATCHED)
    assert_not_ready(deployment, finished, 77, "401")


def test_artifact_that_is_no_jar(deployment: Deployment, call: Wrapper) -> None:
    deployment.server.fault = Fault(body=b"<html>Welcome</html>")
    assert_not_ready(deployment, call(wait_added=WATCHED), 65, "not a complete JAR")


def test_jvm_that_exits_at_once(deployment: Deployment, call: Wrapper) -> None:
    deployment.publish(environment={"DEMO_BEHAVIOUR": "crash"})
    assert_not_ready(deployment, call(wait_added=WATCHED), 1, "Exception")


def assert_not_ready(
    deployment: Deployment, finished: subprocess.CompletedProcess[str], exit_code: int, log: str
) -> None:
    """Exit code 4; one sentence with the container's exit code first, then the end of its log; nothing left."""
    assert finished.returncode == 4, finished.stderr
    first, *rest = finished.stderr.splitlines()
    assert first.startswith(f"evento-deploy: error: {deployment.id}-1 exited with code {exit_code}")
    assert any(log in line for line in rest)
    assert deployment.names() == []


def test_expired_token(deployment: Deployment, call: Wrapper) -> None:
    finished = call(token=deployment.server.token(lifetime=-12))
    assert finished.returncode == 2
    assert re.match(r"evento-deploy: error: The token expired \d+ s ago", finished.stderr)
    assert deployment.names() == []


def test_faulty_bundle_names_all_faults_on_one_line(deployment: Deployment, call: Wrapper) -> None:
    finished = call(bundle='{"environment": {"DB": null}, "minInstances": -1}')
    assert finished.returncode == 2
    (line,) = finished.stderr.splitlines()
    assert all(path in line for path in ("id:", "environment.DB:", "minInstances:"))


def test_engine_that_is_not_there(deployment: Deployment, call: Wrapper) -> None:
    finished = call(docker_host="unix:///nonexistent.sock")
    assert finished.returncode == 3
    (line,) = finished.stderr.splitlines()
    assert "unix:///nonexistent.sock" in line


@pytest.mark.engines
def test_image_that_is_not_there(deployment: Deployment, call: Wrapper) -> None:
    finished = call(image="no-such-image", pull="never")
    assert finished.returncode == 5
    (line,) = finished.stderr.splitlines()
    assert "There is no image no-such-image" in line


@pytest.mark.engines
def test_check_mode_changes_nothing(deployment: Deployment, call: Wrapper) -> None:
    finished = call("--check", "--diff")
    assert finished.returncode == 0, finished.stderr
    assert f"{deployment.id} v1: 0 -> 1 running, would start {deployment.id}-1" in finished.stdout
    assert deployment.names() == []


@pytest.mark.engines
def test_simultaneous_calls_stop_at_the_maximum(deployment: Deployment, call: Wrapper) -> None:
    deployment.publish(maxInstances=2)
    with ThreadPoolExecutor(4) as pool:
        finished = list(pool.map(lambda _number: call(), range(4)))
    assert [one.returncode for one in finished] == [0, 0, 0, 0], [one.stderr for one in finished]
    assert deployment.names() == [f"{deployment.id}-1", f"{deployment.id}-2"]
