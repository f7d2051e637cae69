# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image downloads a bundle once, and says why where it cannot."""

from __future__ import annotations

import re
import typing as t

import docker
import pytest
from docker.models.containers import Container

from lab import Lab
from lab.server import EventoServer, Fault
from tests.integration.image.containers import (
    ARTIFACT_DIR,
    FILES,
    JAR,
    Containers,
    exit_code,
    jar_url,
    kept_files,
    log,
    put,
    wait_started,
)
from tests.until import until

PREFIX = "evento-bundle-container: "


def refused(container: Container, code: int, words: str) -> None:
    """The container ended with that code and one sentence, and holds no JAR."""
    assert exit_code(container) == code, log(container)
    text = log(container)
    assert text.startswith(PREFIX)
    assert words in text
    assert text.count("\n") == 1
    assert kept_files(container) == set()


@pytest.mark.parametrize(
    ("environment", "code", "words"),
    [
        ({}, 64, "there is no JAR to run"),
        ({"APP_JAR_URL": "file:///etc/passwd"}, 64, "not an http or https URL"),
        ({"APP_JAR_URL": "http://x/\nurl = file:///etc/passwd"}, 64, "control character"),
        (
            {"APP_JAR_URL": "http://user:pass@host.docker.internal:1/a?token=secret"},
            69,
            "host.docker.internal:1: the conn",
        ),
        ({"APP_JAR_URL": "http://no-such-host.invalid/?token=secret"}, 69, "cannot reach no-such-host.invalid"),
    ],
)
def test_refuses_what_it_cannot_download(
    containers: Containers, environment: dict[str, str], code: int, words: str
) -> None:
    container = containers.start(environment)
    refused(container, code, words)
    assert not re.search("secret|pass@|user:", log(container))


def half_a_jar(lab: Lab) -> Fault:
    content = lab.jar().read_bytes()
    return Fault(body=content[: len(content) // 2])


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (lambda _lab: Fault(status=500), 76, "answered 500 instead of 200"),
        (lambda _lab: Fault(status=404), 76, "answered 404 instead of 200"),
        (lambda _lab: Fault(status=204), 76, "answered 204 instead of 200"),
        (lambda _lab: Fault(redirect="file:///etc/passwd"), 76, "redirects"),
        (lambda _lab: Fault(body=b"<html>Please log in</html>"), 65, "not a complete JAR"),
        (lambda _lab: Fault(body=b""), 65, "not a complete JAR"),
        (half_a_jar, 65, "not a complete JAR"),
        (lambda _lab: Fault(cut=True), 69, "broke the download off"),
    ],
)
def test_explains_a_bad_answer_and_works_once_the_server_does(
    lab: Lab,
    containers: Containers,
    published: EventoServer,
    fault: t.Callable[[Lab], Fault],
    code: int,
    words: str,
) -> None:
    token = published.token()
    published.fault = fault(lab)
    container = containers.start({"APP_JAR_URL": jar_url(published, token)})
    refused(container, code, words)
    assert token not in log(container)

    published.fault = None
    container.start()
    wait_started(container)


@pytest.mark.parametrize("lifetime", [-5, 60])
def test_tells_that_the_token_was_refused(containers: Containers, published: EventoServer, lifetime: int) -> None:
    token = published.token(lifetime) + ("x" if lifetime > 0 else "")
    container = containers.start({"APP_JAR_URL": jar_url(published, token)})
    refused(container, 77, "answered 401: the token is expired or not valid")
    assert token not in log(container)


def test_tells_that_it_cannot_write(containers: Containers, published: EventoServer) -> None:
    container = containers.start({"APP_JAR_URL": jar_url(published)}, tmpfs={ARTIFACT_DIR: "ro"})
    assert exit_code(container) == 74
    assert f"cannot write to {ARTIFACT_DIR}: make it writable for user 10001" in log(container)


def test_every_exit_code_has_its_meaning_in_a_label(lab: Lab, engine: docker.DockerClient) -> None:
    used = set(re.findall(r"\bfail (\d+) ", (FILES / "entrypoint.sh").read_text()))
    labels = engine.images.get(lab.image).labels
    assert used == {name.rpartition(".")[2] for name in labels if name.startswith("evento.exit-code.")}
    assert labels["evento.vm-args"] == "java-argfile"


def test_restarts_with_an_expired_token(containers: Containers, published: EventoServer) -> None:
    token = published.token(lifetime=8)
    container = containers.start({"APP_JAR_URL": jar_url(published, token)})
    wait_started(container)
    container.stop(timeout=5)
    until(lambda: published.refusal(token), "the token expires")

    container.start()
    wait_started(container, times=2)
    assert [request.status for request in published.requests] == [200]


def test_uses_the_jar_that_was_put_there(lab: Lab, containers: Containers, published: EventoServer) -> None:
    container = containers.create({"APP_JAR_URL": jar_url(published)})
    put(container, {JAR: lab.jar().read_bytes()}, mode=0o444)
    container.start()
    wait_started(container)
    assert published.requests == []


def test_replaces_a_broken_jar(lab: Lab, containers: Containers, published: EventoServer) -> None:
    container = containers.create({"APP_JAR_URL": jar_url(published)})
    put(container, {JAR: lab.jar().read_bytes()[:-100]})
    # The directory is sticky: a file is replaced by its owner.
    container = containers.start({"APP_JAR_URL": jar_url(published)}, volumes_from=[container.id], user="0")
    wait_started(container)
    assert len(published.requests) == 1
