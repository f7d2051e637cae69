# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers of the image that a test makes, and what the tests ask of them."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
import typing as t
from pathlib import Path

import docker
from docker.models.containers import Container

from lab import Lab
from lab.server import EventoServer
from tests.until import until

BUNDLE = "DemoBundle"
ARTIFACT_DIR = "/opt/evento/artifact"
JAR = f"{ARTIFACT_DIR}/app.jar"
ENTRYPOINT = "/opt/evento/entrypoint.sh"
EXIT_SIGTERM = 128 + 15
FILES = Path(__file__).parents[3] / "roles/evento_bundle/files/evento-bundle-container"
STARTED = "Application Started!"
DEADLINE = 30.0


class Containers:
    """Makes containers of the image and removes them at the end of the test."""

    def __init__(self, lab: Lab, engine: docker.DockerClient) -> None:
        self._lab = lab
        self._engine = engine
        self._made: list[Container] = []

    def create(self, environment: dict[str, str], **options: t.Any) -> Container:
        options.setdefault("extra_hosts", {"host.docker.internal": "host-gateway"})
        container = self._engine.containers.create(self._lab.image, environment=environment, **options)
        self._made.append(container)
        return container

    def start(self, environment: dict[str, str], **options: t.Any) -> Container:
        container = self.create(environment, **options)
        container.start()
        return container

    def remove(self) -> None:
        for container in self._made:
            container.remove(force=True, v=True)


def jar_url(server: EventoServer, token: str | None = None) -> str:
    return f"{server.container_url}/asset/bundle/{BUNDLE}?token={token or server.token()}"


def log(container: Container) -> str:
    return container.logs().decode()


def wait_started(container: Container, times: int = 1) -> None:
    def started() -> bool:
        container.reload()
        assert container.status in ("created", "running"), log(container)
        return log(container).count(STARTED) >= times

    until(started, STARTED)


def exit_code(container: Container, seconds: float = DEADLINE) -> int:
    return int(container.wait(timeout=seconds)["StatusCode"])


def put(container: Container, files: dict[str, bytes], mode: int = 0o644) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    assert container.put_archive("/", archive.getvalue())


def output(container: Container, *command: str) -> str:
    """What the command prints inside of the container."""
    answer = container.exec_run(list(command)).output
    assert isinstance(answer, bytes)
    return answer.decode()


def kept_files(container: Container) -> set[str]:
    stream = container.get_archive(ARTIFACT_DIR)[0]
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        return {Path(name).name for name in tar.getnames()} - {Path(ARTIFACT_DIR).name}


def in_shell(shell: str) -> tuple[dict[str, t.Any], dict[str, bytes]]:
    """What has the image run by a shell: options for its container, and files to put there.

    The image has sh, which is busybox. The others are those of this machine, with what they need beside the C library;
    the base image is made of the same system.
    """
    if shell == "sh":
        return {}, {}
    program = shutil.which(shell)
    assert program
    needed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    paths = [path for path in re.findall(r"/\S+", needed) if not re.search(r"/(libc\.so|ld-)", path)]
    files = {path: Path(path).read_bytes() for path in [program, *paths]}
    return {"entrypoint": [program, ENTRYPOINT]}, files
