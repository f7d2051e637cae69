# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle's instances in a random state, made behind the module's back, and a random request for them."""

from __future__ import annotations

import random
import typing as t
import uuid

from docker.models.containers import Container

from ansible_collections.evento.docker.plugins.module_utils._engine.standby import standby_name
from tests.integration.deployment import Deployment
from tests.integration.script_image import await_health

_MILLISECOND = 10**6
_HEALTHCHECKS = {
    "healthy": {"test": ["CMD", "true"], "interval": 50 * _MILLISECOND},
    "unhealthy": {"test": ["CMD", "false"], "interval": 50 * _MILLISECOND, "retries": 1},
    "starting": {"test": ["CMD", "true"], "interval": 600_000 * _MILLISECOND},
}
_KINDS = ["running"] * 6 + ["paused", "exited", "created", "standby", "abandoned standby", *_HEALTHCHECKS]


class RandomState:
    """A context manager; about says in words what there is. What is not the deployment's is removed in the end."""

    def __init__(self, deployment: Deployment, chance: random.Random) -> None:
        self.about: list[str] = []
        self._deployment = deployment
        self._chance = chance
        self._foreign: list[Container] = []
        self._options: dict[str, t.Any] = {}

    def __enter__(self) -> RandomState:
        # An instance of the module's own shows what its labels are, the fingerprint above all.
        self._deployment.bundle.update(minInstances=0, maxInstances=8)
        self._deployment.publish()
        self._deployment.run(instances=1)
        [first] = self._deployment.containers()
        self._labels = dict(first.labels)
        self._options = {"image": first.image, "environment": first.attrs["Config"]["Env"]}
        slots = self._chance.sample(range(1, 7), self._chance.randint(0, 5))
        if 1 in slots or self._chance.random() < 0.3:
            first.remove(v=True, force=True)
        else:
            self.about.append(f"{first.name} running")
        for slot in sorted(slots):
            self._add(slot)
        for slot in sorted(set(range(2, 7)) - set(slots)):
            if self._chance.random() < 0.15:
                self._add_foreign(f"{self._deployment.id}-{slot}")
        for suffix in ("", "-a", "-01", "-1.standby"):
            name = self._deployment.id + suffix
            if self._chance.random() < 0.1 and name not in self._deployment.names():
                self._add_foreign(name)
        return self

    def __exit__(self, *_exc: object) -> None:
        for container in self._foreign:
            container.remove(force=True)

    def untouched(self) -> bool:
        """Whether all containers that are not the bundle's are as they were made."""
        for container in self._foreign:
            container.reload()
        return [container.status for container in self._foreign] == ["created"] * len(self._foreign)

    def request(self) -> dict[str, t.Any]:
        """Change the bundle's limits, perhaps publish it anew, and return options for the module."""
        chance, bundle = self._chance, self._deployment.bundle
        minimum = chance.choice([0, 0, 1, 2, 3])
        maximum = chance.randint(max(1, minimum), 6)
        bundle.update(minInstances=minimum, maxInstances=maximum)
        news = chance.choice(["", "", "version", "environment"])
        if news == "version":
            self._deployment.publish(version=2)
        elif news:
            bundle["environment"] = {"A": "new"}
        options: dict[str, t.Any] = {"state": chance.choice(["started"] * 7 + ["stopped"])}
        if chance.random() < 0.5:
            options["update_order"] = chance.choice(["start-first", "stop-first"])
        number = chance.choice(["", "instances", "scale_by"])
        if number == "instances":
            options["instances"] = chance.randint(max(1, minimum), maximum)
        elif number:
            options["scale_by"] = chance.choice([-2, -1, 1, 1, 2])
        self.about.append(f"minimum {minimum}, maximum {maximum}, new {news or 'nothing'}, {options}")
        return options

    def _add(self, slot: int) -> None:
        kind = self._chance.choice(_KINDS)
        outdated = self._chance.random() < 0.4
        labels = {**self._labels, "evento.slot": str(slot)}
        if outdated:
            labels.update({"evento.spec": "another", "evento.version": "0"})
        name = f"{self._deployment.id}-{slot}"
        container = self._create(name, labels, _HEALTHCHECKS.get(kind))
        if kind == "abandoned standby":
            container.remove()
            gone = uuid.uuid4().hex * 2
            name = standby_name(name, gone)
            container = self._create(name, {**labels, "evento.standby-of": gone}, None)
        elif kind != "created":
            container.start()
        if kind == "paused":
            container.pause()
        elif kind == "exited":
            container.kill()
            container.wait()
        elif kind == "standby":
            self._create(
                standby_name(name, str(container.id)), {**labels, "evento.standby-of": str(container.id)}, None
            )
        elif kind in _HEALTHCHECKS:
            await_health(container, kind)
        self.about.append(f"{name} {kind}{', outdated' if outdated else ''}")

    def _create(self, name: str, labels: dict[str, str], healthcheck: dict[str, t.Any] | None) -> Container:
        return self._deployment.engine.containers.create(
            **self._options, name=name, labels=labels, healthcheck=healthcheck
        )

    def _add_foreign(self, name: str) -> None:
        labels = self._chance.choice([{}, {**self._labels, "evento.bundle": f"{self._deployment.id}-other"}])
        self._foreign.append(self._create(name, labels, None))
        self.about.append(f"{name} foreign")
