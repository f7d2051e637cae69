# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in Evento Server: token rules, answers, and the ways in which it misbehaves."""

from __future__ import annotations

import http.client
import json
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from lab import _tokens
from lab.server import EventoServer, Fault, Request
from tests.until import until

KEY = "a signing key that is long enough for HS256"
BUNDLE = "a b/\u00fc?"
ARTIFACT = b"PK\x03\x04 stands for a JAR"
PATH = f"/asset/bundle/{urllib.parse.quote(BUNDLE, safe='')}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EventoServer]:
    artifact = tmp_path / "app.jar"
    artifact.write_bytes(ARTIFACT)
    with EventoServer(signing_key=KEY) as running:
        running.publish(BUNDLE, artifact)
        yield running


def get(server: EventoServer, path: str, token: str | None = None) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("GET", path, headers={} if token is None else {"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def recorded(server: EventoServer) -> list[Request]:
    """The one record, which is written after the client has read the answer."""
    deadline = time.monotonic() + 5
    while not server.requests and time.monotonic() < deadline:
        time.sleep(0.01)
    return server.requests


def test_token_is_what_the_server_sends(server: EventoServer) -> None:
    token = server.token()
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": "evento-server-auth-key"}
    claims = jwt.decode(token, KEY, algorithms=["HS256"])
    assert claims["iss"] == "evento-server"
    assert claims["clientId"] == "evento-server-deploy"
    assert claims["role"] == ["ROLE_DEPLOY"]
    assert claims["exp"] - claims["iat"] == 60
    assert claims["iat"] - claims["nbf"] == 1


def test_every_token_is_another_one(server: EventoServer) -> None:
    assert server.token() != server.token()


def test_artifact_by_header(server: EventoServer) -> None:
    status, headers, body = get(server, PATH, server.token())
    assert (status, headers["Content-Type"], body) == (200, "application/zip", ARTIFACT)
    assert recorded(server) == [Request(PATH, "header", 200, len(ARTIFACT))]


def test_artifact_by_query_and_no_token_in_the_record(server: EventoServer) -> None:
    assert get(server, f"{PATH}?token={server.token()}")[2] == ARTIFACT
    assert recorded(server) == [Request(PATH, "query", 200, len(ARTIFACT))]


def test_no_token(server: EventoServer) -> None:
    assert get(server, PATH)[0] == 403
    assert recorded(server)[0].token_in is None


def test_expired_token(server: EventoServer) -> None:
    status, _headers, body = get(server, PATH, server.token(lifetime=-1))
    assert (status, json.loads(body)["message"]) == (401, "Token expired")


def test_token_without_the_role(server: EventoServer) -> None:
    assert get(server, PATH, server.token(role="ROLE_WEB"))[0] == 403


@pytest.mark.parametrize("token", ["no JWT", _tokens.issue(KEY[::-1], 60)])
def test_foreign_token(server: EventoServer, token: str) -> None:
    status, _headers, body = get(server, PATH, token)
    assert status == 401
    assert b"expired" not in body


def test_bad_header_wins_over_good_query(server: EventoServer) -> None:
    assert get(server, f"{PATH}?token={server.token()}", "no JWT")[0] == 401


def test_artifact_that_is_gone(server: EventoServer) -> None:
    server.withdraw(BUNDLE)
    status, headers, _body = get(server, PATH, server.token())
    assert (status, headers["Content-Type"]) == (500, "application/json")


DESCRIBED = {
    "id": BUNDLE,
    "version": 3,
    "environment": {"A": "1"},
    "autorun": True,
    "maxInstances": 4,
    "linePrefix": None,
    "updatedAt": "1732320000.958060625",
}


def test_list_of_bundles_tells_little(server: EventoServer) -> None:
    server.catalogue.add(DESCRIBED)
    status, headers, body = get(server, "/api/bundle/", server.token(role="ROLE_WEB"))
    assert (status, headers["Content-Type"]) == (200, "application/json")
    [listed] = json.loads(body)
    assert (listed["id"], listed["version"], listed["autorun"], listed["deployable"]) == (BUNDLE, 3, True, False)
    assert not {"environment", "vmOptions", "maxInstances", "updatedAt"} & set(listed)


def test_single_bundle_tells_all_and_its_time_as_the_database_kept_it(server: EventoServer) -> None:
    server.catalogue.add(DESCRIBED)
    path = f"/api/bundle/{urllib.parse.quote(BUNDLE, safe='')}"
    bundle = json.loads(get(server, path, server.token(role="ROLE_WEB"))[2])
    assert bundle["environment"] == {"A": "1"}
    assert (bundle["minInstances"], bundle["maxInstances"]) == (0, 4)
    assert bundle["updatedAt"] == "2024-11-23T00:00:00.958061Z"
    assert bundle["handlers"]
    assert bundle["domains"]


@pytest.mark.parametrize("path", ["/api/bundle/", "/api/bundle/orders"])
def test_bundles_are_told_by_the_role_for_the_web(server: EventoServer, path: str) -> None:
    server.catalogue.add({"id": "orders"})
    assert get(server, path)[0] == 403
    assert get(server, path, server.token())[0] == 403
    assert get(server, path, server.token(role="ROLE_WEB", lifetime=-1))[0] == 401
    assert get(server, path, server.token(role="ROLE_WEB"))[0] == 200


def test_unknown_bundle(server: EventoServer) -> None:
    status, headers, _body = get(server, "/api/bundle/orders", server.token(role="ROLE_WEB"))
    assert (status, headers["Content-Type"]) == (500, "application/json")


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (Fault(status=503), 503, None),
        (Fault(body=b"<html>"), 200, b"<html>"),
        (Fault(redirect="http://elsewhere.example/app.jar"), 302, b""),
    ],
)
def test_fault(server: EventoServer, fault: Fault, status: int, body: bytes | None) -> None:
    server.fault = fault
    answer = get(server, PATH, server.token())
    assert answer[0] == status
    assert body is None or answer[2] == body


def test_cut_breaks_off_before_the_announced_end(server: EventoServer) -> None:
    server.fault = Fault(cut=True)
    with pytest.raises(http.client.IncompleteRead) as error:
        get(server, PATH, server.token())
    assert error.value.partial == ARTIFACT[: len(ARTIFACT) // 2]


def test_delay(server: EventoServer) -> None:
    server.fault = Fault(delay=0.3)
    started = time.monotonic()
    assert get(server, PATH, server.token())[2] == ARTIFACT
    assert time.monotonic() - started >= 0.3


def test_hangs_up_without_a_word(server: EventoServer) -> None:
    server.fault = Fault(hang_up=True)
    with pytest.raises(http.client.RemoteDisconnected):
        get(server, PATH, server.token())


def test_fault_of_the_first_requests(server: EventoServer) -> None:
    server.fault = Fault(status=503, times=2)
    assert [get(server, PATH, server.token())[0] for _request in range(4)] == [503, 503, 200, 200]


def test_port_refuses_connections_until_it_opens() -> None:
    server = EventoServer()
    try:
        server.start(after=0.5)
        started = time.monotonic()
        with pytest.raises(ConnectionRefusedError):
            get(server, PATH)
        until(lambda: answers(server), "the port answers")
        assert time.monotonic() - started >= 0.4
    finally:
        server.stop()


def test_server_that_is_stopped_before_its_port_opens() -> None:
    server = EventoServer()
    server.start(after=60)
    server.stop()
    assert not answers(server)


def answers(server: EventoServer) -> bool:
    try:
        get(server, PATH)
    except ConnectionRefusedError:
        return False
    return True


def test_deploy_passes_two_arguments_without_a_shell(server: EventoServer, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(f"#!{sys.executable}\nimport json, os, sys\nprint(json.dumps([sys.argv[1:], os.getcwd()]))\n")
    script.chmod(0o755)
    done = server.deploy(script, '{"id": "$HOME; `id`"}', "token", env={}, cwd=tmp_path)
    assert json.loads(done.stdout) == [['{"id": "$HOME; `id`"}', "token"], str(tmp_path)]
