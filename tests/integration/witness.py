# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's event stream as a witness: what ran at the same time, whatever it looks like in the end."""

from __future__ import annotations

import threading
import typing as t

import docker
import requests

from lab import Lab
from tests.until import until


class Witness:
    """A context manager that follows the containers of a bundle.

    Attributes: started, the number of starts; peak and fewest, the highest and lowest number that ran at the same
    time; times, of each event of each container, in seconds since 1970; violations, in words.

    :param maximum: how many may run at the same time; one more where that one is there to replace another.
    """

    def __init__(self, lab: Lab, bundle_id: str, maximum: int) -> None:
        self.started = 0
        self.peak = 0
        self.fewest = 0
        self.violations: list[str] = []
        self.times: dict[str, dict[str, float]] = {}
        self._maximum = maximum
        self._label = f"evento.bundle={bundle_id}"
        self._client = docker.DockerClient(base_url=lab.docker_host)
        self._running: dict[str, str] = {}
        self._events: t.Any = None
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Witness:
        for container in self._client.api.containers(filters={"label": self._label}):
            self._running[container["Id"]] = container["Labels"].get("evento.replaces", "")
        self.fewest = len(self._running)
        # The list came before the stream, but nobody acts before this returns.
        self._events = self._client.api.events(decode=True, filters={"label": self._label, "type": "container"})
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        until(lambda: set(self._running) == self._listed(), "the event stream and the list of containers agree")
        self._events.close()
        self._thread.join()
        self._client.close()

    def _listed(self) -> set[str]:
        return {one["Id"] for one in self._client.api.containers(filters={"label": self._label})}

    def _follow(self) -> None:
        try:
            for event in self._events:
                actor = event["Actor"]
                self._note(event["Action"], event["timeNano"] / 10**9, actor["ID"], actor["Attributes"])
        except (docker.errors.DockerException, requests.RequestException, OSError, ValueError, AttributeError):
            # That is how a stream ends that is closed while somebody reads it.
            return

    def _note(self, what: str, moment: float, container_id: str, attributes: dict[str, str]) -> None:
        self.times.setdefault(container_id, {})[what] = moment
        if what == "die":
            self._running.pop(container_id, None)
            self.fewest = min(self.fewest, len(self._running))
        if what != "start":
            return
        self._running[container_id] = attributes.get("evento.replaces", "")
        self.started += 1
        self.peak = max(self.peak, len(self._running))
        replacing = any(replaced in self._running for replaced in self._running.values())
        if len(self._running) > self._maximum + replacing:
            self.violations.append(f"{len(self._running)} ran when {attributes['name']} started")
