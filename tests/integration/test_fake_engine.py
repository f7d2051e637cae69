# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fake engine of the unit tests answers as a real one does: of both, the collection reports the same."""

from __future__ import annotations

import re
import typing as t

import docker
import pytest
from docker.errors import APIError

from lab import Lab
from tests.integration.deployment import Deployment
from tests.integration.script_image import script_image
from tests.unit.plugins.module_utils._run.fake_containers import HANGS, READY, FakeImage, Script, crashes
from tests.unit.plugins.module_utils._run.fake_deployment import FakeDeployment
from tests.unit.plugins.module_utils._run.fake_engine import FakeEngine

SERVES = "echo Application Started!; exec sleep 600"
CRASHES = "echo no database; exit 9"
SLEEPS = "exec sleep 600"
# What a real instance is told to do, and the same for the fake engine.
SCRIPTS: dict[str, Script] = {SERVES: READY, CRASHES: crashes(9, "no database"), SLEEPS: HANGS}
PORT = "18476"


@pytest.fixture
def engines(lab: Lab, engine: docker.DockerClient, deployment: Deployment) -> t.Iterator[list[FakeEngine]]:
    """The fake one and the real one, with the same image."""
    image = script_image(engine)
    [labels] = [{k: v for k, v in engine.images.get(image).labels.items() if k.startswith("evento.exit-code.")}]
    fake = FakeEngine(FakeImage(image, labels=labels))
    fake.scripts.update(SCRIPTS)
    with lab.client() as client:
        yield [fake, t.cast(FakeEngine, client.api)]


def everything(engine: FakeEngine, bundle_id: str, image: str) -> list[dict[str, t.Any]]:
    """What a series of runs reports, less what differs from engine to engine."""
    orders = FakeDeployment(engine)
    orders.bundle["id"] = bundle_id
    orders.options.update(image=image, wait_timeout=4)
    reports: list[dict[str, t.Any]] = []

    def run(script: str = "", **options: t.Any) -> None:
        if script:
            bundle = orders.bundle
            bundle.update(
                version=bundle["version"] + 1, updatedAt=bundle["updatedAt"] + 60, environment={"SCRIPT": script}
            )
        reports.append(comparable(orders.run(**options)))

    run(SERVES)
    run()
    run(scale_by=1)
    run(SERVES, check_mode=True)
    run(SERVES)
    run(CRASHES)
    run(CRASHES, update_order="stop-first")
    run(SLEEPS, wait_timeout=2)
    run(state="stopped")
    run(SERVES, published_ports=[f"{PORT}:80"], instances=1)
    run(SERVES, published_ports=[f"{PORT}:80"], instances=2)
    run(state="stopped")
    run(CRASHES, auto_remove=False)
    run(SERVES)
    run(state="absent")
    run(SLEEPS, wait_added=1)
    return reports


def comparable(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """A result without ids and times."""
    instances = [
        {key: value for key, value in one.items() if key not in ("id", "created_at")}
        for one in result.get("instances", [])
    ]
    return {**result, "msg": without_ids(result["msg"]), "instances": instances}


def without_ids(text: str) -> str:
    return re.sub(r"\b[0-9a-f]{64}\b", "<id>", text)


def test_runs_report_the_same(engines: list[FakeEngine], deployment: Deployment) -> None:
    image = next(iter(engines[0].images))
    fake, real = (everything(engine, deployment.id, image) for engine in engines)
    for number, (of_fake, of_real) in enumerate(zip(fake, real, strict=True), start=1):
        assert of_fake == of_real, f"run {number}"


def create(api: t.Any, image: str, name: str, **host_config: t.Any) -> str:
    labels = {"evento.bundle": name.rpartition("-")[0]}
    config = {"Image": image, "Env": [f"SCRIPT={SLEEPS}"], "Labels": labels, "HostConfig": host_config}
    return str(api.create_container_from_config(config, name)["Id"])


# Calls that an engine refuses; they are given an image, and the name of a container that runs.
REFUSED: dict[str, t.Callable[[t.Any, str, str], t.Any]] = {
    "create of a name that is taken": create,
    "create from an image that is not there": lambda api, _image, name: create(api, "no-such-image", f"{name}9"),
    "create with volumes from nothing": lambda api, image, name: create(api, image, f"{name}9", VolumesFrom=["f" * 64]),
    "inspect of an image that is not there": lambda api, _image, _name: api.inspect_image("no-such-image"),
    "inspect of nothing": lambda api, _image, _name: api.inspect_container("f" * 64),
    "start of nothing": lambda api, _image, _name: api.start("f" * 64),
    "stop of nothing": lambda api, _image, _name: api.stop("f" * 64, timeout=1),
    "removal of nothing": lambda api, _image, _name: api.remove_container("f" * 64, v=True),
    "removal of what runs": lambda api, _image, name: api.remove_container(name, v=True),
    "logs of nothing": lambda api, _image, _name: api.logs("f" * 64),
    "archive for nothing": lambda api, _image, _name: api.put_archive("f" * 64, "/opt", iter([b""])),
    "archive for a missing directory": lambda api, _image, name: api.put_archive(name, "/opt/missing", iter([b""])),
    "attach to nothing": lambda api, _image, _name: requested(api, "attach"),
    "wait for nothing": lambda api, _image, _name: requested(api, "wait"),
}


def requested(api: t.Any, what: str) -> None:
    url = f"{api.base_url}/v{api.api_version}/containers/{'f' * 64}/{what}"
    answer = api.request("POST", url, params={"stream": "1"})
    # In answer to attach the engine speaks no JSON.
    words = answer.text.strip() if what == "attach" else answer.json()["message"]
    raise APIError("", answer, explanation=words)


def test_refusals_are_the_same(engines: list[FakeEngine], deployment: Deployment) -> None:
    image, name = next(iter(engines[0].images)), f"{deployment.id}-1"
    for engine in engines:
        engine.start(create(engine, image, name))
    for doing, call in REFUSED.items():
        fake, real = (refusal(engine, call, image, name) for engine in engines)
        assert fake == real, doing


def refusal(engine: FakeEngine, call: t.Callable[[t.Any, str, str], t.Any], image: str, name: str) -> tuple[t.Any, str]:
    with pytest.raises(APIError) as caught:
        call(engine, image, name)
    return caught.value.status_code, without_ids(str(caught.value.explanation))
