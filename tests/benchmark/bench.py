# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every benchmark works with."""

from __future__ import annotations

import contextlib
import json
import typing as t
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import docker

from lab import Lab
from lab.server import EventoServer
from tests.benchmark.containers import remove
from tests.benchmark.peers import Peers
from tests.benchmark.programs import Programs
from tests.benchmark.tools import Tools
from tests.integration.deployment import Deployment, new_bundle

_PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - evento.docker.evento_bundle:
        docker_host: "{{ engine }}"
        bundles: "{{ bundles }}"
        server_url: "{{ server_url }}"
        token: "{{ token }}"
        image: "{{ image }}"
        pull: never
        ready_when: running
        ready_after: 0
"""


@dataclass(frozen=True)
class Bench:
    """A lab that is up, and how much to do there.

    :param image: one whose containers start quickly and then sleep
    :param quick: whether small numbers will do, because nobody reads the figures
    """

    lab: Lab
    client: docker.DockerClient
    server: EventoServer
    tools: Tools
    place: Path
    image: str
    quick: bool

    def amount(self, number: int, quick: int) -> int:
        """How many: turns, instances, bundles."""
        return quick if self.quick else number

    @contextlib.contextmanager
    def deployment(self, **changes: t.Any) -> t.Iterator[Deployment]:
        """A bundle of its own; its containers are removed in the end."""
        one = Deployment(self.lab, self.client, self.server, {**new_bundle(), "maxInstances": 64, **changes})
        one.options = {"image": self.image, "pull": "never", "ready_when": "running", "ready_after": 0}
        one.publish()
        try:
            yield one
        finally:
            self.tidy(one)

    def tidy(self, deployment: Deployment) -> None:
        """Remove its containers, and those of its peers."""
        remove(self.client, f"evento.bundle={deployment.id}")

    def peers(self, deployment: Deployment, image: str | None = None) -> Peers:
        return Peers(deployment, self.tools, self.place, image or self.image)

    def play(self, bundles: Sequence[dict[str, t.Any]], docker_host: str | None = None) -> None:
        """A play with one task for all the bundles."""
        (self.place / "bundles.yml").write_text(_PLAY)
        variables = {
            "engine": docker_host or self.lab.docker_host,
            "bundles": [{"bundle": json.dumps(bundle)} for bundle in bundles],
            "server_url": self.server.container_url,
            # To start a hundred takes longer than a token of Evento Server lives.
            "token": self.server.token(lifetime=600),
            "image": self.image,
        }
        (self.place / "bundles.json").write_text(json.dumps(variables))
        Programs(self.place).play("bundles.yml", "-e", "@bundles.json")
