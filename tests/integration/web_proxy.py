# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web proxy, as companies have one: the way out for what runs in the lab's network, which has no other."""

from __future__ import annotations

import contextlib
import http.server
import shutil
import socket
import threading
import typing as t
import urllib.request

_HOP_BY_HOP = {"connection", "proxy-connection", "keep-alive", "host", "accept-encoding"}


class WebProxy(http.server.ThreadingHTTPServer):
    """Serves GET for http, and CONNECT for what is encrypted; a context manager."""

    daemon_threads = True

    def __init__(self, address: str) -> None:
        super().__init__((address, 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_port}"

    def __enter__(self) -> WebProxy:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    # Keeping a connection would ask for a length of each answer.
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        request = urllib.request.Request(self.path, headers=headers)
        try:
            answer = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        except OSError as error:
            self.send_error(502, str(error))
            return
        with answer:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in ("connection", "transfer-encoding"):
                    self.send_header(name, value)
            self.end_headers()
            shutil.copyfileobj(answer, self.wfile)

    def do_CONNECT(self) -> None:
        host, port = self.path.rsplit(":", 1)
        try:
            there = socket.create_connection((host, int(port)), timeout=60)
        except OSError as error:
            self.send_error(502, str(error))
            return
        self.send_response(200)
        self.end_headers()
        with there:
            threading.Thread(target=_copy, args=(there, self.connection), daemon=True).start()
            _copy(self.connection, there)

    def log_message(self, format: str, *args: t.Any) -> None:
        """Say nothing."""


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
