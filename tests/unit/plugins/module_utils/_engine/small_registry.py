# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry without TLS that keeps what it gets in memory, and an engine that pushes to it."""

from __future__ import annotations

import hashlib
import json
import threading
import typing as t
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from docker.errors import APIError

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class SmallRegistry:
    """Speaks the part of the registry's API that an image is pushed with; a context manager.

    :ivar blobs: content by digest.
    :ivar manifests: content by tag.
    """

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, bytes] = {}
        registry = self

        class Handler(_Handler):
            def find(self, kind: str, name: str) -> bytes | None:
                return (registry.blobs if kind == "blobs" else registry.manifests).get(name)

            def keep(self, kind: str, name: str, content: bytes) -> None:
                if kind == "manifests":
                    registry.manifests[name] = content
                else:
                    assert digest_of(content) == name
                    registry.blobs[name] = content

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> SmallRegistry:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def push_base(self, tag: str) -> None:
        """What an engine does with an image that has one layer."""
        config = json.dumps({"rootfs": {"type": "layers", "diff_ids": ["sha256:base"]}}).encode()
        self.blobs[digest_of(config)] = config
        layers = [{"mediaType": "layer", "size": 4, "digest": "sha256:base"}]
        manifest = {"mediaType": MANIFEST, "config": {"digest": digest_of(config)}, "layers": layers}
        self.manifests[tag] = json.dumps(manifest).encode()


class PushingEngine:
    """Pushes an image to a registry as the SDK's client has it done.

    :param rival: another run pushes the same, and has taken the image's name away before this one uses it.
    :param answer: what the registry says to the push.
    """

    def __init__(self, registry: SmallRegistry, rival: bool = False, answer: str | None = None) -> None:
        self._registry, self._rival, self._answer = registry, rival, answer
        self._auth_configs: dict[str, t.Any] = {}
        self.credstore_env = None
        self.names: set[str] = set()

    def info(self) -> dict[str, t.Any]:
        return {"RegistryConfig": {"IndexConfigs": {}, "InsecureRegistryCIDRs": ["127.0.0.0/8"]}}

    def inspect_image(self, _name: str) -> dict[str, t.Any]:
        return {"Os": "linux", "Architecture": "amd64"}

    def tag(self, _image: str, repository: str, tag: str) -> None:
        self.names.add(f"{repository}:{tag}")

    def push(self, repository: str, tag: str, **_options: t.Any) -> list[dict[str, str]]:
        if self._answer:
            return [{"error": self._answer}]
        self._registry.push_base(tag)
        if self._rival:
            self.names.clear()
            return [{"error": f"tag does not exist: {repository}:{tag}"}]
        return [{"status": "Pushed"}]

    def remove_image(self, name: str, **_options: t.Any) -> None:
        if name not in self.names:
            raise APIError("No such image")
        self.names.remove(name)


class _Handler(BaseHTTPRequestHandler):
    def find(self, kind: str, name: str) -> bytes | None:
        raise NotImplementedError

    def keep(self, kind: str, name: str, content: bytes) -> None:
        raise NotImplementedError

    def do_GET(self) -> None:
        kind, name = self._asked()
        content = b"{}" if kind == "v2" else self.find(kind, name)
        self._answer(404 if content is None else 200, content or b"")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self._answer(202, b"", Location=f"http://{self.headers['Host']}{self.path}1")

    def do_PUT(self) -> None:
        kind, name = self._asked()
        if kind == "uploads":
            kind, [name] = "blobs", parse_qs(urlsplit(self.path).query)["digest"]
        self.keep(kind, name, self._body())
        self._answer(201, b"")

    def _asked(self) -> tuple[str, str]:
        kind, name = urlsplit(self.path).path.split("/")[-2:]
        return kind, name

    def _body(self) -> bytes:
        if "Content-Length" in self.headers:
            return self.rfile.read(int(self.headers["Content-Length"]))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def _answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""
