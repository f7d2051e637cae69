# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redirects on the way to a JAR, and who gets to see the token."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evento.docker.plugins.module_utils._artifact.download import fetch
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from tests.integration.tls_engine import Certificates
from tests.store import Answer, Store
from tests.unit.plugins.module_utils._artifact.artifacts import BEARER, JAR, of_server, own

pytestmark = pytest.mark.usefixtures("direct")


def authorizations(store: Store) -> list[str | None]:
    return [one.authorization for one in store.asked]


def test_redirect_within_the_server_takes_the_token_along(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    store.answers["/b"] = Answer(location="a.jar")
    fetch(of_server(f"{store.url}/b")).close()
    assert authorizations(store) == [BEARER, BEARER]


def test_redirect_to_another_host_leaves_the_token_behind_for_good(store: Store, other: Store) -> None:
    store.answers["/b"] = Answer(location=f"{other.url}/b")
    other.answers["/b"] = Answer(location=f"{store.url}/a.jar")
    fetch(of_server(f"{store.url}/b")).close()
    assert (authorizations(store), authorizations(other)) == ([BEARER, None], [None])


def test_redirect_to_another_port_leaves_password_behind(store: Store) -> None:
    with Store() as neighbour:
        neighbour.answers["/a.jar"] = Answer(JAR)
        store.answers["/b"] = Answer(location=f"http://v:q@{neighbour.host}/a.jar")
        fetch(own(f"http://u:p@{store.host}/b")).close()
        assert (authorizations(store), authorizations(neighbour)) == (["Basic dTpw"], [None])


def test_redirect_from_https_to_http_leaves_the_token_behind(
    store: Store, tls_store: Store, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates.ca))
    tls_store.answers["/b"] = Answer(location=f"{store.url}/a.jar")
    fetch(of_server(f"{tls_store.url}/b")).close()
    assert (authorizations(tls_store), authorizations(store)) == ([BEARER], [None])


def test_five_redirects_and_no_more(store: Store) -> None:
    for number in range(1, 7):
        store.answers[f"/{number}"] = Answer(location=f"/{number - 1}" if number > 1 else "/a.jar")
    fetch(own(f"{store.url}/5")).close()
    with pytest.raises(EventoError, match=f"{store.url} redirects too often.*: correct artifact_url"):
        fetch(own(f"{store.url}/6"))


@pytest.mark.parametrize(
    "location",
    ["ftp://repo/secret", "file:///etc/passwd?secret", "http://[secret", "http://repo:secret/", "mailto:secret"],
)
def test_redirect_to_something_else(store: Store, location: str) -> None:
    store.answers["/a.jar"] = Answer(location=location)
    with pytest.raises(EventoError, match="or to something else than an http or https address") as caught:
        fetch(of_server(f"{store.url}/a.jar"))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
def test_other_credentials_are_no_matter_of_the_token(store: Store, other: Store, status: int) -> None:
    other.answers["/a.jar"] = Answer(status=status)
    store.answers["/a.jar"] = Answer(location=f"{other.url}/a.jar")
    for artifact, option in (
        (of_server(f"{store.url}/a.jar"), "server_url"),
        (own(f"{other.url}/a.jar"), "artifact_url"),
    ):
        with pytest.raises(EventoError, match=f"{other.url} answered {status}: .*{option}") as caught:
            fetch(artifact)
        assert caught.value.result["failure"] == "other"
