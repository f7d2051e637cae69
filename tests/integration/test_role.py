# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role in a play: each way in which it makes the image available, then the bundle."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import docker
import pytest

from tests.integration.deployment import Deployment
from tests.integration.registry import Registry
from tests.integration.script_image import script_image

PLAY = """
- hosts: localhost
  gather_facts: false
  roles:
    - role: evento.docker.evento_bundle
"""


class Play(t.Protocol):
    def __call__(self, *options: str, **variables: t.Any) -> int:
        """Run the play with these variables; its exit code."""


@pytest.fixture
def play(deployment: Deployment, tmp_path: Path) -> Play:
    """Runs the role with the variables of the role; the number of tasks that changed something."""
    (tmp_path / "play.yml").write_text(PLAY)
    (tmp_path / "ansible.cfg").touch()

    def run(*options: str, **variables: t.Any) -> int:
        given = {
            "bundle": deployment.bundle,
            "token": deployment.server.token(),
            "server_url": deployment.server.container_url,
            "docker_host": deployment.lab.docker_host,
            **variables,
        }
        (tmp_path / "variables.json").write_text(json.dumps({f"evento_bundle_{key}": given[key] for key in given}))
        finished = subprocess.run(
            [Path(sys.executable).with_name("ansible-playbook"), "play.yml", "-e", "@variables.json", *options],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "TMPDIR": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        changed = re.search(r"changed=(\d+)", finished.stdout)
        assert changed
        return int(changed[1])

    return run


def converge_twice(play: Play, deployment: Deployment, **variables: t.Any) -> None:
    """Image and bundle are two changes, predicted, then made, then none."""
    assert play("--check", **variables) == 2
    assert deployment.names() == []
    assert play(**variables) == 2
    assert deployment.names() == [f"{deployment.id}-1"]
    assert play(**variables) == 0


def test_build(play: Play, deployment: Deployment, engine: docker.DockerClient) -> None:
    image = f"evento-test-role:{deployment.id}"
    try:
        converge_twice(
            play,
            deployment,
            image=image,
            image_source="build",
            image_build_args={"BASE_IMAGE": deployment.lab.base_image},
        )
    finally:
        deployment.remove()
        engine.images.remove(image, force=True)


def test_archive(play: Play, deployment: Deployment, engine: docker.DockerClient, tmp_path: Path) -> None:
    image = script_image(engine, tag=deployment.id, more=f"LABEL test={deployment.id}\n".encode())
    archive = tmp_path / "image.tar"
    archive.write_bytes(b"".join(engine.images.get(image).save(named=True)))
    engine.images.remove(image, force=True)
    deployment.publish(environment={"SCRIPT": "echo Application Started!; exec sleep 600"})
    try:
        converge_twice(play, deployment, image=image, image_source="archive", image_archive=str(archive))
    finally:
        deployment.remove()
        engine.images.remove(image, force=True)


def test_pull(play: Play, deployment: Deployment, engine: docker.DockerClient, registry: Registry) -> None:
    image = registry.name
    try:
        converge_twice(play, deployment, image=image, image_source="pull", ready_when="running", ready_after=0)
    finally:
        deployment.remove()
        engine.images.remove(image, force=True)


def test_leave_alone(play: Play, deployment: Deployment) -> None:
    assert play() == 1
    assert play() == 0


def test_wrong_variable_is_named(deployment: Deployment, play: Play) -> None:
    with pytest.raises(AssertionError, match="ready_when must be one of: reported, running, got: soon"):
        play(ready_when="soon")
    assert deployment.names() == []
