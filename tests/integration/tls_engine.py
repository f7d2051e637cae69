# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine behind TLS: a proxy in front of the lab's socket, as an engine that listens with --tlsverify answers."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import typing as t
import urllib.parse
from pathlib import Path

import trustme

_CHUNK = 1 << 16


class Certificates:
    """An authority, and what it signed: a certificate for engines with this name or an address, one for a client."""

    def __init__(self, directory: Path, name: str, addresses: t.Sequence[str] = ("127.0.0.1",)) -> None:
        self._directory = directory
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca))
        for owner, identities in (("server", (name, *addresses)), ("client", ("client.example",))):
            issued = authority.issue_cert(*identities)
            issued.cert_chain_pems[0].write_to_path(str(self.certificate(owner)))
            issued.private_key_pem.write_to_path(str(self.key(owner)))

    @property
    def ca(self) -> Path:
        return self._directory / "ca.pem"

    def certificate(self, owner: str) -> Path:
        return self._directory / f"{owner}.pem"

    def key(self, owner: str) -> Path:
        return self._directory / f"{owner}.key"


class TlsEngine:
    """Lets those in that have a client certificate of the authority; a context manager."""

    def __init__(self, certificates: Certificates, docker_host: str) -> None:
        self._engine = docker_host
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificates.certificate("server"), certificates.key("server"))
        self._tls.load_verify_locations(certificates.ca)
        self._tls.verify_mode = ssl.CERT_REQUIRED
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> TlsEngine:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        # A close alone would leave accept() waiting.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=self._listener.accept()[:1], daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        # A client that hangs up is nobody's error.
        with (
            contextlib.suppress(OSError),
            raw,
            self._tls.wrap_socket(raw, server_side=True) as client,
            self._connect() as engine,
        ):
            threading.Thread(target=_copy, args=(client, engine), daemon=True).start()
            _copy(engine, client)

    def _connect(self) -> socket.socket:
        address = urllib.parse.urlsplit(self._engine)
        if address.scheme != "unix":
            return socket.create_connection((address.hostname or "", address.port or 2375))
        engine = socket.socket(socket.AF_UNIX)
        engine.connect(address.path)
        return engine


def _copy(source: t.Any, target: t.Any) -> None:
    with contextlib.suppress(OSError, ValueError):
        while piece := source.recv(_CHUNK):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
