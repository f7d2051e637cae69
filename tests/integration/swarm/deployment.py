# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle that a test deploys on the lab's swarm."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import typing as t
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.evento.docker.plugins.module_utils._swarm.tasks import is_gone
from lab import _packages
from lab._swarm import Swarm
from tests.integration.deployment import WRAPPER, run_module
from tests.until import until

SERVES = "echo Application Started!; exec sleep 600"
# No JWT, so that it does not end.
TOKEN = "a-token-that-nobody-may-see"
# SIGKILL, because a shell that is process 1 ignores SIGTERM. The labels tell what one exit code means, and where a JAR
# is to be that is built in.
_DOCKERFILE = b"""\
FROM scratch
COPY busybox /bin/sh
COPY busybox /bin/sleep
COPY busybox /bin/cat
LABEL evento.exit-code.9="the script was told to fail" evento.jar="/opt/evento/app.jar"
STOPSIGNAL SIGKILL
ENTRYPOINT ["/bin/sh", "-c", "eval \\"${SCRIPT:-exec sleep 600}\\""]
"""
_SCRIPT_IMAGE = "script:1"


def push_script_image(swarm: Swarm) -> None:
    """Put an image into the swarm's registry that does what the variable SCRIPT of its environment says."""
    busybox = _packages.find("busybox")
    assert busybox is not None
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(_DOCKERFILE)
        tar.addfile(entry, io.BytesIO(_DOCKERFILE))
        tar.add(busybox.resolve(), "busybox")
    context.seek(0)
    name = swarm.image(_SCRIPT_IMAGE)
    with swarm.client() as engine:
        engine.images.build(fileobj=context, custom_context=True, tag=name, rm=True)
        assert "error" not in engine.images.push(name)


@dataclass
class SwarmDeployment:
    """A bundle with an id of its own; its services are removed in the end."""

    swarm: Swarm
    bundle: dict[str, t.Any]
    options: dict[str, t.Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bundle["environment"] = {"SCRIPT": SERVES}

    @property
    def id(self) -> str:
        return str(self.bundle["id"])

    @property
    def sockets(self) -> Path:
        """The directory with all that a caller needs to reach the managers."""
        return self.swarm.root

    @property
    def prefix(self) -> list[str]:
        """Words before a command that is to run in the swarm's network, where it reaches the registry."""
        return ["nsenter", f"--net=/run/netns/{self.swarm.namespace}"]

    def publish(self, script: str = SERVES, **changes: t.Any) -> None:
        """Publish the bundle (again): the next version, whose instances follow a script."""
        version = self.bundle["version"] + 1
        self.bundle.update(
            version=version,
            updatedAt=self.bundle["updatedAt"] + 60,
            environment={"SCRIPT": script},
            **changes,
        )

    def run(self, manager: str = "m1", *, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """Run the module through a manager, in a process of its own, as Ansible does."""
        host = self.swarm.nodes[manager].docker_host
        return run_module("evento_bundle", self.parameters(docker_host=host, **options), check_mode, self.prefix)

    def call(self, directory: Path, *words: str, **settings: t.Any) -> subprocess.CompletedProcess[str]:
        """Call evento-deploy as Evento Server does.

        :param directory: for its settings file.
        :param words: its options.
        :param settings: what is in the file beside the swarm's image.
        """
        return self.command(directory, *words, json.dumps(self.bundle), TOKEN, **settings)

    def command(self, directory: Path, *words: str, **settings: t.Any) -> subprocess.CompletedProcess[str]:
        """As call, with these words alone."""
        path = directory / "deploy.yml"
        # JSON is YAML.
        path.write_text(json.dumps({"backend": "swarm", "image": self.swarm.image(_SCRIPT_IMAGE), **settings}))
        return subprocess.run(
            [WRAPPER, *words],
            env={"EVENTO_DEPLOY_CONFIG": str(path), "DOCKER_HOST": self.swarm.docker_host},
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def parameters(self, **options: t.Any) -> dict[str, t.Any]:
        """The module's options for a run."""
        return {
            "backend": "swarm",
            "docker_host": self.swarm.docker_host,
            "image": self.swarm.image(_SCRIPT_IMAGE),
            "artifact_url": "http://store.example/app.jar",
            "bundle": json.dumps(self.bundle),
            "stop_timeout": 2,
            **self.options,
            **options,
        }

    def services(self) -> list[dict[str, t.Any]]:
        """Its services, by name."""
        with self.swarm.client() as engine:
            found = engine.api.services(filters={"label": [f"evento.bundle={self.id}"]})
        return sorted(found, key=lambda service: str(service["Spec"]["Name"]))

    def names(self) -> list[str]:
        return [str(service["Spec"]["Name"]) for service in self.services()]

    def versions(self) -> list[str]:
        return [str(service["Spec"]["Labels"]["evento.version"]) for service in self.services()]

    def running(self) -> Counter[str]:
        """How many of its containers run on each node that answers, as the nodes themselves say."""
        found: Counter[str] = Counter()
        for name, node in self.swarm.nodes.items():
            if node.answers:
                with self.swarm.client(name) as engine:
                    found[name] = len(engine.api.containers(filters={"label": f"evento.bundle={self.id}"}))
        return found

    def scale(self, name: str, replicas: int) -> None:
        """What docker service scale does."""
        with self.swarm.client() as engine:
            engine.services.get(name).scale(replicas)

    def remove(self) -> None:
        # A manager of Docker 20.10 crashes where a service is removed while it deletes a task of it.
        until(lambda: not any(map(is_gone, self._tasks())), "the swarm has deleted what ended")
        for service in self.services():
            with self.swarm.client() as engine:
                engine.api.remove_service(service["ID"])
        until(lambda: not sum(self.running().values()), "its containers have ended", 120)

    def _tasks(self) -> list[dict[str, t.Any]]:
        with self.swarm.client() as engine:
            return [task for service in self.services() for task in engine.api.tasks({"service": service["ID"]})]
