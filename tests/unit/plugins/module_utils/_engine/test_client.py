# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a connection to an engine says when it does not hold, and that nothing waits for ever."""

from __future__ import annotations

import gzip
import re
import ssl
import threading
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EngineError, EventoError
from ansible_collections.evento.docker.plugins.module_utils._engine import client as _client
from ansible_collections.evento.docker.plugins.module_utils._engine import images as _images
from ansible_collections.evento.docker.plugins.module_utils._engine.client import connect
from ansible_collections.evento.docker.plugins.module_utils._engine.client_args import CLIENT_ARGS
from ansible_collections.evento.docker.plugins.module_utils._engine.faults import translated
from ansible_collections.evento.docker.plugins.module_utils._engine.image_sources import load_image
from ansible_collections.evento.docker.plugins.module_utils._engine.images import find_image, follow, pull_image
from ansible_collections.evento.docker.plugins.module_utils._engine.stream import watch_new
from tests.integration.tls_engine import Certificates
from tests.unit.plugins.module_utils._engine.small_engine import Reply, SmallEngine, said
from tests.until import until

DEFAULTS = {name: option.get("default") for name, option in CLIENT_ARGS.items()}
PULL = "POST /images/create"
BROKEN = "the connection was broken off, perhaps because the engine does not run: check docker_host and TLS options."
SILENT = "the Docker engine did not answer in time; look at the engine, or raise timeout."


@pytest.fixture
def engine(tmp_path: Path) -> t.Iterator[SmallEngine]:
    with SmallEngine(tmp_path) as engine:
        yield engine


def client(engine: SmallEngine, **options: t.Any) -> t.Any:
    return connect({**DEFAULTS, "docker_host": engine.docker_host, "timeout": 1, **options})


def failing(call: t.Callable[[], t.Any]) -> EngineError:
    with pytest.raises(EngineError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "reply",
    [
        Reply((b'{"status": "Pulling"}', b'{"status": "Ext')),
        Reply((b'{"status": "Pulling"}', b'{"status": "Ext'), cut=True),
        Reply((b'{"status": "Pulling"}',), cut=True),
    ],
    ids=["in a message", "in a message and a chunk", "between messages"],
)
def test_pull_that_is_cut_off(engine: SmallEngine, reply: Reply) -> None:
    engine.replies[PULL] = reply
    error = failing(lambda: pull_image(client(engine), "x"))
    assert str(error) == f"Could not pull image x: {BROKEN}"
    assert error.result["failure"] == "engine_unreachable"


def test_answer_that_is_cut_off(engine: SmallEngine) -> None:
    engine.replies["GET /images/x/json"] = Reply((b'{"Id": "sha',))
    assert str(failing(lambda: find_image(client(engine), "x"))) == f"Could not look at image x: {BROKEN}"


def test_pull_that_goes_silent(engine: SmallEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_client, "LONGEST_SILENCE", 0)
    engine.replies[PULL] = Reply((b'{"status": "Pulling"}', b"{}"), held=threading.Event())
    began = time.monotonic()
    assert str(failing(lambda: pull_image(client(engine), "x"))) == f"Could not pull image x: {SILENT}"
    assert time.monotonic() - began < 10


def test_pull_may_be_silent_for_longer_than_a_call(engine: SmallEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_client, "LONGEST_SILENCE", 20)
    held = threading.Event()
    engine.replies[PULL] = Reply((b'{"status": "Pulling"}', b"{}"), held=held)
    api = client(engine)
    threading.Timer(1.5, held.set).start()
    pull_image(api, "x")


def test_load_may_be_silent_for_longer_than_a_call(
    engine: SmallEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_client, "LONGEST_SILENCE", 20)
    held = threading.Event()
    engine.replies["POST /images/load"] = Reply((b'{"stream": "Loading"}', b"{}"), held=held)
    (tmp_path / "x.tar").write_bytes(gzip.compress(b""))
    api = client(engine)
    threading.Timer(1.5, held.set).start()
    load_image(api, str(tmp_path / "x.tar"))


def test_pull_that_never_ends() -> None:
    minutes = iter(range(1000))
    endless: t.Iterator[dict[str, t.Any]] = iter(lambda: {"status": "Downloading"}, None)
    error = failing(lambda: follow("pull image x", "check the name", endless, clock=lambda: 60.0 * next(minutes)))
    assert str(error) == "Could not pull image x: it has not ended after 120 minutes: look at the Docker engine."
    assert next(minutes) == _images.LONGEST / 60 + 2


def test_certificate_for_another_name(tmp_path: Path, certificates: Certificates) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate("server"), certificates.key("server"))
    right = {"validate_certs": True, "ca_path": str(certificates.ca)}
    with SmallEngine(tmp_path, context) as engine:
        engine.replies["GET /images/x/json"] = said({"Id": "sha256:1"})
        image = find_image(client(engine, **right), "x")
        assert image is not None
        assert image.id == "sha256:1"
        with pytest.raises(EventoError) as caught:
            client(engine, **right, tls_hostname="other.example")
    message = f"Could not connect to the Docker engine at {engine.docker_host}: hostname 'other.example' doesn't match"
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith(": check docker_host and the TLS options.")
    assert caught.value.result["failure"] == "engine_unreachable"


def frame(text: bytes) -> bytes:
    return b"\1\0\0\0" + len(text).to_bytes(4, "big") + text


def test_output_may_pause_for_longer_than_a_call(engine: SmallEngine) -> None:
    held = threading.Event()
    engine.replies["POST /containers/c/attach"] = Reply((frame(b"one\n"), frame(b"two\n")), held=held)
    engine.replies["POST /containers/c/wait"] = Reply((b" ", b'{"StatusCode": 3}'), held=held)
    threading.Timer(1.5, held.set).start()
    watch = watch_new(client(engine), "c", lambda: translated("watch c"), re.compile("two"))
    until(lambda: watch.exited or watch.error, "the end")
    assert (watch.error, watch.reported, watch.exit_code, watch.tail) == (None, True, 3, ["one", "two"])
