# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that is not up yet when the JAR is wanted."""

from __future__ import annotations

from pathlib import Path

import jwt
import pytest

from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import Artifact
from ansible_collections.evento.docker.plugins.module_utils._artifact.download import fetch
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from lab.server import EventoServer
from tests.store import Answer, Store
from tests.unit.plugins.module_utils._artifact.artifacts import JAR, Clock, of_server

pytestmark = pytest.mark.usefixtures("direct")


def test_port_that_opens_later(tmp_path: Path) -> None:
    (tmp_path / "a.jar").write_bytes(JAR)
    clock = Clock()
    server = EventoServer()
    server.publish("orders", tmp_path / "a.jar")

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if clock() == 5:
            server.start()

    try:
        url = f"{server.url}/asset/bundle/orders"
        fetch(Artifact(url, from_server=True, token=server.token(), copied=True), clock, sleep).close()
    finally:
        server.stop()
    assert clock() == 5
    assert [one.status for one in server.requests] == [200]


def test_answers_of_a_server_that_comes_up(store: Store) -> None:
    clock = Clock()
    store.first = [
        Answer(status=502),
        Answer(status=503),
        Answer(status=504),
        Answer(hang_up="close"),
        Answer(hang_up="reset"),
    ]
    fetch(of_server(f"{store.url}/a.jar"), clock, clock.sleep).close()
    assert (clock(), len(store.asked)) == (5, 6)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(status=503), "answered 503 (tried for 40 s): check that the server is up."),
        (Answer(hang_up="close"), "broke the download off (tried for 40 s): try again."),
    ],
)
def test_it_is_waited_for_no_longer_than_40_s(store: Store, answer: Answer, words: str) -> None:
    clock = Clock()
    store.answers["/a.jar"] = answer
    with pytest.raises(EventoError) as caught:
        fetch(of_server(f"{store.url}/a.jar"), clock, clock.sleep)
    assert str(caught.value) == f"Could not download the JAR: {store.url} {words}"
    assert (clock(), len(store.asked)) == (40, 41)


@pytest.mark.parametrize(("left", "tried", "words"), [(10.5, 10, " (tried for 10 s)"), (-3, 0, "")])
def test_it_is_waited_for_no_longer_than_the_token_lives(store: Store, left: float, tried: float, words: str) -> None:
    clock = Clock()
    store.answers["/a.jar"] = Answer(status=503)
    token = jwt.encode({"exp": 1000}, "k" * 32)
    artifact = Artifact(f"{store.url}/a.jar", from_server=True, token=token, copied=True)
    with pytest.raises(EventoError) as caught:
        fetch(artifact, clock, clock.sleep, now=lambda: 1000 - left)
    assert f"answered 503{words}: check" in str(caught.value)
    assert clock() == tried


def test_a_redirect_to_a_server_that_comes_up_begins_anew(store: Store, other: Store) -> None:
    clock = Clock()
    store.answers["/b"] = Answer(location=f"{other.url}/a.jar")
    other.first = [Answer(status=503)]
    fetch(of_server(f"{store.url}/b"), clock, clock.sleep).close()
    assert [len(server.asked) for server in (store, other)] == [2, 2]
