# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for Evento Server: serves bundles by its token rules and calls a deploy script as it does.

The rules are those of Evento Server v1.15: `AuthFilter.java` (where the token is looked for, the answers to a bad one),
`ArtifactController.java` (the artifact), `BundleController.java` (what it tells of its bundles) and
`BundleDeployService.java` (the call).
"""

from __future__ import annotations

import http
import http.server
import json
import os
import secrets
import shutil
import subprocess
import threading
import time
import typing as t
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lab import _tokens
from lab._catalogue import Catalogue

_ARTIFACT = "/asset/bundle/"
_BUNDLES = "/api/bundle/"
_ROLES = {_ARTIFACT: _tokens.DEPLOY, _BUNDLES: _tokens.WEB}
# As of a proxy before the server.
_ERROR_PAGE = b"<!doctype html><html><body><h1>Error</h1></body></html>"


@dataclass(frozen=True)
class Fault:
    """What the server does wrong with every valid request; several may be combined.

    delay: seconds before it answers. status: it answers that status with an error page. redirect: it sends the client
    to that address. body: it serves these bytes instead. cut: it breaks the answer off half-way.
    hang_up: it closes the connection without a word. times: only that many requests meet it.
    """

    delay: float = 0.0
    status: int | None = None
    redirect: str | None = None
    body: bytes | None = None
    cut: bool = False
    hang_up: bool = False
    times: int | None = None


@dataclass(frozen=True)
class Request:
    """One request that was answered: `token_in` is `header`, `query` or None, `sent` counts the body's bytes."""

    path: str
    token_in: str | None
    status: int
    sent: int


class EventoServer:
    """Serves published bundles from threads of this process; a context manager, or start() and stop().

    Its port is its own from the beginning, and refuses connections until it starts. `requests` records what was
    answered. `fault` makes the server misbehave while it is set. `catalogue` holds what its REST API tells of bundles.

    :param host: the address that it listens on.
    :param host_name: what containers call this machine.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        signing_key: str | None = None,
        host_name: str = "host.docker.internal",
    ) -> None:
        self.requests: list[Request] = []
        self.fault: Fault | None = None
        self._host_name = host_name
        self._lock = threading.Lock()
        self._key = signing_key or secrets.token_hex(32)
        self._artifacts: dict[str, Path] = {}
        self.catalogue = Catalogue()
        self._http = _HttpServer((host, port), _Handler, bind_and_activate=False)
        self._http.evento = self
        self._http.server_bind()
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._opening: threading.Timer | None = None

    def start(self, after: float = 0.0) -> EventoServer:
        """Begin to answer, at once or in so many seconds: Evento Server calls scripts before its HTTP port answers."""
        if after:
            self._opening = threading.Timer(after, self.start)
            self._opening.daemon = True
            self._opening.start()
        else:
            self._http.server_activate()
            self._thread.start()
        return self

    def stop(self) -> None:
        """Answer no more and free the port."""
        if self._opening:
            self._opening.cancel()
            self._opening.join()
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()

    def __enter__(self) -> EventoServer:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The TCP port that the server listens on."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """The server's address for programs on this machine."""
        return f"http://{self._http.server_address[0]!s}:{self.port}"

    @property
    def container_url(self) -> str:
        """The server's address for containers: the module's option `server_url`."""
        return f"http://{self._host_name}:{self.port}"

    def publish(self, bundle_id: str, path: Path) -> None:
        """Serve the file as the bundle's artifact from now on."""
        self._artifacts[bundle_id] = path

    def withdraw(self, bundle_id: str) -> None:
        """Forget the bundle's artifact, as if its file were gone."""
        self._artifacts.pop(bundle_id, None)

    def artifact(self, bundle_id: str) -> Path | None:
        """The published file, None when there is none (any more)."""
        path = self._artifacts.get(bundle_id)
        return path if path is not None and path.is_file() else None

    def strike(self) -> Fault | None:
        """The fault that a request meets."""
        with self._lock:
            fault = self.fault
            if fault is not None and fault.times is not None:
                self.fault = replace(fault, times=fault.times - 1) if fault.times > 1 else None
            return fault

    def token(self, lifetime: float = 60, role: str = _tokens.DEPLOY) -> str:
        """A new token as the server hands it to a deploy script. A lifetime (seconds) below 0 makes an expired one."""
        return _tokens.issue(self._key, lifetime, role)

    def refusal(self, token: str | None, role: str = _tokens.DEPLOY) -> tuple[int, str] | None:
        """Why the token does not open what needs that role, as HTTP status and message; None for a good one."""
        return _tokens.refusal(self._key, token, role)

    def deploy(
        self,
        script: str | os.PathLike[str],
        bundle_json: str,
        token: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        timeout: float | None = 180,
    ) -> subprocess.CompletedProcess[str]:
        """Call the deploy script as the server does: two arguments, no shell, no terminal; waits for its end.

        Without `token`, with a new one; without `env` and `cwd`, with this process's own. Raises
        subprocess.TimeoutExpired when the script runs longer than `timeout` seconds.
        """
        arguments = [os.fspath(script), bundle_json, self.token() if token is None else token]
        return subprocess.run(
            arguments,
            env=env,
            cwd=cwd,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


class _HttpServer(http.server.ThreadingHTTPServer):
    """Knows whose requests it takes; a client that hangs does not keep the process alive."""

    evento: EventoServer
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A client that goes away early is nobody's error."""


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers one request."""

    server: _HttpServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Serve /asset/bundle/<id>, /api/bundle/ and /api/bundle/<id>."""
        evento = self.server.evento
        url = urllib.parse.urlsplit(self.path)
        self._path = url.path
        token, self._token_in = self._token(url.query)
        prefix = next((prefix for prefix in _ROLES if url.path.startswith(prefix)), None)
        if prefix is None:
            self._answer_error(404, "No static resource")
            return
        name = urllib.parse.unquote(url.path[len(prefix) :])
        content = evento.artifact(name) if prefix == _ARTIFACT else evento.catalogue.answer(name)
        refusal = evento.refusal(token, _ROLES[prefix])
        if refusal is not None:
            self._answer_error(*refusal)
        elif (fault := evento.strike()) is not None:
            self._misbehave(fault, content)
        else:
            self._serve(content)

    def _token(self, query: str) -> tuple[str | None, str | None]:
        """The token and where it came in; the header goes first."""
        scheme, _blank, value = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer" and value:
            return value, "header"
        value = urllib.parse.parse_qs(query).get("token", [""])[0]
        return (value, "query") if value else (None, None)

    def _misbehave(self, fault: Fault, content: Path | bytes | None) -> None:
        time.sleep(fault.delay)
        if fault.hang_up:
            self.close_connection = True
        elif fault.redirect is not None:
            self._record(302, 0)
            self._head(302, "text/html", 0, Location=fault.redirect)
        elif fault.status is not None:
            self._answer(fault.status, "text/html", _ERROR_PAGE)
        elif fault.cut and content is not None:
            whole = fault.body or (content.read_bytes() if isinstance(content, Path) else content)
            self._head(200, _kind(content), len(whole))
            self.wfile.write(whole[: len(whole) // 2])
            self._record(200, len(whole) // 2)
            self.close_connection = True
        elif fault.body is not None:
            self._answer(200, _kind(content), fault.body)
        else:
            self._serve(content)

    def _serve(self, content: Path | bytes | None) -> None:
        if content is None:
            self._answer_error(500, "No value present")
        elif isinstance(content, bytes):
            self._answer(200, _kind(content), content)
        else:
            with content.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                self._head(200, _kind(content), size)
                shutil.copyfileobj(file, self.wfile, 1 << 20)
            self._record(200, size)

    def _answer_error(self, status: int, message: str) -> None:
        reason = http.HTTPStatus(status).phrase
        text = json.dumps({"status": status, "error": reason, "message": message, "path": self._path})
        self._answer(status, "application/json", text.encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        # Before the client can go on.
        self._record(status, len(body))
        self._head(status, kind, len(body))
        self.wfile.write(body)

    def _head(self, status: int, kind: str, length: int, **more: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(length), **more}.items():
            self.send_header(name, value)
        self.end_headers()

    def _record(self, status: int, sent: int) -> None:
        self.server.evento.requests.append(Request(self._path, self._token_in, status, sent))

    def log_message(self, format: str, *args: t.Any) -> None:
        """Print nothing: the path holds the token."""


def _kind(content: Path | bytes | None) -> str:
    return "application/json" if isinstance(content, bytes) else "application/zip"
