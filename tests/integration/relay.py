# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker socket that passes everything on to the real one, and sees each call and each answer."""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import threading
import typing as t
from pathlib import Path

_REQUEST = re.compile(rb"(GET|HEAD|POST|PUT|DELETE) (?:/v[\d.]+)?(/[^ ]*) HTTP/1\.1\r\n")
_numbers = itertools.count(1)


class Relay:
    """A context manager; the clients' calls come from several threads.

    A client that dies takes its call back, and what the engine makes of that is a matter of chance. Here the
    engine keeps the call.

    :param directory: where the socket is put; a socket's path can have 107 characters at most.
    :param engine: the address of the engine, a socket of this machine.
    """

    def __init__(self, directory: Path, engine: str) -> None:
        self._path = directory / f"relay-{next(_numbers)}.sock"
        self._engine = engine.removeprefix("unix://")
        self._listener = socket.socket(socket.AF_UNIX)
        self._unanswered = 0
        self._change = threading.Condition()

    @property
    def docker_host(self) -> str:
        return f"unix://{self._path}"

    def admit(self, call: str) -> bool:
        """Is told method and path of each call before it is passed on; whether to do so, or to cut the client off."""
        return True

    def answered(self, call: str) -> None:
        """Is told of each call that the engine has begun to answer, before the client sees anything of it."""

    def settle(self, seconds: float = 60) -> None:
        """Wait until the engine has answered all that was passed on."""
        with self._change:
            assert self._change.wait_for(lambda: not self._unanswered, seconds), "the engine does not answer"

    def count(self, more: int) -> None:
        """Add to the number of calls that the engine has not answered."""
        with self._change:
            self._unanswered += more
            self._change.notify_all()

    def __enter__(self) -> t.Self:
        self._listener.bind(str(self._path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        # Closing alone would leave accept() blocked.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._path.unlink()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        # An engine that is not there is the end of the client's connection, too.
        with client, socket.socket(socket.AF_UNIX) as engine, contextlib.suppress(OSError):
            engine.connect(self._engine)
            connection = _Connection(self, client, engine)
            back = threading.Thread(target=connection.pass_back, daemon=True)
            back.start()
            connection.pass_on()
            back.join()


class _Connection:
    """One connection of a client, which makes one call at a time; each direction has a thread."""

    def __init__(self, relay: Relay, client: socket.socket, engine: socket.socket) -> None:
        self._relay = relay
        self._client = client
        self._engine = engine
        self._call: str | None = None
        self._ended = False
        self._change = threading.Condition()

    def pass_on(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._client.recv(65536):
                # The SDK writes the head of a request at once, so that none is cut in two.
                for method, path in _REQUEST.findall(data):
                    call = f"{method.decode()} {path.decode().partition('?')[0]}"
                    if not self._relay.admit(call):
                        self._engine.shutdown(socket.SHUT_RDWR)
                        return
                    self._begin(call)
                self._engine.sendall(data)
        with self._change:
            self._change.wait_for(lambda: self._call is None)
        with contextlib.suppress(OSError):
            self._engine.shutdown(socket.SHUT_RDWR)

    def pass_back(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._engine.recv(65536):
                call = self._call
                if call is not None:
                    self._relay.answered(call)
                    self._end()
                self._client.sendall(data)
        # The engine has nothing more to say, or the client is gone: one that waits is told, and a call that has had no
        # answer will have none.
        with contextlib.suppress(OSError):
            self._client.shutdown(socket.SHUT_RDWR)
        self._ended = True
        self._end()

    def _begin(self, call: str) -> None:
        with self._change:
            if not self._ended:
                self._relay.count(1)
                self._call = call

    def _end(self) -> None:
        with self._change:
            if self._call is not None:
                self._relay.count(-1)
                self._call = None
            self._change.notify_all()
