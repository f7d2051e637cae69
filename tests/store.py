# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An artifact store: an HTTP server that asks nobody for a token and remembers who asked for what."""

from __future__ import annotations

import http.server
import socket
import ssl
import struct
import threading
import typing as t
from dataclasses import dataclass

# SO_LINGER on, for 0 s: close() then resets the connection.
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Answer:
    """What is answered for a path.

    `length` is the Content-Length; without it the body's, with -1 none. A `location` makes the status a redirect.
    `held` is waited for after the head. With `hang_up` the connection is closed or reset without a word.
    """

    body: bytes = b""
    status: int = 200
    length: int | None = None
    location: str | None = None
    held: threading.Event | None = None
    hang_up: t.Literal["close", "reset"] | None = None


@dataclass(frozen=True)
class Asked:
    """One request: its target as the client wrote it, and two headers."""

    target: str
    authorization: str | None
    accept_encoding: str | None


class Store:
    """A context manager; `answers` holds what there is, by path, `asked` the requests in order.

    What is in `first` is answered to the first requests, one each, whatever they ask for.
    """

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Answer] = {}
        self.first: list[Answer] = []
        self.asked: list[Asked] = []
        self._scheme = "https" if tls else "http"
        self._http = _Server((host, 0), _Handler)
        self._http.store = self
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def host(self) -> str:
        return f"{self._http.server_address[0]!s}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self._scheme}://{self.host}"

    def __enter__(self) -> Store:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Server(http.server.ThreadingHTTPServer):
    store: Store
    daemon_threads = True

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A client that goes away early is nobody's error."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        store = self.server.store
        authorization, encoding = (self.headers.get(name) for name in ("Authorization", "Accept-Encoding"))
        store.asked.append(Asked(self.path, authorization, encoding))
        path = self.path.partition("?")[0]
        answer = store.first.pop(0) if store.first else store.answers.get(path, Answer(status=404))
        if answer.hang_up == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        if answer.hang_up:
            return
        self.send_response(302 if answer.location is not None else answer.status)
        if answer.location is not None:
            self.send_header("Location", answer.location)
        if answer.length != -1:
            self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
        self.end_headers()
        if answer.held:
            self.wfile.flush()
            answer.held.wait(30)
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: t.Any) -> None:
        """Print nothing."""
