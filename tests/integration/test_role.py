# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role in a play: each way in which it makes the image available, then the bundle."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import docker
import pytest

from lab import Lab
from tests.integration.ansible_playbook import ansible_playbook
from tests.integration.deployment import Deployment
from tests.integration.fleet import READY, Fleet
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

    def run(*options: str, **variables: t.Any) -> int:
        given = {
            "bundle": deployment.bundle,
            "token": deployment.server.token(),
            "server_url": deployment.server.container_url,
            "docker_host": deployment.lab.docker_host,
            **variables,
        }
        (tmp_path / "variables.json").write_text(json.dumps({f"evento_bundle_{key}": given[key] for key in given}))
        changed = re.search(r"changed=(\d+)", run_play(tmp_path, PLAY, "-e", "@variables.json", *options))
        assert changed
        return int(changed[1])

    return run


def run_play(directory: Path, play: str, *options: str) -> str:
    """Run a play that ends well, in an empty surrounding; what it prints."""
    (directory / "play.yml").write_text(play)
    finished = ansible_playbook(directory, "play.yml", *options, TMPDIR=str(directory))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout + finished.stderr


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


MANY = """
- hosts: localhost
  gather_facts: false
  vars:
    third: {id: PROJECT-c, version: "{{ 1 + 2 }}", environment: {FILLED: "{{ 'in' }}", SCRIPT: READY}}
  roles:
    - role: evento.docker.evento_bundle
      vars:
        evento_bundle_bundles:
          - "{{ lookup('ansible.builtin.file', 'a.json') | string }}"
          - bundle: "{{ lookup('ansible.builtin.file', 'b.json') | string }}"
            env: {MORE: planted entry}
            instances: 2
          - "{{ third }}"
        evento_bundle_project: PROJECT
        evento_bundle_prune: true
        evento_bundle_token: planted token
        evento_bundle_image: IMAGE
        evento_bundle_docker_host: DOCKER_HOST
"""


def test_many_bundles(lab: Lab, engine: docker.DockerClient, tmp_path: Path) -> None:
    fleet = Fleet(lab, engine, {"image": script_image(engine)})
    nothing = {"TEMPLATE": "{{ 40 + 2 }} {% raw %}x{% endraw %}", "SECRET": "planted 'value'"}
    for name in ("a", "b"):
        bundle = fleet.bundle(name, environment=nothing)
        (tmp_path / f"{name}.json").write_text(json.dumps(bundle).replace('"SECRET"', '"NUMBER": 1.50, "SECRET"'))
    words = {"PROJECT": fleet.project, "IMAGE": fleet.options["image"], "DOCKER_HOST": lab.docker_host, "READY": READY}
    play = re.sub("|".join(words), lambda word: str(words[word[0]]), MANY)
    try:
        fleet.run(fleet.bundle("old"))
        printed = run_play(tmp_path, play, "-vvv", "--diff")
        found = fleet.running()
        assert sorted(found) == ["a-1", "b-1", "b-2", "c-1"]
        for name in ("a-1", "b-2"):
            given = set(found[name].attrs["Config"]["Env"])
            assert given >= {"NUMBER=1.5", *(f"{variable}={value}" for variable, value in nothing.items())}
            assert ("MORE=planted entry" in given) == (name == "b-2")
        assert "FILLED=in" in found["c-1"].attrs["Config"]["Env"]
        assert found["c-1"].labels["evento.version"] == "3"
        assert f"pruned {fleet.id('old')}" in printed
        assert "planted" not in printed
        assert "changed=0" in run_play(tmp_path, play)
    finally:
        fleet.remove()


def test_wrong_variable_is_named(deployment: Deployment, play: Play) -> None:
    with pytest.raises(AssertionError, match="ready_when must be one of: reported, running, got: soon"):
        play(ready_when="soon")
    assert deployment.names() == []
