# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker socket that passes everything on to the real one and remembers what was asked."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import typing as t
from pathlib import Path

_REQUEST = re.compile(rb"(GET|HEAD|POST|PUT|DELETE) (?:/v[\d.]+)?(/[^ ]*) HTTP/1\.1\r\n")


class Recorder:
    """A context manager; calls holds method and path of each request, in order."""

    def __init__(self, directory: Path, engine: str) -> None:
        self.calls: list[str] = []
        self._engine = engine.removeprefix("unix://")
        self._path = directory / "recorded.sock"
        self._listener = socket.socket(socket.AF_UNIX)

    @property
    def docker_host(self) -> str:
        return f"unix://{self._path}"

    @property
    def writes(self) -> list[str]:
        """The requests that can change something."""
        return [call for call in self.calls if not call.startswith(("GET ", "HEAD "))]

    def __enter__(self) -> Recorder:
        self._listener.bind(str(self._path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        # Closing alone would leave accept() blocked.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(self._engine)
            threading.Thread(target=self._serve, args=(client, engine), daemon=True).start()

    def _serve(self, client: socket.socket, engine: socket.socket) -> None:
        with client, engine:
            back = threading.Thread(target=_copy, args=(engine, client, None))
            back.start()
            _copy(client, engine, self._record)
            back.join()

    def _record(self, data: bytes) -> None:
        # The SDK writes the head of a request at once, so that none is cut in two.
        for method, path in _REQUEST.findall(data):
            self.calls.append(f"{method.decode()} {path.decode().partition('?')[0]}")


def _copy(source: socket.socket, target: socket.socket, look: t.Callable[[bytes], None] | None) -> None:
    # One side that is gone is the end of both; the other thread notices by itself.
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if look:
                look(data)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
