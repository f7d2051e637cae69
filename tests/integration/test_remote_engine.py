# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine of another host, from here: through SSH and with TLS, and what is said where it fails."""

from __future__ import annotations

import contextlib
import typing as t
from pathlib import Path

import pytest

from tests.integration.deployment import Deployment, run_module
from tests.integration.hosts import Fleet, Host
from tests.integration.tls_engine import Certificates

CLIENTS = pytest.mark.parametrize("use_ssh_client", [True, False], ids=["ssh", "paramiko"])


@pytest.fixture(autouse=True)
def at_home(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules run as the user that the hosts let in."""
    for name, value in fleet.variables.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def remote(fleet: Fleet, everywhere: list[Deployment]) -> Deployment:
    """A deployment on the first host, that no option leads to yet."""
    return everywhere[0]


@pytest.fixture
def host(fleet: Fleet) -> Host:
    return fleet.hosts[0]


def ask(docker_host: str, **options: t.Any) -> dict[str, t.Any]:
    """The result of a module that only looks."""
    return run_module("evento_bundle_info", {"docker_host": docker_host, "timeout": 20, **options})


def check_refused(result: dict[str, t.Any], docker_host: str, words: str) -> None:
    assert (result.get("failed"), result.get("failure")) == (True, "engine_unreachable"), result
    assert result["msg"].startswith(f"Could not connect to the Docker engine at {docker_host}: ")
    assert words in result["msg"]
    assert "\n" not in result["msg"]


def check_deploys(remote: Deployment, **way: t.Any) -> None:
    """From the first instance to a failed publish, whose log is shown."""
    remote.options.update(way)
    result = remote.run()
    assert result.get("msg") == f"{remote.id} v1: 0 -> 1 running, started {remote.id}-1", result
    assert not remote.run()["changed"]
    remote.publish(environment={"DEMO_BEHAVIOUR": "crash"})
    failed = remote.run()
    assert failed["failure"] == "not_ready", failed
    assert failed["failures"][0]["logs"]
    assert len(remote.names()) == 1


@contextlib.contextmanager
def instead(file: Path, text: str) -> t.Iterator[None]:
    """The file says something else meanwhile."""
    before = file.read_text()
    file.write_text(text)
    try:
        yield
    finally:
        file.write_text(before)


@CLIENTS
def test_bundle_through_ssh(remote: Deployment, host: Host, use_ssh_client: bool) -> None:
    check_deploys(remote, docker_host=host.ssh_address, use_ssh_client=use_ssh_client)


@CLIENTS
def test_unknown_host_key(fleet: Fleet, host: Host, use_ssh_client: bool) -> None:
    with instead(fleet.home / ".ssh/known_hosts", ""):
        result = ask(host.ssh_address, use_ssh_client=use_ssh_client)
    check_refused(result, host.ssh_address, "its host key is not in known_hosts: make sure of it")


@CLIENTS
def test_wrong_host_key(fleet: Fleet, host: Host, use_ssh_client: bool) -> None:
    known = fleet.home / ".ssh/known_hosts"
    other = known.read_text().splitlines()[1].partition(" ")[2]
    with instead(known, f"{host.address} {other}\n"):
        result = ask(host.ssh_address, use_ssh_client=use_ssh_client)
    check_refused(result, host.ssh_address, "its host key is not the one in known_hosts")


@CLIENTS
def test_user_that_is_not_let_in(fleet: Fleet, host: Host, use_ssh_client: bool) -> None:
    with instead(fleet.home / ".ssh/id_ed25519.pub", ""):
        result = ask(host.ssh_address, use_ssh_client=use_ssh_client)
    check_refused(result, host.ssh_address, "it lets this user in by no key")


@CLIENTS
def test_engine_that_does_not_run_behind_ssh(host: Host, use_ssh_client: bool) -> None:
    # paramiko does not hear what that host says of it.
    host.stop()
    try:
        result = ask(host.ssh_address, use_ssh_client=use_ssh_client)
    finally:
        host.start()
    check_refused(result, host.ssh_address, "engine does not run")


@CLIENTS
def test_host_without_an_ssh_server(use_ssh_client: bool) -> None:
    check_refused(
        ask("ssh://root@127.0.0.1:1", use_ssh_client=use_ssh_client), "ssh://root@127.0.0.1:1", "no SSH server"
    )


@pytest.fixture
def tls(fleet: Fleet) -> dict[str, t.Any]:
    """What an engine's TLS asks for."""
    certificates = fleet.certificates
    return {
        "validate_certs": True,
        "ca_path": str(certificates.ca),
        "client_cert": str(certificates.certificate("client")),
        "client_key": str(certificates.key("client")),
    }


def test_bundle_with_tls(remote: Deployment, host: Host, tls: dict[str, t.Any]) -> None:
    check_deploys(remote, docker_host=host.tls_address, **tls)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("foreign"), "engine.example")


def test_engine_of_another_authority(host: Host, tls: dict[str, t.Any], foreign: Certificates) -> None:
    result = ask(host.tls_address, **{**tls, "ca_path": str(foreign.ca)})
    check_refused(result, host.tls_address, "certificate verify failed")


def test_client_of_another_authority(host: Host, tls: dict[str, t.Any], foreign: Certificates) -> None:
    pair = {"client_cert": str(foreign.certificate("client")), "client_key": str(foreign.key("client"))}
    check_refused(ask(host.tls_address, **{**tls, **pair}), host.tls_address, "check docker_host and the TLS options")


def test_client_without_a_certificate(host: Host, tls: dict[str, t.Any]) -> None:
    result = ask(host.tls_address, validate_certs=True, ca_path=tls["ca_path"])
    check_refused(result, host.tls_address, "certificate")


def test_certificate_of_another_name(host: Host, tls: dict[str, t.Any]) -> None:
    result = ask(host.tls_address, **tls, tls_hostname="other.example")
    check_refused(result, host.tls_address, "other.example")


def test_engine_without_tls_options(host: Host) -> None:
    check_refused(ask(host.tls_address), host.tls_address, "the engine wants TLS there: set validate_certs")
