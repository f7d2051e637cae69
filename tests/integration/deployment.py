# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle that a test deploys, and the module as Ansible runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import typing as t
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import docker
from docker.models.containers import Container

from lab import Lab
from lab.server import EventoServer
from tests.module_process import asking_for_invocation, python_path

COLLECTION = Path(sysconfig.get_path("purelib")) / "ansible_collections/evento/docker"
WRAPPER = COLLECTION / "roles/evento_deploy/files/evento-deploy"
MODULES = "ansible_collections.evento.docker.plugins.modules"


@dataclass
class Deployment:
    """A bundle with an id of its own, published on the server; its containers are removed in the end."""

    lab: Lab
    engine: docker.DockerClient
    server: EventoServer
    bundle: dict[str, t.Any]
    options: dict[str, t.Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.bundle["id"])

    @property
    def sockets(self) -> Path:
        """The directory with all that a caller needs to reach the engine."""
        return Path(self.lab.docker_host.removeprefix("unix://")).parent

    def publish(self, path: Path | None = None, **changes: t.Any) -> None:
        """Publish the bundle (again), with changes to its JSON; a new artifact and time each, as Evento Server does."""
        self.bundle.update(changes)
        serial = int(self.bundle["updatedAt"]) + 1
        self.bundle["updatedAt"] = serial
        self.bundle["artifactCoordinates"] = f"/server_upload/{self.id}-{serial}000.jar"
        self.server.publish(self.id, path or self.lab.jar())

    def run(self, *, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """Run the module as Ansible does, in a process of its own; its result, with failed set where it failed."""
        return run_module("evento_bundle", self.parameters(**options), check_mode)

    def parameters(self, **options: t.Any) -> dict[str, t.Any]:
        """The module's options for a run."""
        return {
            "docker_host": self.lab.docker_host,
            "server_url": self.server.container_url,
            "bundle": json.dumps(self.bundle),
            "token": self.server.token(),
            **self.options,
            **options,
        }

    def containers(self) -> list[Container]:
        """Its containers, running or not, by name."""
        label = f"evento.bundle={self.id}"
        found = self.engine.containers.list(all=True, filters={"label": label}, ignore_removed=True)
        return sorted(found, key=lambda container: str(container.name))

    def names(self) -> list[str]:
        return [str(container.name) for container in self.containers()]

    def remove(self) -> None:
        for container in self.engine.api.containers(all=True, filters={"label": f"evento.bundle={self.id}"}):
            try:
                self.engine.api.remove_container(container["Id"], v=True, force=True)
            except docker.errors.APIError as error:
                # Gone, or going, by itself.
                if error.status_code not in (404, 409):
                    raise


def new_bundle() -> dict[str, t.Any]:
    """A bundle as Evento Server sends it, with an id of its own."""
    return {
        "id": f"test-{uuid.uuid4().hex[:10]}",
        "version": 1,
        "description": None,
        "detail": None,
        "linePrefix": None,
        "bucketType": "LocalFilesystem",
        "artifactCoordinates": "-",
        "artifactOriginalName": "demo.jar",
        "containsHandlers": True,
        "environment": {},
        "vmOptions": {"-Xmx": "64m"},
        "autorun": True,
        "deployable": True,
        "minInstances": 1,
        "maxInstances": 4,
        "updatedAt": 1732320000,
    }


def run_module(
    name: str, parameters: dict[str, t.Any], check_mode: bool = False, prefix: t.Sequence[str] = ()
) -> dict[str, t.Any]:
    """Run a module of the collection in a process of its own, as Ansible does on the target.

    :param prefix: words before the command, such as nsenter.
    """
    return ModuleProcess(name, parameters, check_mode, prefix).result()


class ModuleProcess:
    """A module of the collection that runs, in a process of its own, as Ansible has it on the target."""

    def __init__(
        self, name: str, parameters: dict[str, t.Any], check_mode: bool = False, prefix: t.Sequence[str] = ()
    ) -> None:
        internal = {"_ansible_check_mode": check_mode, "_ansible_diff": True, **asking_for_invocation()}
        self._arguments = {**parameters, **internal}
        self._process = subprocess.Popen(
            [*prefix, sys.executable, "-m", f"{MODULES}.{name}"],
            env={
                "PATH": os.environ["PATH"],
                "HOME": os.environ.get("HOME", "/root"),
                "LC_ALL": "C.UTF-8",
                "PYTHONPATH": python_path(),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def kill(self) -> None:
        self._process.kill()

    def result(self, seconds: float = 300) -> dict[str, t.Any]:
        """What it says in the end; empty where it was killed. It begins only when it is asked for.

        :param seconds: how long it may take.
        """
        text = json.dumps({"ANSIBLE_MODULE_ARGS": self._arguments})
        try:
            stdout, stderr = self._process.communicate(text, timeout=seconds)
        finally:
            self._process.kill()
        assert not stderr, stderr
        result = json.loads(stdout) if self._process.returncode >= 0 else {}
        assert isinstance(result, dict)
        return result
