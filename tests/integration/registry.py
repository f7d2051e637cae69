# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container registry, Debian's docker-registry, with one image in it."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tarfile
import threading
import typing as t
from contextlib import contextmanager
from pathlib import Path

import bcrypt
import docker

from lab import _packages
from tests.integration.tls_engine import Certificates
from tests.until import until

_DOCKERFILE = """\
FROM scratch
COPY busybox /
LABEL release={release}
STOPSIGNAL SIGKILL
ENTRYPOINT ["/busybox", "sleep", "600"]
"""
_LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)")


class Registry:
    """Serves the image `name`, which sleeps; a context manager. On a loopback address engines ask for no TLS."""

    def __init__(self, engine: docker.DockerClient, directory: Path, login: tuple[str, str] | None = None) -> None:
        """Take the engine that the images are pushed from, and a directory for what the registry keeps.

        With a `login`, user and password, it lets nobody else in, and has TLS with a certificate that nobody trusts.
        """
        self._engine = engine
        self._directory = directory
        self._login = login
        self._process: subprocess.Popen[bytes] | None = None
        self.name = ""

    def push(self, release: str) -> None:
        """Make another image the one of this name in the registry; what the engine has of this name stays."""
        name = self.name.replace("127.0.0.1", "localhost")
        self._engine.images.build(fileobj=_context(release), custom_context=True, tag=name, rm=True)
        try:
            for step in self._engine.api.push(name, stream=True, decode=True):
                assert "error" not in step, step
        finally:
            self._engine.images.remove(name)

    def forget(self) -> None:
        """Take from the engine what it has of this registry. The same image can have names of other tests."""
        images = self._engine.api.images()
        names = [name for image in images for key in ("RepoTags", "RepoDigests") for name in image[key] or []]
        for name in names:
            # With its only tag goes an image's digest.
            if name.startswith(f"{self.host}/") and self._engine.images.list(filters={"reference": name}):
                self._engine.images.remove(name)

    @property
    def host(self) -> str:
        """Its host and port, as an engine takes them."""
        return self.name.partition("/")[0]

    def pushed(self, repository: str) -> list[tuple[str, int]]:
        """What was pushed to a repository until now, and when."""
        links = self._directory.glob(f"images/docker/registry/v2/repositories/{repository}/**/link")
        return sorted((str(path), path.stat().st_mtime_ns) for path in links)

    def tags(self, repository: str, beginning: str) -> list[str]:
        """The tags of a repository that begin like that."""
        place = f"images/docker/registry/v2/repositories/{repository}/_manifests/tags/{beginning}*"
        return sorted(path.name for path in self._directory.glob(place))

    @contextmanager
    def writing(self, repository: str) -> t.Iterator[None]:
        """Cut off for the first second what the registry keeps of a repository, as while another client writes that."""
        links = self._directory.glob(f"images/docker/registry/v2/repositories/{repository}/**/link")
        contents = {path: path.read_bytes() for path in links}

        def finish() -> None:
            for path, content in contents.items():
                path.write_bytes(content)

        for path in contents:
            path.write_bytes(b"")
        timer = threading.Timer(1, finish)
        timer.start()
        try:
            yield
        finally:
            timer.join()

    def holds(self, *secrets: str) -> bool:
        """Whether one of these texts stands in a manifest or a configuration, or in a layer that is not compressed."""
        blobs = self._directory.glob("images/docker/registry/v2/blobs/**/data")
        return any(secret.encode() in blob for blob in map(Path.read_bytes, blobs) for secret in secrets)

    def __enter__(self) -> Registry:
        _packages.install("docker-registry")
        config, log = self._directory / "config.json", self._directory / "log"
        settings: dict[str, t.Any] = {
            "version": 0.1,
            "storage": {"filesystem": {"rootdirectory": str(self._directory / "images")}},
            "http": {"addr": "127.0.0.1:0"},
        }
        if self._login:
            settings.update(self._closed(*self._login))
        config.write_text(json.dumps(settings))  # JSON is YAML
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [str(_packages.find("docker-registry")), "serve", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        until(lambda: _LISTENING.search(log.read_text()), "the registry listens")
        [address] = _LISTENING.findall(log.read_text())
        self.name = f"{address}/sleeper:1"
        return self

    def _closed(self, user: str, password: str) -> dict[str, t.Any]:
        """The settings for TLS and a login."""
        certificates = Certificates(self._directory, "localhost")
        users = self._directory / "users"
        users.write_text(f"{user}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}\n")
        tls = {"certificate": str(certificates.certificate("server")), "key": str(certificates.key("server"))}
        return {
            "http": {"addr": "127.0.0.1:0", "tls": tls},
            "auth": {"htpasswd": {"realm": "registry", "path": str(users)}},
        }

    def __exit__(self, *exc: object) -> None:
        if self._process:
            self.forget()
            self._process.kill()
            self._process.wait()


def _context(release: str) -> io.BytesIO:
    """What the image is built from."""
    dockerfile = _DOCKERFILE.format(release=release).encode()
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        tar.add(_packages.find("busybox") or "busybox", "busybox")
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(dockerfile)
        tar.addfile(member, io.BytesIO(dockerfile))
    context.seek(0)
    return context
