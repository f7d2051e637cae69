# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker socket with nothing behind it but the answers that a test has written."""

from __future__ import annotations

import http.server
import json
import re
import socket
import socketserver
import ssl
import threading
import typing as t
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Reply:
    """What is answered to a call, in pieces as HTTP's chunks; with `cut` the last chunk never comes.

    `held` is waited for before the last piece.
    """

    pieces: tuple[bytes, ...] = ()
    status: int = 200
    cut: bool = False
    held: threading.Event | None = None


def said(*messages: t.Any) -> Reply:
    """An answer of several JSON documents, a piece each."""
    return Reply(tuple(json.dumps(message).encode() for message in messages))


class SmallEngine:
    """A context manager. `replies` holds what is answered, by method and path without version, `asked` the calls.

    :param directory: where its socket is put.
    :param tls: for an engine that listens at a port with TLS instead.
    """

    def __init__(self, directory: Path, tls: ssl.SSLContext | None = None) -> None:
        self.replies: dict[str, Reply] = {"GET /version": said({"ApiVersion": "1.41"})}
        self.asked: list[str] = []
        self.socket = directory / "docker.sock"
        server = _Ports(("127.0.0.1", 0), _Handler) if tls else _Sockets(t.cast(t.Any, str(self.socket)), _Handler)
        server.engine = self
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        self._server = server

    @property
    def docker_host(self) -> str:
        address = self._server.server_address
        return f"unix://{self.socket}" if isinstance(address, str) else f"tcp://127.0.0.1:{address[1]}"

    def __enter__(self) -> SmallEngine:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        for reply in self.replies.values():
            if reply.held:
                reply.held.set()
        self._server.shutdown()
        self._server.server_close()


class _Ports(socketserver.ThreadingTCPServer):
    engine: SmallEngine
    daemon_threads = True
    # A client goes away without a word from an answer that it does not want any more.
    block_on_close = False

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A client that goes away early is nobody's error."""


class _Sockets(_Ports):
    address_family = socket.AF_UNIX


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Ports
    protocol_version = "HTTP/1.1"

    def handle_call(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = re.sub(r"^/v[\d.]+", "", self.path.partition("?")[0])
        engine = self.server.engine
        engine.asked.append(f"{self.command} {path}")
        reply = engine.replies.get(engine.asked[-1], Reply((b'{"message": "no such thing"}',), status=404))
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, piece in enumerate(reply.pieces, start=1):
            if reply.held and number == len(reply.pieces):
                self.wfile.flush()
                reply.held.wait(30)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if reply.cut:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_HEAD = handle_call

    def address_string(self) -> str:
        return "a client"

    def log_message(self, format: str, *args: t.Any) -> None:
        """Print nothing."""
