# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container registry with one image in it: as much of the Registry HTTP API V2 as a pull needs."""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import tarfile
import threading
from pathlib import Path

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar"


class Registry:
    """Serves the image `name`, which sleeps; a context manager."""

    def __init__(self, busybox: Path, architecture: str) -> None:
        self._busybox = busybox
        self._architecture = architecture
        # What is served: the last part of a path -> content type and content.
        self.content: dict[str, tuple[str, bytes]] = {}
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.registry = self
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self._http.server_address[1]}/sleeper:1"

    def push(self, release: str) -> None:
        """Make another image the one of this name."""
        layer = self._layer()
        digest = _digest(layer)
        config = {
            "architecture": self._architecture,
            "os": "linux",
            "config": {
                "Entrypoint": ["/busybox", "sleep", "600"],
                "StopSignal": "SIGKILL",
                "Labels": {"release": release},
            },
            "rootfs": {"type": "layers", "diff_ids": [digest]},
        }
        text = json.dumps(config).encode()
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": {"mediaType": _CONFIG, "size": len(text), "digest": _digest(text)},
            "layers": [{"mediaType": _LAYER, "size": len(layer), "digest": digest}],
        }
        self.content = {digest: (_LAYER, layer), _digest(text): (_CONFIG, text)}
        for name in ("1", _digest(json.dumps(manifest).encode())):
            self.content[name] = (_MANIFEST, json.dumps(manifest).encode())

    def _layer(self) -> bytes:
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as tar:
            tar.add(self._busybox, "busybox")
        return layer.getvalue()

    def __enter__(self) -> Registry:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class _Server(http.server.ThreadingHTTPServer):
    registry: Registry
    daemon_threads = True


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if self.path == "/v2/":
            self._answer(200, "application/json", b"{}")
            return
        found = self.server.registry.content.get(self.path.rpartition("/")[2])
        if found:
            self._answer(200, *found)
        else:
            self._answer(404, "application/json", b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}')

    do_HEAD = do_GET

    def _answer(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Docker-Content-Digest", _digest(content))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""
