# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine behind TLS: each option matters, and a start works as it does over a socket."""

from __future__ import annotations

import shlex
import sys
import typing as t
from pathlib import Path

import docker
import pytest

from lab import Lab
from tests.integration.deployment import Deployment, run_module
from tests.integration.script_image import script_image
from tests.integration.tls_engine import Certificates, TlsEngine

NAME = "engine.example"
NOTHING_TO_DO = "x: 0 running, nothing to do"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("ours"), NAME)


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """The same of an authority that nobody here knows."""
    return Certificates(tmp_path_factory.mktemp("others"), NAME)


@pytest.fixture(scope="module")
def tls_engine(lab: Lab, certificates: Certificates) -> t.Iterator[TlsEngine]:
    with TlsEngine(certificates, lab.docker_host) as engine:
        yield engine


@pytest.fixture
def right(tls_engine: TlsEngine, certificates: Certificates) -> dict[str, t.Any]:
    """The options that open the engine."""
    return {
        "docker_host": f"tcp://127.0.0.1:{tls_engine.port}",
        "validate_certs": True,
        "ca_path": str(certificates.ca),
        "client_cert": str(certificates.certificate("client")),
        "client_key": str(certificates.key("client")),
    }


def ask(options: dict[str, t.Any]) -> dict[str, t.Any]:
    """The result of a run that asks the engine one question only."""
    return run_module("evento_bundle", {"bundle": {"id": "x"}, "state": "absent", **options})


@pytest.mark.parametrize(
    "changes",
    [{}, {"tls_hostname": NAME}, {"tls": True, "validate_certs": False, "ca_path": None}],
    ids=["all", "name", "unchecked"],
)
def test_right_options_open_the_engine(right: dict[str, t.Any], changes: dict[str, t.Any]) -> None:
    assert ask({**right, **changes}).get("msg") == NOTHING_TO_DO


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"ca_path": "OTHERS/ca.pem"}, "certificate verify failed", id="ca"),
        pytest.param({"ca_path": None}, "certificate verify failed", id="no-ca"),
        pytest.param({"tls_hostname": "other.example"}, "hostname 'other.example' doesn't match", id="name"),
        pytest.param({"client_cert": "OTHERS/client.pem", "client_key": "OTHERS/client.key"}, "", id="client"),
        pytest.param({"client_cert": None, "client_key": None}, "", id="no-client"),
        pytest.param({"client_key": "OTHERS/client.key"}, "key values mismatch", id="other-key"),
        pytest.param({"ca_path": "OTHERS/client.key"}, "", id="ca-is-none"),
    ],
)
def test_wrong_options_do_not_open_the_engine(
    right: dict[str, t.Any], others: Certificates, changes: dict[str, t.Any], words: str
) -> None:
    place = str(others.ca.parent)
    changes = {name: value.replace("OTHERS", place) if value else value for name, value in changes.items()}
    result = ask({**right, **changes})
    assert (result.get("failed"), result.get("failure")) == (True, "engine_unreachable"), result["msg"]
    assert result["msg"].startswith(f"Could not connect to the Docker engine at {right['docker_host']}: ")
    assert result["msg"].endswith(": check docker_host and the TLS options.")
    assert words in result["msg"]
    assert "\n" not in result["msg"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"client_key": None}, "client_cert and client_key: expected both or neither, got one."),
        ({"client_cert": None}, "client_cert and client_key: expected both or neither, got one."),
        ({"client_cert": "/nowhere/cert.pem"}, "client_cert: there is no file /nowhere/cert.pem."),
        ({"ca_path": "/nowhere/ca.pem"}, "ca_path: there is no file /nowhere/ca.pem."),
    ],
)
def test_files_that_are_missing(right: dict[str, t.Any], changes: dict[str, t.Any], message: str) -> None:
    result = ask({**right, **changes})
    assert (result["failure"], result["msg"]) == ("invalid_input", message)


def test_variables(
    right: dict[str, t.Any], others: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, option in (("ca.pem", "ca_path"), ("cert.pem", "client_cert"), ("key.pem", "client_key")):
        (tmp_path / name).symlink_to(right[option])
    variables = {
        "DOCKER_HOST": right["docker_host"],
        "DOCKER_TLS_VERIFY": "1",
        "DOCKER_CERT_PATH": str(tmp_path),
        # These are for others, and must not take the place of the engine's authority.
        "REQUESTS_CA_BUNDLE": str(others.ca),
        "CURL_CA_BUNDLE": str(others.ca),
    }
    words = shlex.join(f"{name}={value}" for name, value in variables.items())
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nexec env {words} {shlex.quote(sys.executable)} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    assert ask({}).get("msg") == NOTHING_TO_DO
    assert ask(right).get("msg") == NOTHING_TO_DO
    assert ask({"tls_hostname": "other.example"})["failed"]


@pytest.mark.parametrize("lines", [1, 3000])
def test_report_is_seen(
    deployment: Deployment, engine: docker.DockerClient, right: dict[str, t.Any], lines: int
) -> None:
    script = f"seq {lines}; echo Application Started!; exec sleep 600"
    deployment.publish(environment={"SCRIPT": script})
    result = deployment.run(image=script_image(engine), instances=2, wait_timeout=20, **right)
    assert "failed" not in result, result["msg"]
    assert len(deployment.containers()) == 2


def test_end_and_log_are_seen(deployment: Deployment, engine: docker.DockerClient, right: dict[str, t.Any]) -> None:
    deployment.publish(environment={"SCRIPT": "seq 3000; echo the end; exit 9"})
    result = deployment.run(image=script_image(engine), **right)
    assert result["failure"] == "not_ready"
    (failure,) = result["failures"]
    assert failure["exit_code"] == 9
    assert failure["logs"] == [*map(str, range(2962, 3001)), "the end"]
    assert deployment.names() == []
