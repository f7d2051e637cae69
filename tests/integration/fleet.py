# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many bundles that a test runs in one task."""

from __future__ import annotations

import typing as t
import uuid
from dataclasses import dataclass, field

import docker
from docker.models.containers import Container

from lab import Lab
from tests.integration.deployment import ModuleProcess

READY = "echo Application Started!; exec sleep 600"


@dataclass
class Fleet:
    """Bundles of a project of its own, whose instances run scripts; its containers are removed in the end."""

    lab: Lab
    engine: docker.DockerClient
    options: dict[str, t.Any]
    project: str = field(default_factory=lambda: f"fleet-{uuid.uuid4().hex[:8]}")

    def bundle(self, name: str, script: str = READY, **more: t.Any) -> dict[str, t.Any]:
        """A bundle; its id is that of the project and the name."""
        environment = {"SCRIPT": script, **more.pop("environment", {})}
        limits = {"minInstances": 1, "maxInstances": 4}
        return {
            "id": self.id(name),
            "version": 1,
            "updatedAt": 1732320000,
            **limits,
            "environment": environment,
            **more,
        }

    def id(self, name: str) -> str:
        return f"{self.project}-{name}"

    def run(self, *entries: t.Any, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """Run the module for these entries; its result, with failed set where it failed."""
        return self.process(*entries, check_mode=check_mode, **options).result()

    def process(self, *entries: t.Any, check_mode: bool = False, **options: t.Any) -> ModuleProcess:
        """The same, which begins when its result is asked for."""
        return ModuleProcess("evento_bundle", self.parameters(*entries, **options), check_mode)

    def parameters(self, *entries: t.Any, **options: t.Any) -> dict[str, t.Any]:
        """The module's options for a run."""
        given = {"bundles": [*entries], "project": self.project, "docker_host": self.lab.docker_host, "token": "a key"}
        return {**given, **self.options, **options}

    def names(self) -> list[str]:
        """The containers of its bundles, of whatever project and state, without what their names have in common."""
        found = self.engine.api.containers(all=True, filters={"name": f"^/{self.project}-"})
        return sorted(one["Names"][0].removeprefix(f"/{self.project}-") for one in found)

    def running(self) -> dict[str, Container]:
        """Those of them that run and belong to its project, by name."""
        label = f"evento.project={self.project}"
        found = self.engine.containers.list(filters={"label": label}, ignore_removed=True)
        return {str(one.name).removeprefix(f"{self.project}-"): one for one in found}

    def ids(self) -> set[str]:
        return {one["Id"] for one in self.engine.api.containers(all=True, filters={"name": f"^/{self.project}-"})}

    def remove(self) -> None:
        for container_id in self.ids():
            try:
                self.engine.api.remove_container(container_id, v=True, force=True)
            except docker.errors.APIError as error:
                # Gone, or going, by itself.
                if error.status_code not in (404, 409):
                    raise


def told(result: dict[str, t.Any]) -> list[str]:
    """What is said of each bundle."""
    return [row["msg"] for row in result["bundles"]]
