# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of downloads share: servers, and surroundings that do not get in the way."""

from __future__ import annotations

import ssl
import typing as t

import pytest

from tests.integration.tls_engine import Certificates
from tests.store import Answer, Store
from tests.unit.plugins.module_utils._artifact.artifacts import JAR


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the proxies, certificates and passwords of whoever runs the tests."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def store() -> t.Iterator[Store]:
    with Store() as store:
        store.answers["/a.jar"] = Answer(JAR)
        yield store


@pytest.fixture
def other() -> t.Iterator[Store]:
    """A server on another host."""
    with Store("127.0.0.2") as other:
        other.answers["/a.jar"] = Answer(JAR)
        yield other


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("tls"), "localhost")


@pytest.fixture
def tls_store(certificates: Certificates) -> t.Iterator[Store]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate("server"), certificates.key("server"))
    with Store(tls=context) as store:
        store.answers["/a.jar"] = Answer(JAR)
        yield store
