# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine behind SSH: through the system's ssh, which a script stands in for, and with paramiko."""

from __future__ import annotations

import contextlib
import re
import socket
import sys
import threading
import time
import typing as t
from pathlib import Path

import paramiko
import pytest
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._engine.client import connect
from ansible_collections.evento.docker.plugins.module_utils._engine.client_args import CLIENT_ARGS
from ansible_collections.evento.docker.plugins.module_utils._engine.faults import translated
from ansible_collections.evento.docker.plugins.module_utils._engine.images import find_image
from ansible_collections.evento.docker.plugins.module_utils._engine.stream import watch_new
from tests.system_ssh import Ssh
from tests.unit.plugins.module_utils._engine.small_engine import Reply, SmallEngine, said
from tests.until import until

DEFAULTS = {name: option.get("default") for name, option in CLIENT_ARGS.items()}


@pytest.fixture
def engine(tmp_path: Path) -> t.Iterator[SmallEngine]:
    with SmallEngine(tmp_path) as engine:
        engine.replies["GET /images/x/json"] = said({"Id": "sha256:1"})
        yield engine


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ssh:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return Ssh(tmp_path / "bin")


def over_ssh(host: str = "ssh://deploy@engine.example:2222", **options: t.Any) -> t.Any:
    return connect({**DEFAULTS, "docker_host": host, "timeout": 1, "use_ssh_client": True, **options})


def refused(call: t.Callable[[], t.Any]) -> tuple[str, str]:
    with pytest.raises(EventoError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value), caught.value.result["failure"]


def test_system_ssh_leads_to_the_engine(engine: SmallEngine, ssh: Ssh) -> None:
    ssh.leads_to(engine.socket)
    api = over_ssh()
    for _time in range(2):
        image = find_image(api, "x")
        assert image is not None
        assert image.id == "sha256:1"
    assert engine.asked == ["GET /version", "GET /images/x/json", "GET /images/x/json"]
    options = ["-o", "BatchMode=yes", "-l", "deploy", "-p", "2222"]
    assert ssh.arguments == [*options, "--", "engine.example", "docker system dial-stdio"]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ssh://Engine", ["--", "Engine"]),
        ("ssh://[::1]:22", ["-p", "22", "--", "::1"]),
        ("ssh://me@my-host", ["-l", "me", "--", "my-host"]),
    ],
)
def test_address(engine: SmallEngine, ssh: Ssh, address: str, words: list[str]) -> None:
    ssh.leads_to(engine.socket)
    over_ssh(address)
    assert ssh.arguments == ["-o", "BatchMode=yes", *words, "docker system dial-stdio"]


@pytest.mark.parametrize("address", ["ssh://", "ssh://me:planted@host", "ssh://-oProxyCommand=planted", "ssh://a b"])
@pytest.mark.parametrize("use_ssh_client", [True, False])
def test_address_that_is_none(ssh: Ssh, address: str, use_ssh_client: bool) -> None:
    ssh.does("exit 1")
    told = refused(lambda: over_ssh(address, use_ssh_client=use_ssh_client))
    assert told == ("docker_host: expected an address such as ssh://user@engine:22.", "invalid_input")


def test_output_of_an_instance_comes_through(engine: SmallEngine, ssh: Ssh) -> None:
    ssh.leads_to(engine.socket)
    held = threading.Event()
    engine.replies["POST /containers/c/attach"] = Reply((b"\1\0\0\0\0\0\0\4one\n", b"\1\0\0\0\0\0\0\4two\n"), held=held)
    engine.replies["POST /containers/c/wait"] = Reply((b" ", b'{"StatusCode": 3}'), held=held)
    threading.Timer(1.5, held.set).start()
    watch = watch_new(over_ssh(), "c", lambda: translated("watch c"), re.compile("two"))
    until(lambda: watch.exited or watch.error, "the end")
    assert (watch.error, watch.reported, watch.exit_code, watch.tail) == (None, True, 3, ["one", "two"])


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "echo 'Warning: something.' >&2; echo 'Host key verification failed.' >&2; exit 255",
            "its host key is not in known_hosts: make sure of it, and log in there once with ssh",
        ),
        (
            "echo '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @' >&2; echo 'Host key verification failed.' >&2"
            "; exit 255",
            "its host key is not the one in known_hosts: make sure that it is the right host, then correct known_hosts",
        ),
        (
            "echo 'failed to open the raw stream connection: dial unix /x: connect: no such file or directory' >&2"
            "; exit 1",
            "the Docker engine does not run there: start it",
        ),
        (
            "echo 'dial unix /var/run/docker.sock: connect: permission denied' >&2; exit 1",
            "the user may not use the Docker engine there: take root, or a member of the group docker",
        ),
        (
            "echo 'deploy@engine.example: Permission denied (publickey).' >&2; exit 255",
            "it lets this user in by no key: check the user in docker_host, and the user's SSH keys or agent",
        ),
        (
            "echo 'ssh: connect to host engine.example port 2222: Connection refused' >&2; exit 255",
            "no SSH server answers there: start it, or correct docker_host",
        ),
        (
            "echo 'bash: line 1: docker: command not found' >&2; exit 127",
            "the command docker is not there: install the Docker client on that host",
        ),
        (
            "echo 'permission denied while trying to connect to the Docker daemon socket at unix:///x' >&2; exit 1",
            "the user may not use the Docker engine there: take root, or a member of the group docker",
        ),
        (
            "echo 'Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?' >&2; exit 1",
            "the Docker engine does not run there: start it",
        ),
        (
            "echo 'Something odd.' >&2; exit 255",
            "SSH failed (Something odd): check docker_host, and that docker can be run on that host",
        ),
        (
            "exit 9",
            "SSH failed (ssh ended with exit code 9): check docker_host, and that docker can be run on that host",
        ),
    ],
)
def test_what_ssh_says(ssh: Ssh, script: str, words: str) -> None:
    ssh.does(f"read _line; {script}")
    message = f"Could not connect to the Docker engine at ssh://deploy@engine.example:2222: {words}."
    assert refused(over_ssh) == (message, "engine_unreachable")


def test_no_ssh(ssh: Ssh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    message, failure = refused(over_ssh)
    assert message.endswith(": the program ssh cannot be run: install the OpenSSH client, or unset use_ssh_client.")
    assert failure == "engine_unreachable"


def test_ssh_that_never_answers(ssh: Ssh) -> None:
    ssh.does("exec sleep 60")
    began = time.monotonic()
    message, failure = refused(over_ssh)
    assert message.endswith(": the Docker engine did not answer in time; look at the engine, or raise timeout.")
    assert failure == "engine_unreachable"
    assert time.monotonic() - began < 10


class Server(paramiko.ServerInterface):
    """Lets in who has the password-free user's key, and answers no command."""

    def __init__(self, key: str) -> None:
        self._key = key

    def check_auth_publickey(self, username: str, key: t.Any) -> int:
        right = key.get_base64() == self._key
        return int(AUTH_SUCCESSFUL if right else AUTH_FAILED)

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return int(OPEN_SUCCEEDED)

    def check_channel_exec_request(self, channel: t.Any, command: bytes) -> bool:
        threading.Timer(0.1, channel.close).start()
        return True


HOST_KEY, OTHER_KEY, USER_KEY = (paramiko.RSAKey.generate(2048) for _number in range(3))


class Host:
    """An SSH server on this machine, and the home of a user who may know it."""

    def __init__(self, home: Path) -> None:
        self._home = home / ".ssh"
        self._home.mkdir()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    @property
    def docker_host(self) -> str:
        return f"ssh://deploy@127.0.0.1:{self.port}"

    def known_by(self, key: t.Any) -> None:
        (self._home / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {key.get_name()} {key.get_base64()}\n")

    def serve(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(HOST_KEY)
            # Who does not like the key of the host hangs up.
            threading.Thread(target=self._start, args=(transport,), daemon=True).start()

    def _start(self, transport: t.Any) -> None:
        try:
            transport.start_server(server=Server(USER_KEY.get_base64()))
        except (paramiko.SSHException, EOFError):
            transport.close()

    def close(self) -> None:
        # Closing alone would leave accept() blocked, and the port open.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Host]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    host = Host(tmp_path)
    threading.Thread(target=host.serve, daemon=True).start()
    try:
        yield host
    finally:
        with contextlib.suppress(OSError):
            host.close()


def with_paramiko(host: Host) -> tuple[str, str]:
    message, failure = refused(lambda: over_ssh(host.docker_host, use_ssh_client=False))
    beginning = f"Could not connect to the Docker engine at {host.docker_host}: "
    assert message.startswith(beginning)
    assert message.endswith(".")
    return message[len(beginning) : -1], failure


def give_key(tmp_path: Path, key: t.Any) -> None:
    key.write_private_key_file(str(tmp_path / ".ssh" / "id_rsa"))


def test_host_that_is_not_known(host: Host) -> None:
    words = "its host key is not in known_hosts: make sure of it, and log in there once with ssh"
    assert with_paramiko(host) == (words, "engine_unreachable")


def test_host_with_another_key(host: Host) -> None:
    host.known_by(OTHER_KEY)
    words = "its host key is not the one in known_hosts: make sure that it is the right host, then correct known_hosts"
    assert with_paramiko(host) == (words, "engine_unreachable")


@pytest.mark.parametrize("has_key", [True, False])
def test_user_who_is_not_let_in(host: Host, tmp_path: Path, has_key: bool) -> None:
    host.known_by(HOST_KEY)
    if has_key:
        give_key(tmp_path, OTHER_KEY)
    words = "it lets this user in by no key: check the user in docker_host, and the user's SSH keys or agent"
    assert with_paramiko(host) == (words, "engine_unreachable")


def test_nothing_behind_ssh(host: Host, tmp_path: Path) -> None:
    host.known_by(HOST_KEY)
    give_key(tmp_path, USER_KEY)
    words, failure = with_paramiko(host)
    assert words.startswith("the connection was broken off, ")
    assert failure == "engine_unreachable"


def test_no_server(host: Host) -> None:
    host.close()
    words = "no SSH server answers there: start it, or correct docker_host"
    assert with_paramiko(host) == (words, "engine_unreachable")


def test_something_else_than_a_server(host: Host) -> None:
    host.close()
    with socket.create_server(("127.0.0.1", host.port)) as other:

        def hang_up() -> None:
            connection, _address = other.accept()
            connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        words, failure = with_paramiko(host)
    assert words.startswith("SSH failed (Error reading SSH protocol banner")
    assert failure == "engine_unreachable"


def test_name_that_does_not_resolve(host: Host) -> None:
    message, failure = refused(lambda: over_ssh("ssh://no-such-host.invalid", use_ssh_client=False))
    assert "docker_host" in message
    assert failure == "engine_unreachable"


def test_no_paramiko(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "paramiko", None)
    message, failure = refused(lambda: over_ssh("ssh://engine", use_ssh_client=False))
    assert message.startswith("paramiko, which ssh:// in docker_host needs, cannot be imported on ")
    assert message.endswith(f"install paramiko 2.9.3 or later for {sys.executable} there, or set use_ssh_client.")
    assert failure == "invalid_input"
