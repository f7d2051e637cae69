# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single questions to the private engine, without the Docker SDK, whose import alone takes longer than a quick `up`."""

from __future__ import annotations

import http.client
import json
import socket
import typing as t
from pathlib import Path


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket file."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def get(path: Path, resource: str, timeout: float = 5.0) -> t.Any:
    """The engine's JSON answer to a GET of the resource, or None without an answer 200 within the timeout (seconds)."""
    connection = _UnixConnection(path, timeout)
    try:
        connection.request("GET", resource)
        answer = connection.getresponse()
        body = answer.read()
        return json.loads(body) if answer.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
