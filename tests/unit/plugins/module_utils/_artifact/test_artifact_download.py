# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads of a JAR, and what goes wrong with them."""

from __future__ import annotations

import os
import resource
import tempfile
import threading
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evento.docker.plugins.module_utils._artifact import download as _download
from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import Artifact
from ansible_collections.evento.docker.plugins.module_utils._artifact.download import fetch
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from tests.integration.tls_engine import Certificates
from tests.store import Answer, Store
from tests.unit.plugins.module_utils._artifact.artifacts import BEARER, JAR, Clock, of_server, own

pytestmark = pytest.mark.usefixtures("direct")


def test_download_leaves_no_file_and_the_token_goes_in_a_header(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with fetch(of_server(f"{store.url}/a.jar")) as file:
        assert os.pread(file.fileno(), 2 * len(JAR), 0) == JAR
        assert os.fstat(file.fileno()).st_nlink == 0
        assert list(tmp_path.iterdir()) == []
    assert [(one.target, one.authorization, one.accept_encoding) for one in store.asked] == [
        ("/a.jar", BEARER, "identity")
    ]


def test_a_length_need_not_be_announced(store: Store) -> None:
    store.answers["/a.jar"] = Answer(JAR, length=-1)
    with fetch(own(f"{store.url}/a.jar")) as file:
        assert file.seek(0, os.SEEK_END) == len(JAR)


@pytest.mark.parametrize(("user", "header"), [("", None), ("u:p@", "Basic dTpw")])
def test_own_address_gets_its_own_credentials_only(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str, header: str | None
) -> None:
    (tmp_path / "netrc").write_text("default login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    fetch(own(f"http://{user}{store.host}/a.jar?signature=s")).close()
    assert [(one.target, one.authorization) for one in store.asked] == [("/a.jar?signature=s", header)]


def authorizations(store: Store) -> list[str | None]:
    return [one.authorization for one in store.asked]


def test_https_with_the_authority_that_the_environment_names(
    tls_store: Store, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EventoError, match=r"cannot reach https://127.0.0.1:\d+: .*; download_ca_path names"):
        fetch(of_server(f"{tls_store.url}/a.jar"))
    assert not tls_store.asked
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates.ca))
    fetch(of_server(f"{tls_store.url}/a.jar")).close()
    assert authorizations(tls_store) == [BEARER]


def test_https_with_the_authority_that_the_option_names(
    tls_store: Store, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/missing.pem")
    fetch(own(f"{tls_store.url}/a.jar", ca_path=str(certificates.ca))).close()


def test_https_without_a_check(tls_store: Store) -> None:
    fetch(own(f"{tls_store.url}/a.jar", validate_certs=False)).close()


def test_proxy_that_is_not_to_be_used(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    fetch(own(f"{store.url}/a.jar", use_proxy=False)).close()
    clock = Clock()
    with pytest.raises(EventoError, match="check that the server runs"):
        fetch(own("http://127.0.0.1:1/a.jar", use_proxy=False), clock, clock.sleep)


def test_proxy_of_the_environment(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", store.url)
    store.answers["http://evento.invalid/a.jar"] = Answer(JAR)
    fetch(own("http://evento.invalid/a.jar")).close()
    assert [one.target for one in store.asked] == ["http://evento.invalid/a.jar"]


def test_proxy_that_opens_no_tunnel(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", store.url)
    with pytest.raises(EventoError, match=r"cannot reach https://evento\.invalid: the proxy does not let it through"):
        fetch(own("https://evento.invalid/a.jar"))


def test_host_that_needs_no_proxy(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    fetch(own(f"{store.url}/a.jar")).close()


def test_address_that_is_not_ascii(store: Store) -> None:
    store.answers["/%C3%BC%20.jar"] = Answer(JAR)
    fetch(own(f"{store.url}/\u00fc%20.jar?x=\u00fc%2F")).close()
    assert [one.target for one in store.asked] == ["/%C3%BC%20.jar?x=%C3%BC%2F"]


OF_SERVER = [
    (Answer(status=500), "other", "answered 500: it does not know the bundle, or the bundle's file is gone: publish"),
    (Answer(status=204), "other", "answered 204 instead of 200: check that it is published there."),
    (Answer(status=400), "other", "answered 400 instead of 200: check that it is published there."),
    (Answer(status=401), "token_expired", "answered 401: the token is expired or not valid: let Evento Server call"),
    (Answer(status=403), "other", "answered 403: the token lacks the role ROLE_DEPLOY: use a token that has it"),
    (Answer(status=404), "other", "answered 404: there is nothing at that address: check server_url."),
    (Answer(JAR[:1000], length=2000), "other", "broke the download off: try again."),
]
OF_OTHERS = [
    (Answer(status=500), "other", "answered 500 instead of 200: check that it is published there."),
    (Answer(status=401), "other", "answered 401: put the right user and password into artifact_url."),
    (Answer(status=403), "other", "answered 403: this download is not allowed: check user, password and query in art"),
    (Answer(status=404), "other", "answered 404: there is nothing at that address: check artifact_url."),
]


@pytest.mark.parametrize(
    ("artifact", "answer", "failure", "words"),
    [(of_server, *case) for case in OF_SERVER] + [(own, *case) for case in OF_OTHERS],
)
def test_server_that_does_not_deliver_is_asked_once(
    store: Store, artifact: t.Callable[[str], Artifact], answer: Answer, failure: str, words: str
) -> None:
    store.answers["/a.jar"] = answer
    with pytest.raises(EventoError) as caught:
        fetch(artifact(f"{store.url}/a.jar"))
    assert f"{store.url} {words}" in str(caught.value)
    assert caught.value.result["failure"] == failure
    assert len(store.asked) == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1/secret", "http://127.0.0.1:1: connection refused (tried for 40 s): check that the server"),
        ("http://evento.invalid/secret", "http://evento.invalid: its name does not resolve: check"),
        ("http://u:secret@127.0.0.1:1/?secret", "http://127.0.0.1:1: connection refused"),
        (f"http://{'a' * 64}.invalid/secret", "that is no address: correct server_url or artifact_url"),
    ],
)
def test_server_out_of_reach(url: str, words: str) -> None:
    clock = Clock()
    with pytest.raises(EventoError) as caught:
        fetch(own(url), clock, clock.sleep)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("path", ["/missing.pem", "/"])
def test_certificates_that_are_not_there(tls_store: Store, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", path)
    with pytest.raises(EventoError, match="no certificates of authorities in that file: correct download_ca_path"):
        fetch(own(f"{tls_store.url}/a.jar"))


def test_proxy_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with pytest.raises(EventoError, match=r"the proxy does not let it through.*: check the proxy variables"):
        fetch(own("http://evento.invalid/a.jar"), clock, clock.sleep)


def test_server_that_stops_sending(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_download, "_TIMEOUT", 0.2)
    gone = threading.Event()
    store.answers["/a.jar"] = Answer(JAR, held=gone)
    try:
        with pytest.raises(EventoError, match=f"{store.url}: it did not answer in time: check"):
            fetch(own(f"{store.url}/a.jar"))
    finally:
        gone.set()


def test_no_room_for_the_file(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(JAR) // 2, limits[1]))
    try:
        with pytest.raises(EventoError, match=f"keep the JAR in {tmp_path}: file too large: free disk space.*TMPDIR"):
            fetch(own(f"{store.url}/a.jar"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


def test_file_of_this_host(tmp_path: Path) -> None:
    path = tmp_path / "a b.jar"
    path.write_bytes(JAR)
    with fetch(own(path.as_uri())) as file:
        assert os.pread(file.fileno(), 2 * len(JAR), 0) == JAR


def test_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.jar"):
        with pytest.raises(EventoError, match=f"there is no file {path} on this host: correct artifact_url"):
            fetch(own(path.as_uri()))
