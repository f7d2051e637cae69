# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the JAR comes from, and what is shown of it."""

from __future__ import annotations

import pytest

from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import (
    Artifact,
    choose_artifact,
    host_of,
    without_credentials,
)
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError

SIGNED = "https://us%65r:pass%2Fword@repo.example:8443/a/b.jar?X-Signature=abc%2Fdef&v=1"


def choose(
    artifact: str = "url", url: str | None = None, server: str | None = None, token: str | None = "t"
) -> Artifact:
    options = {
        "artifact": artifact,
        "artifact_url": url,
        "server_url": server,
        "download_ca_path": None,
        "download_validate_certs": True,
        "use_proxy": True,
    }
    return choose_artifact("a b", options, token)


@pytest.mark.parametrize(
    ("artifact", "url"),
    [
        ("url", "http://host.docker.internal:3000/asset/bundle/a%20b"),
        ("copy", "http://localhost:3000/asset/bundle/a%20b"),
    ],
)
def test_evento_server_is_near_whoever_downloads(artifact: str, url: str) -> None:
    chosen = choose(artifact)
    assert (chosen.url, chosen.from_server, chosen.authorization) == (url, True, "Bearer t")
    assert choose(artifact, server="http://evento:1/").url == "http://evento:1/asset/bundle/a%20b"


def test_own_address_gets_no_token() -> None:
    chosen = choose(url="http://repo/a.jar")
    assert (chosen.token, chosen.authorization, chosen.container_url("t")) == (None, None, "http://repo/a.jar")


@pytest.mark.parametrize(
    ("user", "header"), [("u:p", "Basic dTpw"), ("u", "Basic dTo="), ("%C3%BC:%2F", "Basic w7w6Lw==")]
)
def test_user_and_password_of_an_address(user: str, header: str) -> None:
    assert choose(url=f"https://{user}@repo/a.jar").authorization == header


def test_what_could_be_secret_is_not_shown() -> None:
    chosen = choose(url=SIGNED)
    assert chosen.shown == "https://********@repo.example:8443/a/b.jar?********"
    assert host_of(chosen.url) == "https://repo.example:8443"
    assert {"user:pass/word", "pass/word", "pass%2Fword", "abc/def", "X-Signature=abc%2Fdef&v=1"} <= set(chosen.secrets)
    assert "pass" not in repr(chosen)


def test_file_of_this_host() -> None:
    assert choose("copy", "file:///srv/a%20b.jar").path == "/srv/a b.jar"
    assert choose("copy", "file://localhost/srv/a.jar").path == "/srv/a.jar"
    assert choose("copy", "http://repo/a.jar").path is None


@pytest.mark.parametrize(
    "url",
    [
        "ftp://repo/secret.jar",
        "secret.jar",
        "/srv/secret.jar",
        "file:secret.jar",
        "file://other/secret.jar",
        "file:///secret.jar?x",
        "http:///secret.jar",
        "http://repo:0/secret.jar",
        "http://repo:port/secret.jar",
        "http://[repo/secret.jar",
        "http://repo/secret.jar#part",
        "http://repo/secret .jar",
        "http://repo/secret\n.jar",
        "http://repo/secret\ud800.jar",
        "user:secret@repo/a.jar",
    ],
)
def test_unusable_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(EventoError, match=r"^artifact_url: expected an address") as caught:
        choose("copy", url)
    assert "secret" not in str(caught.value)
    assert caught.value.result["failure"] == "invalid_input"


def test_a_container_cannot_read_a_file_of_the_host() -> None:
    with pytest.raises(EventoError, match=r"artifact_url: .*set artifact to copy"):
        choose("url", "file:///srv/a.jar")


@pytest.mark.parametrize("server", ["evento:3000", "ftp://evento", "http://", "http://evento?x", "http://[evento"])
def test_unusable_server(server: str) -> None:
    with pytest.raises(EventoError, match="server_url: expected an address"):
        choose(server=server)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://evento:3000/base/", "http://evento:3000/base/"),
        ("http://u:secret@evento:3000", "http://********@evento:3000"),
        ("https://repo/@scope/a.jar?secret", "https://repo/@scope/a.jar?********"),
        ("file:///srv/a@b.jar", "file:///srv/a@b.jar"),
        ("http://u:secret@[evento", "********"),
        ("http://u:1#secret@evento", "********"),
        ("http://u:1?secret@evento", "********"),
        ("http://u:secret/secret@evento", "********"),
        ("u:secret@evento:3000", "********"),
        ("", ""),
    ],
)
def test_credentials_are_not_shown(address: str, shown: str) -> None:
    assert without_credentials(address) == shown


@pytest.mark.parametrize("server", ["http://u:secret@[evento", "http://u:secret@evento?x", "u:secret@evento"])
def test_unusable_server_shows_no_credentials(server: str) -> None:
    with pytest.raises(EventoError, match=r"server_url: expected an address .*got .*\*{8}") as caught:
        choose(server=server)
    assert "secret" not in str(caught.value)


def test_credentials_of_evento_server_are_secret() -> None:
    chosen = choose(server="http://user:secret@evento:3000")
    assert "secret" in chosen.secrets
    assert chosen.shown == "http://********@evento:3000/asset/bundle/a%20b"


def test_token_that_cannot_stand_in_a_header() -> None:
    assert choose("url", token="a\nb").token
    with pytest.raises(EventoError, match=r"^token: expected printable ASCII") as caught:
        choose("copy", token="a\nb")
    assert caught.value.result["failure"] == "invalid_input"
