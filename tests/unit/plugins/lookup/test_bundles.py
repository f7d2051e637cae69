# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookup evento.docker.bundles asks of Evento Server, and what it makes of the answers."""

from __future__ import annotations

import json
import types
import typing as t
from collections.abc import Iterator

import pytest
from ansible.errors import AnsibleError

from ansible_collections.evento.docker.plugins.lookup import bundles as plugin
from lab.server import EventoServer, Fault
from tests.unit.plugins.lookup.lookups import look_up

ORDERS = {
    "id": "orders",
    "version": 9007199254740993,
    "environment": {"LIMIT": "{{ 1.10 }}"},
    "autorun": True,
    "deployable": True,
    "maxInstances": 4,
    "updatedAt": "1732320000.958060625",
}
ODD = "a b/\u00fc?{{ 1 }}"


@pytest.fixture
def server() -> Iterator[EventoServer]:
    with EventoServer() as running:
        running.catalogue.add(ORDERS)
        running.catalogue.add({"id": ODD, "autorun": True, "deployable": False})
        running.catalogue.add({"id": "stock", "deployable": True})
        yield running


def ask(server: EventoServer, *terms: t.Any, **options: t.Any) -> list[str]:
    given = {"server_url": server.url, "token": server.token(role="ROLE_WEB"), "use_proxy": False}
    return look_up(plugin, *terms, **{**given, **options})


def refused(server: EventoServer, *terms: t.Any, **options: t.Any) -> str:
    """The message of the error, which must not hold the token."""
    token = options.setdefault("token", server.token(role="ROLE_WEB"))
    with pytest.raises(AnsibleError) as error:
        ask(server, *terms, **options)
    message = str(error.value)
    assert token not in message
    assert "\n" not in message
    return message


def test_all_bundles_as_text(server: EventoServer) -> None:
    texts = ask(server)
    assert [json.loads(text)["id"] for text in texts] == ["orders", ODD, "stock"]
    assert texts[0].encode() == server.catalogue.answer("orders")
    assert '"version":9007199254740993' in texts[0]
    assert '"updatedAt":"2024-11-23T00:00:00.958061Z"' in texts[0]


def test_only_those_that_the_server_starts_by_itself(server: EventoServer) -> None:
    assert [json.loads(text)["id"] for text in ask(server, autorun=True)] == ["orders"]


def test_named_bundles_in_their_order(server: EventoServer) -> None:
    assert [json.loads(text)["id"] for text in ask(server, "stock", "orders", autorun=True)] == ["stock", "orders"]
    assert {request.path for request in server.requests} == {"/api/bundle/stock", "/api/bundle/orders"}


def test_the_token_goes_into_the_header(server: EventoServer) -> None:
    ask(server)
    assert {request.token_in for request in server.requests} == {"header"}


def test_server_without_bundles() -> None:
    with EventoServer() as server:
        assert ask(server) == []


def test_answer_is_left_as_it_is(server: EventoServer) -> None:
    answer = '{"id" : "orders",\n "version": 1.10e0, "big": %s, "id": "orders"}' % ("1" * 5000)
    server.fault = Fault(body=answer.encode())
    assert ask(server, "orders") == [answer]


def test_expired_token(server: EventoServer) -> None:
    token = server.token(role="ROLE_WEB", lifetime=-1)
    why = "it has expired, or was not made with this server's evento.security.signing.key."
    assert refused(server, token=token).endswith(f"Evento Server at {server.url} refused the token: {why}")


def test_token_without_the_role(server: EventoServer) -> None:
    assert "refused the token: it lacks the role ROLE_WEB." in refused(server, token=server.token())


def test_unknown_bundle_is_named(server: EventoServer) -> None:
    assert 'answered 500 when it was asked for bundle "no\\nsuch": see that it is there.' in refused(server, "no\nsuch")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(status=502), "answered 502 when it was asked for its list of bundles: see that server_url is right."),
        (Fault(redirect="http://127.0.0.1:1/"), "answered 302 when it was asked for its list of bundles"),
        (Fault(body=b"<html>"), "answered with something else than a list of bundles: see that server_url is right."),
        (Fault(body=b'[{"id": null}]'), "answered with something else than a list of bundles"),
        (Fault(body=b"[" * 100_000), "answered with something else than a list of bundles"),
        (Fault(body=b"\xff"), "sent its list of bundles in something else than UTF-8"),
        (Fault(cut=True), "could not be asked for its list of bundles: IncompleteRead"),
        (Fault(hang_up=True), "could not be asked for its list of bundles: Remote end closed connection"),
    ],
)
def test_unusable_answer(server: EventoServer, fault: Fault, message: str) -> None:
    server.fault = fault
    assert message in refused(server)


def test_another_bundle_than_the_one_named(server: EventoServer) -> None:
    server.fault = Fault(body=b'{"id": "stock"}')
    assert 'answered with something else than bundle "orders"' in refused(server, "orders")


def test_silent_server_is_not_waited_for_any_longer(server: EventoServer) -> None:
    server.fault = Fault(delay=20)
    assert "could not be asked for its list of bundles: timed out" in refused(server, timeout=1)


def test_slow_answer_has_an_end(server: EventoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 0.5, 31.0])
    monkeypatch.setattr(plugin, "time", types.SimpleNamespace(monotonic=lambda: next(ticks, 32.0)))
    monkeypatch.setattr(plugin, "_CHUNK", 8)
    assert "the answer was not complete after 30 s" in refused(server)


def test_server_that_is_not_there() -> None:
    server = EventoServer()
    try:
        assert "could not be asked for its list of bundles: [Errno 111]" in refused(server)
    finally:
        server.stop()


def test_certificate_that_nobody_knows() -> None:
    with EventoServer() as server:
        message = refused(server, server_url=server.url.replace("http:", "https:"))
    assert "could not be asked for its list of bundles: " in message


@pytest.mark.parametrize(
    "url",
    ["evento.example.com", "file:///etc/passwd", "http://user:word@host", "http://host/?a", "http://a b", "http://"],
)
def test_unusable_address(server: EventoServer, url: str) -> None:
    message = refused(server, server_url=url)
    assert message.endswith("server_url: expected an address such as http://evento.example.com:3000.")


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "\u00fcml\u00e4ut", "nul\0"])
def test_unusable_token(server: EventoServer, token: str) -> None:
    assert "token: expected a token with the role ROLE_WEB, got something else." in refused(server, token=token)


@pytest.mark.parametrize("term", ["", 1, ["orders"], None])
def test_unusable_name(server: EventoServer, term: t.Any) -> None:
    assert "expected the ids of bundles, got something else." in refused(server, term)


def test_no_time_at_all(server: EventoServer) -> None:
    assert "timeout: expected a number of seconds above 0, got 0." in refused(server, timeout=0)
