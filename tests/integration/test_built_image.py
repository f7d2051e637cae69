# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JAR as a part of an image that the module makes and pushes to a registry."""

from __future__ import annotations

import base64
import json
import typing as t
from pathlib import Path

import docker
import pytest

from lab.server import Fault
from tests.integration.deployment import Deployment, new_bundle, run_module
from tests.integration.image.containers import log
from tests.integration.registry import Registry
from tests.until import until

STARTED = "Application Started!"
USER, PASSWORD = "pusher", "planted-password"


@pytest.fixture(scope="module")
def registry(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Registry]:
    """One for all tests, to which the base has to be pushed but once."""
    with Registry(engine, tmp_path_factory.mktemp("registry")) as registry:
        yield registry


@pytest.fixture
def built(deployment: Deployment, registry: Registry) -> t.Iterator[Deployment]:
    """The deployment, with JARs in images."""
    repository = f"{registry.host}/bundles"
    deployment.options = {"artifact": "image", "repository": repository, "server_url": deployment.server.url}
    yield deployment
    deployment.remove()
    registry.forget()


def statuses(deployment: Deployment) -> list[int]:
    return [one.status for one in deployment.server.requests]


def test_one_download_and_one_push_whatever_is_started(built: Deployment, registry: Registry) -> None:
    token = built.server.token()
    predicted = built.run(check_mode=True, token=token, instances=2)
    assert (statuses(built), registry.tags("bundles", built.id)) == ([], [])
    result = built.run(token=token, instances=2)
    assert len(result["instances"]) == 2, result["msg"]
    assert [(one.token_in, one.status) for one in built.server.requests] == [("header", 200)]
    assert sorted(predicted["commands"]) == sorted(result["commands"])
    download, build, push, *runs = result["commands"]
    assert download.startswith("curl --fail --location --header 'Authorization: Bearer ********' --output app.jar ")
    assert build.startswith("printf 'FROM sha256:")
    assert push.startswith(f"docker push {registry.host}/bundles:{built.id}-")
    assert all(line.startswith("docker run --detach ") for line in runs)

    pushed = registry.pushed("bundles")
    assert pushed
    converged = built.run(token=built.server.token(lifetime=-5), server_url="http://127.0.0.1:1")
    assert converged["changed"] is False
    # With the image in the registry there is no need for a token, either.
    more = built.run(token=built.server.token(lifetime=-5), server_url="http://127.0.0.1:1", scale_by=1)
    assert len(more["instances"]) == 3, more["msg"]
    assert [line[:10] for line in more["commands"]] == ["docker run"]
    assert (statuses(built), registry.pushed("bundles")) == ([200], pushed)

    (container, *_others) = built.containers()
    assert STARTED in log(container)
    assert "@sha256:" in container.attrs["Config"]["Image"]
    image = built.engine.api.inspect_image(container.attrs["Image"])
    told = json.dumps([image, built.engine.api.history(image["Id"]), container.attrs])
    assert "APP_JAR_URL=" not in told
    assert "/asset/bundle/" not in told
    told += json.dumps([result, predicted])
    for secret in (token, token.split(".")[2]):
        assert secret not in told
        assert not registry.holds(secret)
    assert container.exec_run(["ls", "/opt/evento/artifact"]).output == b""


def test_restarts_need_neither_token_nor_server(built: Deployment) -> None:
    result = built.run(restart_policy="on-failure")
    assert "failed" not in result, result["msg"]
    built.server.stop()
    (container,) = built.containers()
    container.exec_run(["/bin/sh", "-c", "kill 1"])
    until(lambda: log(container).count(STARTED) == 2, "the restart by the engine")


def test_another_version_is_another_image(built: Deployment) -> None:
    built.run()
    (old,) = built.containers()
    built.publish(version=2)
    result = built.run()
    assert [one["version"] for one in result["instances"]] == [2], result["msg"]
    (new,) = built.containers()
    assert new.attrs["Image"] != old.attrs["Image"]
    assert statuses(built) == [200, 200]


def test_read_only_and_without_network(built: Deployment) -> None:
    result = built.run(read_only=True, cap_drop=["ALL"], network_mode="none")
    assert "failed" not in result, result["msg"]
    assert STARTED in log(built.containers()[0])


def test_a_look_tells_what_is_up_to_date_and_brings_nothing(built: Deployment, registry: Registry) -> None:
    def look(**options: t.Any) -> list[bool]:
        given = {"docker_host": built.lab.docker_host, "bundle": json.dumps(built.bundle), **built.options, **options}
        return [one["up_to_date"] for one in run_module("evento_bundle_info", given)["instances"]]

    built.run(instances=2)
    pushed = registry.pushed("bundles")
    assert look() == [True, True]
    assert look(repository=f"{registry.host}/others") == [False, False]
    built.publish(version=2)
    assert look() == [False, False]
    assert (statuses(built), registry.pushed("bundles")) == ([200], pushed)


def test_many_bundles_in_one_repository(built: Deployment, registry: Registry) -> None:
    others = [Deployment(built.lab, built.engine, built.server, new_bundle()) for _number in range(3)]
    everything = [built, *others]
    for other in others:
        other.publish()
    # One that holds nothing yet, so that each of them finds no base to add its JAR to.
    options = built.parameters(repository=f"{registry.host}/many", project=built.id, prune=True)
    del options["bundle"]

    def run(*bundles: Deployment, token: str) -> dict[str, t.Any]:
        given = {**options, "token": token, "bundles": [json.dumps(one.bundle) for one in bundles]}
        return run_module("evento_bundle", given)

    try:
        result = run(*everything, token=built.server.token(lifetime=600))
        assert "failed" not in result, result["msg"]
        assert [len(one.names()) for one in everything] == [1, 1, 1, 1]
        assert [len(registry.tags("many", one.id)) for one in everything] == [1, 1, 1, 1]
        expired = built.server.token(lifetime=-5)
        assert run(*everything, token=expired)["changed"] is False
        result = run(built, token=expired)
        assert "failed" not in result, result["msg"]
        assert [len(one.names()) for one in everything] == [1, 0, 0, 0]
        assert statuses(built) == [200, 200, 200, 200]
    finally:
        for other in others:
            other.remove()


def test_others_write_to_the_registry_meanwhile(built: Deployment, registry: Registry) -> None:
    built.run()
    with registry.writing("bundles"):
        result = built.run(scale_by=1)
    assert len(result["instances"]) == 2, result["msg"]
    built.publish(version=2)
    with registry.writing("bundles"):
        result = built.run()
    assert [one["version"] for one in result["instances"]] == [2, 2], result["msg"]


@pytest.fixture(scope="module")
def closed(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Registry]:
    """A registry that wants a login."""
    with Registry(engine, tmp_path_factory.mktemp("closed"), (USER, PASSWORD)) as registry:
        yield registry


def test_login_by_options(built: Deployment, closed: Registry) -> None:
    built.options["repository"] = f"{closed.host}/bundles"
    token = built.server.token(lifetime=600)
    anonymous = built.run(token=token)
    wrong = built.run(token=token, username=USER, password="planted-too")
    for result in (anonymous, wrong):
        assert result["failed"]
        assert "log in to the registry with docker login, or set username and password" in result["msg"]
    assert (built.names(), statuses(built)) == ([], [])
    right = built.run(token=token, username=USER, password=PASSWORD)
    assert "failed" not in right, right["msg"]
    assert "planted" not in json.dumps([anonymous, wrong, right])
    assert PASSWORD not in json.dumps([container.attrs for container in built.containers()])
    more = built.run(username=USER, password=PASSWORD, token=built.server.token(lifetime=-5), scale_by=1)
    assert len(more["instances"]) == 2, more["msg"]


def test_login_of_the_docker_configuration(
    built: Deployment, closed: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(json.dumps({"auths": {closed.host: {"auth": login}}}))
    monkeypatch.setenv("HOME", str(tmp_path))
    result = built.run(repository=f"{closed.host}/bundles")
    assert "failed" not in result, result["msg"]
    assert statuses(built) == [200]


FAULTS: dict[str, tuple[dict[str, t.Any], Fault | None, str]] = {
    "registry unreachable": (
        {"repository": "127.0.0.1:1/bundles"},
        None,
        "Could not look for image 127.0.0.1:1/bundles:",
    ),
    "no repository": ({"repository": None}, None, "artifact: image needs repository"),
    "repository with a tag": ({"repository": "store/a:1"}, None, "repository: expected a name without a tag"),
    "not a JAR": ({}, Fault(body=b"<html>Log in</html>"), "is not a complete JAR"),
    "expired": ({"token": "expired"}, None, "token expired"),
    "address with a query": ({"artifact_url": "http://store/a.jar?s=1"}, None, "expected an address without a query"),
    "image without a place": ({"image": "evento-lab-jre:17"}, None, "does not say where it looks for a JAR"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_wrong_shows_before_anything_is_touched(built: Deployment, registry: Registry, case: str) -> None:
    options, built.server.fault, words = FAULTS[case]
    if options.get("token"):
        options = {"token": built.server.token(lifetime=-5)}
    result = built.run(**options)
    assert (result.get("failed"), result.get("changed", False)) == (True, False)
    assert words in result["msg"]
    assert built.names() == []
    assert not registry.tags("bundles", built.id)
