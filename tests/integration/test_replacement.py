# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replacing instances: a bad publish takes nothing down, also when others act at the same time."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from lab import Lab
from lab.server import Fault
from tests.integration.deployment import Deployment
from tests.integration.fault_points import FaultPoint
from tests.integration.script_image import script_image
from tests.integration.witness import Witness

SERVE = "echo Application Started!; exec sleep 600"
ENGINES = pytest.mark.engines
BROKEN = [
    pytest.param("sleep 60", {"wait_timeout": 1}, "did not report itself ready within 1 s", id="hangs", marks=ENGINES),
    pytest.param(
        "exit 9",
        {},
        "exited with code 9 (the script was told to fail) before it was ready",
        id="crashes",
        marks=ENGINES,
    ),
    pytest.param(
        "sleep 60",
        {"healthcheck": {"test": "echo it is >/proc/1/fd/1; false", "interval": "100ms", "retries": 1}},
        "became unhealthy",
        id="unhealthy",
        marks=pytest.mark.docker_engines,
    ),
    pytest.param(
        SERVE,
        {"networks": [{"name": "no-such-network"}]},
        "no-such-network",
        id="cannot-be-created",
        marks=ENGINES,
    ),
]


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient) -> str:
    return script_image(engine)


def ids(deployment: Deployment) -> dict[str | None, str | None]:
    return {container.name: container.id for container in deployment.containers()}


def fail(deployment: Deployment, reason: str, **options: t.Any) -> dict[str, t.Any]:
    """Run, and see it fail for that reason in one sentence."""
    result = deployment.run(**options)
    assert result.get("failed"), result
    assert reason in result["msg"], result["msg"]
    assert "\n" not in result["msg"]
    return result


@pytest.mark.engines
@pytest.mark.parametrize("order", ["start-first", "stop-first"])
def test_recreate_replaces_each_instance_once(lab: Lab, deployment: Deployment, image: str, order: str) -> None:
    deployment.publish(environment={"SCRIPT": SERVE}, maxInstances=3)
    deployment.run(image=image, instances=2)
    before = set(ids(deployment).values())
    predicted = deployment.run(image=image, recreate=True, update_order=order, check_mode=True)
    with Witness(lab, deployment.id, 3) as witness:
        result = deployment.run(image=image, recreate=True, update_order=order)
    assert (result["changed"], result["actions"]) == (True, predicted["actions"])
    assert witness.started == 2
    assert witness.violations == []
    after = ids(deployment)
    assert len(after) == 2
    assert not set(after.values()) & before
    assert {row["up_to_date"] for row in result["instances"]} == {True}
    assert not deployment.run(image=image)["changed"]


@pytest.mark.parametrize(("script", "options", "reason"), BROKEN)
def test_start_first_leaves_all_old_instances(
    deployment: Deployment, image: str, script: str, options: dict[str, t.Any], reason: str
) -> None:
    deployment.publish(environment={"SCRIPT": SERVE})
    deployment.run(image=image, instances=2)
    before = ids(deployment)
    deployment.publish(version=2, environment={"SCRIPT": script})
    result = fail(deployment, reason, image=image, **options)
    assert f"{deployment.id}-1, which it was to replace, still runs" in result["msg"]
    assert ids(deployment) == before
    assert {container.status for container in deployment.containers()} == {"running"}


@pytest.mark.parametrize(("script", "options", "reason"), BROKEN)
def test_stop_first_brings_the_old_instance_back(
    deployment: Deployment, image: str, script: str, options: dict[str, t.Any], reason: str
) -> None:
    deployment.publish(maxInstances=2, environment={"SCRIPT": SERVE})
    deployment.run(image=image, instances=2)
    was = ids(deployment)
    deployment.publish(version=2, environment={"SCRIPT": script})
    result = fail(deployment, reason, image=image, **options)
    assert result["msg"].endswith(f"the old {deployment.id}-1, which was stopped to make room for it, runs again.")
    assert [(one.name, one.status, one.labels["evento.version"]) for one in deployment.containers()] == [
        (f"{deployment.id}-1", "running", "1"),
        (f"{deployment.id}-2", "running", "1"),
    ]
    assert ids(deployment)[f"{deployment.id}-2"] == was[f"{deployment.id}-2"], "the other one was not touched"
    deployment.publish(version=3, environment={"SCRIPT": SERVE})
    assert "failed" not in deployment.run(image=image)
    assert [(one.name, one.labels["evento.version"]) for one in deployment.containers()] == [
        (f"{deployment.id}-1", "3"),
        (f"{deployment.id}-2", "3"),
    ]


@pytest.mark.parametrize(
    ("fault", "environment", "code"),
    [
        (None, {"DEMO_BEHAVIOUR": "crash"}, 1),
        (Fault(status=401), {}, 77),
        (Fault(body=b"no JAR"), {}, 65),
    ],
    ids=["crash", "401", "no-jar"],
)
def test_bundle_comes_back_without_a_download(
    deployment: Deployment, fault: Fault | None, environment: dict[str, str], code: int
) -> None:
    deployment.publish(maxInstances=1, environment={"DEMO_DUMP": "1"})
    deployment.run()
    deployment.publish(version=2, environment=environment)
    deployment.server.fault = fault
    result = fail(deployment, f"exited with code {code} ", stop_timeout=5)
    assert result["failures"][0]["exit_code"] == code
    assert result["failures"][0]["logs"]
    assert result["msg"].endswith(" runs again.")
    (container,) = deployment.containers()
    assert (container.status, container.labels["evento.version"]) == ("running", "1")
    assert b"Application Started!" in container.logs()
    assert len(deployment.server.requests) == 2, "one for each version"
    assert container.attrs["HostConfig"]["AutoRemove"]


def test_old_instance_that_cannot_come_back_is_told(deployment: Deployment, image: str) -> None:
    once = f"test -e /data/ran && exit 9; touch /data/ran; {SERVE}"
    deployment.publish(maxInstances=1, environment={"SCRIPT": once})
    deployment.run(image=image, volumes=["/data"])
    deployment.publish(version=2, environment={"SCRIPT": "exit 9"})
    result = fail(deployment, "exited with code 9", image=image, volumes=["/data"])
    end = f"the old {deployment.id}-1, which was stopped to make room for it, could not be brought back: it exited"
    assert end in result["msg"]
    assert deployment.names() == []


@pytest.mark.docker_engines
@pytest.mark.parametrize("order", ["start-first", "stop-first"])
def test_networks_come_back_with_the_instance(
    deployment: Deployment, engine: docker.DockerClient, image: str, order: str
) -> None:
    networks = [engine.networks.create(f"{deployment.id}-{number}") for number in (1, 2)]
    try:
        wanted = [{"name": network.name, "aliases": [f"alias{network.name}"]} for network in networks]
        deployment.publish(maxInstances=1, environment={"SCRIPT": SERVE})
        deployment.run(image=image, networks=wanted)
        deployment.publish(version=2, environment={"SCRIPT": "exit 9"})
        fail(deployment, "exited with code 9", image=image, networks=wanted, update_order=order)
        (container,) = deployment.containers()
        joined = container.attrs["NetworkSettings"]["Networks"]
        assert {name: f"alias{name}" in joined[name]["Aliases"] for name in joined} == {
            network.name: True for network in networks
        }
    finally:
        deployment.remove()
        for network in networks:
            network.remove()


@pytest.mark.parametrize("maximum", [2, 4], ids=["stop-first", "start-first"])
def test_several_runs_of_a_bad_publish_leave_the_old_instances(
    lab: Lab, deployment: Deployment, image: str, maximum: int
) -> None:
    deployment.publish(maxInstances=maximum, environment={"SCRIPT": SERVE})
    deployment.run(image=image, instances=2)
    deployment.publish(version=2, environment={"SCRIPT": "sleep 1; exit 9"})
    with Witness(lab, deployment.id, maximum) as witness, ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda _number: deployment.run(image=image), range(4)))
    assert {result.get("failure") for result in results} == {"not_ready"}, [result["msg"] for result in results]
    assert witness.violations == []
    assert witness.fewest >= 1, "one at a time, whoever replaces it"
    assert [one.labels["evento.version"] for one in deployment.containers()] == ["1", "1"]
    assert [one.status for one in deployment.containers()] == ["running", "running"]


def test_old_instance_stays_until_another_runs_new_one_is_ready(lab: Lab, deployment: Deployment, image: str) -> None:
    deployment.publish(environment={"SCRIPT": SERVE})
    deployment.run(image=image)
    (old,) = deployment.containers()
    deployment.publish(version=2, environment={"SCRIPT": f"sleep 3; {SERVE}"})
    with Witness(lab, deployment.id, 4) as witness, ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda _number: deployment.run(image=image), range(3)))
    assert not any(result.get("failed") for result in results), [result["msg"] for result in results]
    (new,) = deployment.containers()
    assert witness.times[str(old.id)]["die"] - witness.times[str(new.id)]["start"] >= 3
    assert witness.started == 1


def test_old_call_that_was_overtaken_starts_nothing(
    lab: Lab, deployment: Deployment, image: str, tmp_path: Path
) -> None:
    deployment.publish(environment={"SCRIPT": SERVE})
    deployment.run(image=image)
    old_call = deployment.parameters(image=image, instances=3)

    def newer_publish() -> None:
        deployment.publish(version=2)
        assert "failed" not in deployment.run(image=image)

    # The old call has looked and planned when the newer one comes, and is about to create its first container.
    at = FaultPoint(
        tmp_path, lab.docker_host, lambda _number, call: "create" in call, newer_publish, after=False, cut=False
    )
    with at, Witness(lab, deployment.id, 4) as witness:
        result = deployment.run(**{**old_call, "docker_host": at.docker_host})
    assert at.at_call
    assert (result.get("failed"), result["stale"]) == (None, True)
    assert [one.labels["evento.version"] for one in deployment.containers()] == ["2"]
    assert witness.started == 1
