# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to an engine through the system's ssh, and the words for what goes wrong with SSH.

Not the SDK's own way through ssh: that needs paramiko all the same, waits for ever for an engine that does not answer,
and tells nothing of what ssh says.
"""

from __future__ import annotations

import atexit
import os
import re
import socket
import subprocess
import tempfile
import typing as t
from contextlib import suppress
from http.client import HTTPException

if t.TYPE_CHECKING:
    from requests.adapters import HTTPAdapter

# How long ssh may take to end once the connection is broken, in seconds.
_END = 5.0
# How much of the end of what ssh printed is looked at, in bytes.
_MOST_WORDS = 4096
_OTHER_KEY = "host identification has changed"
_WORD = r"[^][@/:\s-][^][@/:\s]*"
_ADDRESS = re.compile(rf"ssh://(?:(?P<user>{_WORD})@)?(?P<host>\[[0-9a-fA-F:.]+\]|{_WORD})(?::(?P<port>\d+))?")
# What paramiko and the system's ssh say, and the next step.
_NEXT_STEPS = (
    ("cannot be run", "the program ssh cannot be run: install the OpenSSH client, or unset use_ssh_client"),
    ("command not found|docker: not found", "the command docker is not there: install the Docker client on that host"),
    (
        "permission denied .*docker|docker.sock.*permission denied",
        "the user may not use the Docker engine there: take root, or a member of the group docker",
    ),
    (
        "docker daemon running|raw stream connection.*(no such file|connection refused)",
        "the Docker engine does not run there: start it",
    ),
    (
        f"host key for server .* does not match|{_OTHER_KEY}",
        "its host key is not the one in known_hosts: make sure that it is the right host, then correct known_hosts",
    ),
    (
        "not found in known_hosts|host key verification failed",
        "its host key is not in known_hosts: make sure of it, and log in there once with ssh",
    ),
    (
        "authentication|permission denied|no existing session",
        "it lets this user in by no key: check the user in docker_host, and the user's SSH keys or agent",
    ),
    (
        "unable to connect to port|connection refused|connection timed out|no route to host",
        "no SSH server answers there: start it, or correct docker_host",
    ),
)


class SshError(ConnectionError):
    """The system's ssh ended; the text is the last line that it printed."""


def is_address(docker_host: str) -> bool:
    """Whether it is an address such as ssh://user@host:22, without a password."""
    return _ADDRESS.fullmatch(docker_host) is not None


def explain(exc: BaseException) -> str | None:
    """What an error of SSH means, with the next step; None where it is no error of SSH."""
    of_paramiko = any(kind.__module__.partition(".")[0] == "paramiko" for kind in type(exc).__mro__)
    if not of_paramiko and not isinstance(exc, SshError):
        return None
    # The names of paramiko's classes tell as much as its texts.
    words = f"{type(exc).__name__} {exc}"
    step = next((step for sign, step in _NEXT_STEPS if re.search(sign, words, re.I)), None)
    text = " ".join(str(exc).split()).rstrip(".")
    return step or f"SSH failed ({text}): check docker_host, and that docker can be run on that host"


def ssh_adapter(docker_host: str) -> HTTPAdapter:
    """A transport adapter for requests; each of its connections is an ssh process.

    :param docker_host: an address for which is_address holds.
    """
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection
    from urllib3.connectionpool import HTTPConnectionPool

    command = _command(docker_host)

    class Connection(HTTPConnection):
        """HTTP over the input and the output of an ssh process."""

        def connect(self) -> None:
            self._link = _Link(command)
            self._link.socket.settimeout(t.cast(t.Any, self.timeout))
            self.sock = self._link.socket

        def getresponse(self) -> t.Any:
            try:
                return super().getresponse()
            except (ConnectionError, HTTPException) as exc:
                raise SshError(self._link.last_words()) from exc

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    class Adapter(HTTPAdapter):
        def __init__(self) -> None:
            super().__init__()
            self._pool = Pool("localhost", maxsize=10)

        def get_connection(self, url: t.Any, proxies: t.Any = None) -> t.Any:
            return self._pool

        def get_connection_with_tls_context(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
            """As get_connection, for requests from 2.32 on."""
            return self._pool

        def request_url(self, request: t.Any, proxies: t.Any) -> str:
            return str(request.path_url)

        def close(self) -> None:
            super().close()
            self._pool.close()

    return Adapter()


class _Process(subprocess.Popen[bytes]):
    """A program that is spoken with while it runs, for which Ansible's run_command is not made."""


def outlive_connections(adapter: t.Any) -> None:
    """Let the answers of an engine that paramiko leads to be read to their end.

    One without a length closes its connection when it begins. A socket goes on until it is read, a channel ends.

    :param adapter: the SDK's SSHHTTPAdapter.
    """
    from docker.transport.sshconn import SSHConnection

    class Connection(SSHConnection):
        def close(self) -> None:
            # The answer holds the channel, which closes itself once nobody does.
            self.sock = None
            super().close()

    def get_connection(url: str, proxies: t.Any = None) -> t.Any:
        pool = get_pool(url, proxies)
        pool._new_conn = lambda: Connection(pool.ssh_transport, pool.timeout)
        return pool

    get_pool, adapter.get_connection = adapter.get_connection, get_connection


class _Link:
    """An ssh process, and the socket that leads to its input and output."""

    def __init__(self, command: t.Sequence[str]) -> None:
        self.socket, theirs = socket.socketpair()
        self._words, path = tempfile.mkstemp()
        os.unlink(path)
        with theirs:
            try:
                # In a session of its own it finds no terminal to ask for a password on.
                self._process = _Process(
                    command, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=self._words, start_new_session=True
                )
            except OSError as exc:
                raise SshError(f"ssh cannot be run: {exc.strerror}") from exc
        # Not with the connection: an answer is read from its socket after it has been closed.
        atexit.register(self._process.terminate)

    def last_words(self) -> str:
        """The last line that ssh printed, or what it warned of before, once it has ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END)
        words = os.pread(self._words, _MOST_WORDS, max(0, os.fstat(self._words).st_size - _MOST_WORDS))
        told = [line.strip() for line in words.decode(errors="replace").split("\n") if line.strip()]
        # Its last line is the same for a host key that it does not know and for one that it does not expect.
        warning = next((line for line in told if _OTHER_KEY in line.lower()), None)
        return warning or (told[-1] if told else f"ssh ended with exit code {self._process.poll()}")


def _command(docker_host: str) -> list[str]:
    parts = t.cast("re.Match[str]", _ADDRESS.fullmatch(docker_host))
    user, port = parts["user"], parts["port"]
    options = [*(["-l", user] if user else []), *(["-p", port] if port else [])]
    return ["ssh", "-o", "BatchMode=yes", *options, "--", parts["host"].strip("[]"), "docker system dial-stdio"]
