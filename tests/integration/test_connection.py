# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to the engine: what the module says where there is none, and which variables show the way."""

from __future__ import annotations

import os
import shlex
import socket
import sys
import threading
import time
import typing as t
from pathlib import Path

import pytest

from lab import Lab
from tests.integration.deployment import Deployment, run_module
from tests.system_ssh import Ssh


def stop_nothing(docker_host: str, **options: t.Any) -> dict[str, t.Any]:
    """The result of a run that asks the engine one question only."""
    return run_module(
        "evento_bundle", {"docker_host": docker_host, "bundle": {"id": "x"}, "state": "absent", **options}
    )


def place(docker_host: str) -> str:
    """Where an engine is: a socket is on the host that the module runs on."""
    return f"{docker_host} on {os.uname().nodename}" if docker_host.startswith("unix://") else docker_host


def check_unreachable(result: dict[str, t.Any], docker_host: str, words: str) -> None:
    assert (result.get("failed"), result.get("failure")) == (True, "engine_unreachable"), result
    assert result["msg"].startswith(f"Could not connect to the Docker engine at {place(docker_host)}: ")
    assert words in result["msg"]
    assert "\n" not in result["msg"]
    assert result["msg"].endswith(".")


def test_no_socket() -> None:
    check_unreachable(stop_nothing("unix:///nowhere/docker.sock"), "unix:///nowhere/docker.sock", "no such socket")


def test_socket_without_an_engine(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    check_unreachable(stop_nothing(f"unix://{path}"), f"unix://{path}", "nothing listens there")


def test_port_without_an_engine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    check_unreachable(stop_nothing(address), address, "nothing listens there")


def test_host_name_that_does_not_resolve() -> None:
    check_unreachable(stop_nothing("tcp://no-such-host.invalid:2375"), "tcp://no-such-host.invalid:2375", "docker_host")


def test_engine_that_does_not_answer(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        began = time.monotonic()
        result = stop_nothing(f"unix://{path}", timeout=1)
    check_unreachable(result, f"unix://{path}", "did not answer in time")
    assert time.monotonic() - began < 15


def test_something_else_than_an_engine(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()

        def answer() -> None:
            connection, _address = other.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"SSH-2.0-something\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        result = stop_nothing(f"unix://{path}", timeout=5)
        thread.join()
    assert result["failed"]
    assert "\n" not in result["msg"]
    assert "Internal error" not in result["msg"]
    assert result["msg"].startswith(f"Could not connect to the Docker engine at {place(f'unix://{path}')}: ")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"docker_host": "nonsense://x"}, "docker_host: expected an address such as "),
        ({"docker_host": "tcp://"}, "docker_host: expected an address such as "),
        ({"docker_host": "tcp://127.0.0.1:99999"}, "docker_host: expected an address such as "),
        ({"api_version": "newest"}, "api_version: expected auto or a version such as 1.41, got newest."),
        ({"api_version": "1.10"}, "api_version 1.10 is not usable: "),
        ({"timeout": 0}, "timeout: expected a number of seconds above 0, got 0."),
    ],
)
def test_option_that_is_no_way(lab: Lab, options: dict[str, t.Any], words: str) -> None:
    result = stop_nothing(**{"docker_host": lab.docker_host, **options})
    assert (result.get("failed"), result.get("failure")) == (True, "invalid_input"), result["msg"]
    assert result["msg"].startswith(words)
    assert "\n" not in result["msg"]


def test_api_version_that_the_engine_does_not_have(lab: Lab) -> None:
    result = stop_nothing(lab.docker_host, api_version="1.999")
    assert result["failed"]
    assert "1.999 is too new" in result["msg"]
    assert result["msg"].endswith(": set api_version to auto.")


def through(monkeypatch: pytest.MonkeyPatch, directory: Path, *command: str) -> None:
    """From now on run the module through another program."""
    program = directory / "python"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(command)} {shlex.quote(sys.executable)} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


def test_socket_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(path))
        engine.listen()
        path.chmod(0)
        if os.geteuid() == 0:
            # What lets root open every file.
            through(monkeypatch, tmp_path, "setpriv", "--bounding-set=-all", "--inh-caps=-all")
        result = stop_nothing(f"unix://{path}")
    check_unreachable(result, f"unix://{path}", "permission denied: run as root or as a member of the group")


def test_variable_shows_the_way(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    through(monkeypatch, tmp_path, "env", "DOCKER_HOST=unix:///nowhere/docker.sock", "DOCKER_TIMEOUT=7")
    result = run_module("evento_bundle", {"bundle": {"id": "x"}, "state": "absent"})
    check_unreachable(result, "unix:///nowhere/docker.sock", "no such socket")
    assert result["invocation"]["module_args"]["timeout"] == 7
    # An option goes before the variable.
    assert stop_nothing(lab.docker_host)["msg"] == "x: 0 running, nothing to do"


def test_instance_behind_ssh(deployment: Deployment, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    ssh = Ssh(tmp_path)
    ssh.leads_to(lab.docker_host.removeprefix("unix://"))
    way: dict[str, t.Any] = {"docker_host": "ssh://deploy@engine.example", "use_ssh_client": True}
    result = deployment.run(**way)
    assert result.get("msg") == f"{deployment.id} v1: 0 -> 1 running, started {deployment.id}-1"
    assert ssh.arguments[-2:] == ["engine.example", "docker system dial-stdio"]
    deployment.publish(environment={"DEMO_BEHAVIOUR": "crash"})
    failed = deployment.run(**way)
    assert failed["failure"] == "not_ready", failed
    assert failed["failures"][0]["logs"]
    assert len(deployment.names()) == 1
