# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module evento_bundle_image on a real engine."""

from __future__ import annotations

import json
import typing as t
import uuid
from pathlib import Path

import docker
import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.evento.docker.plugins.modules import evento_bundle_image
from lab import Lab


class Module:
    """Runs the module for an image name of the test's own."""

    def __init__(self, lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
        self.name = f"evento-test-{uuid.uuid4().hex[:10]}"
        self._lab = lab
        self._capsys = capsys

    def __call__(self, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        arguments = {"name": self.name, "docker_host": self._lab.docker_host, "_ansible_check_mode": check, **options}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            evento_bundle_image.main()
        result: dict[str, t.Any] = json.loads(self._capsys.readouterr().out)
        return result


@pytest.fixture
def module(lab: Lab, engine: docker.DockerClient, capsys: pytest.CaptureFixture[str]) -> t.Iterator[Module]:
    module = Module(lab, capsys)
    yield module
    for image in engine.images.list(module.name):
        engine.images.remove(image.tags[0], force=True)


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("ARG WORD=none\nFROM scratch\nARG WORD\nLABEL word=$WORD\nCOPY Dockerfile /\n")
    return tmp_path


def save(engine: docker.DockerClient, name: str, path: Path) -> Path:
    with path.open("wb") as archive:
        archive.writelines(engine.images.get(name).save(named=True))
    return path


def test_build_changes_only_what_is_new(module: Module, engine: docker.DockerClient, context: Path) -> None:
    options: dict[str, t.Any] = {"source": "build", "path": str(context), "build_args": {"WORD": 1}}
    predicted = module(check=True, **options)
    assert (predicted["changed"], predicted["image"]["id"]) == (True, None)
    assert not engine.images.list(module.name)

    built = module(**options)
    assert built["changed"]
    assert built["image"] == {"name": module.name, "id": engine.images.get(module.name).id}
    assert engine.images.get(module.name).labels == {"word": "1"}
    assert not module(**options)["changed"]
    assert not module(check=True, **options)["changed"]
    assert module(**{**options, "build_args": {"WORD": 2}})["changed"]


def test_failed_build_shows_the_end_of_its_output(module: Module, context: Path) -> None:
    (context / "Dockerfile").write_text("FROM scratch\nCOPY missing /\n")
    result = module(source="build", path=str(context))
    assert result["failed"]
    assert result["msg"].startswith(f"Could not build image {module.name} from {context}: ")
    assert result["build_log"][-1].endswith("COPY missing /")
    assert "exception" not in result


def test_archive_is_loaded_when_it_holds_another_image(
    module: Module, engine: docker.DockerClient, context: Path, tmp_path: Path
) -> None:
    module(source="build", path=str(context))
    archive = save(engine, module.name, tmp_path / "image.tar")
    options: dict[str, t.Any] = {"source": "archive", "path": str(archive)}
    assert not module(**options)["changed"]

    module(source="build", path=str(context), build_args={"WORD": "other"})
    assert module(check=True, **options)["changed"]
    assert engine.images.get(module.name).labels == {"word": "other"}
    assert module(**options)["changed"]
    assert engine.images.get(module.name).labels == {"word": "none"}
    assert not module(name=f"docker.io/library/{module.name}:latest", **options)["changed"]

    result = module(name="another", **options)
    assert result["failure"] == "invalid_input"
    assert result["msg"] == f"{archive} does not hold another:latest: it holds {module.name}:latest."


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"source": "build", "path": "/nowhere"}, "There is no Dockerfile in /nowhere"),
        ({"source": "archive", "path": "/nowhere"}, "Could not read /nowhere: No such file or directory."),
        ({"source": "archive", "path": __file__}, "it is not an archive that docker save writes"),
        ({"source": "archive"}, "path"),
        ({"source": "pull", "name": "127.0.0.1:1/nothing"}, "Could not pull image 127.0.0.1:1/nothing: "),
        ({"source": "pull", "docker_host": "unix:///nowhere"}, "Could not connect to the Docker engine"),
    ],
)
def test_failures_name_the_thing(module: Module, options: dict[str, t.Any], words: str) -> None:
    result = module(**options)
    assert result["failed"]
    assert words in result["msg"]


def test_pull_leaves_a_present_image_alone(module: Module, context: Path) -> None:
    assert module(source="pull", check=True)["changed"]
    module(source="build", path=str(context))
    assert not module(source="pull")["changed"]
    assert not module(source="pull", check=True)["changed"]
