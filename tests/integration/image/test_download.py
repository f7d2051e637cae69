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


def refused(container: Container, code: int, words: str, before: t.Sequence[str]) -> None:
    """The container ended with that code and one sentence, after lines that begin like these, and holds no JAR."""
    assert exit_code(container) == code, log(container)
    *lines, sentence = log(container).splitlines()
    assert len(lines) == len(before), lines
    for line, beginning in zip(lines, before, strict=True):
        assert line.startswith(PREFIX + beginning)
    assert sentence.startswith(PREFIX)
    assert words in sentence
    assert kept_files(container) == set()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (None, "there is no JAR to run"),
        ("file:///etc/passwd", "not an http or https URL"),
        ("http://x/\nurl = file:///etc/passwd", "control character"),
        ("http://user:pass/word@x/", "a port that is no number"),
    ],
)
def test_refuses_what_it_cannot_download(containers: Containers, url: str | None, words: str) -> None:
    container = containers.start({} if url is None else {"APP_JAR_URL": url})
    refused(container, 64, words, [])
    assert "pass" not in log(container).replace("passwd", "")


def test_name_that_does_not_resolve(containers: Containers) -> None:
    container = containers.start({"APP_JAR_URL": "http://user:pass@no-such-host.invalid/a@b?token=secret"})
    refused(
        container, 69, "cannot reach no-such-host.invalid: its name", ["downloading http://no-such-host.invalid/a@b"]
    )
    assert not re.search("secret|pass|user:", log(container))


def downloading(server: EventoServer) -> str:
    return f"downloading {jar_url(server).partition('?')[0]}"


def half_a_jar(lab: Lab) -> Fault:
    content = lab.jar().read_bytes()
    return Fault(body=content[: len(content) // 2])


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (lambda _lab: Fault(status=500), 70, "answered 500: Evento Server does not know the bundle, or its file is"),
        (lambda _lab: Fault(status=404), 66, "answered 404: there is nothing at that address: check APP_JAR_URL"),
        (lambda _lab: Fault(status=400), 76, "answered 400 instead of 200"),
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
    refused(container, code, words, [downloading(published)])
    assert token not in log(container)

    published.fault = None
    container.start()
    wait_started(container)


@pytest.mark.parametrize("lifetime", [-5, 60])
def test_tells_that_the_token_was_refused(containers: Containers, published: EventoServer, lifetime: int) -> None:
    token = published.token(lifetime) + ("x" if lifetime > 0 else "")
    container = containers.start({"APP_JAR_URL": jar_url(published, token)})
    refused(container, 77, "answered 401: the token is expired or not valid", [downloading(published)])
    assert token not in log(container)


def test_tells_that_the_token_lacks_the_role(containers: Containers, published: EventoServer) -> None:
    container = containers.start({"APP_JAR_URL": jar_url(published, published.token(role="ROLE_WEB"))})
    refused(
        container, 67, "answered 403: Evento Server wants a token with the role ROLE_DEPLOY", [downloading(published)]
    )


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
