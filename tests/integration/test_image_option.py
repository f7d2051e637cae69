# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which image an instance is made from, and when it is pulled."""

from __future__ import annotations

import typing as t

import docker
import pytest

from tests.integration.deployment import Deployment
from tests.integration.registry import Registry
from tests.integration.script_image import script_image

QUICK: dict[str, t.Any] = {"ready_when": "running", "ready_after": 0}


def release(deployment: Deployment) -> str:
    (container,) = deployment.containers()
    return str(container.labels["release"])


def test_other_image_makes_instances_outdated(deployment: Deployment, engine: docker.DockerClient) -> None:
    name = script_image(engine, tag=deployment.id)
    deployment.options = {"image": name, **QUICK}
    try:
        deployment.run()
        (before,) = deployment.containers()
        assert not deployment.run()["changed"]
        # The same name for another image counts as well.
        script_image(engine, deployment.id, b"ENV MORE=1\n")
        result = deployment.run()
        assert [row["what"] for row in result["actions"]] == ["start", "stop"]
        assert deployment.containers()[0].attrs["Image"] != before.attrs["Image"]
    finally:
        deployment.remove()
        engine.images.remove(name, force=True)


def test_missing_image_is_pulled_once_and_always_means_each_time(
    deployment: Deployment, engine: docker.DockerClient, registry: Registry
) -> None:
    deployment.options = {"image": registry.name, **QUICK}
    try:
        assert deployment.run(check_mode=True)["changed"]
        assert not engine.images.list(registry.name)
        assert "failed" not in deployment.run()
        assert release(deployment) == "first"
        registry.push("second")
        for pull in ("missing", "never"):
            assert not deployment.run(pull=pull)["changed"]
        assert deployment.run(pull="always")["changed"]
        assert release(deployment) == "second"
        assert not deployment.run(pull="always")["changed"]
    finally:
        deployment.remove()


@pytest.mark.parametrize("pull", ["missing", "always"])
def test_image_that_the_registry_does_not_have(deployment: Deployment, registry: Registry, pull: str) -> None:
    name = registry.name.replace("sleeper:1", "nothing:2")
    result = deployment.run(image=name, pull=pull)
    assert result["failed"]
    assert result["msg"].startswith(f"Could not pull image {name}: ")
    assert "\n" not in result["msg"]
    assert deployment.names() == []


def test_missing_image_that_must_not_be_pulled(deployment: Deployment) -> None:
    result = deployment.run(image="evento-test-no-such-image:1", pull="never")
    assert (result["failed"], result["failure"]) == (True, "other")
    assert result["msg"].startswith(
        "There is no image evento-test-no-such-image:1 on the Docker host: build or load it"
    )
    assert deployment.names() == []
