# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event streams of all nodes as a witness: what ran at the same time, wherever it ran."""

from __future__ import annotations

import threading
import typing as t

import docker
import requests

from lab._swarm import Swarm
from tests.until import until


class SwarmWitness:
    """A context manager that follows the containers of a bundle.

    Attributes, once it has ended: started, the number of starts; peak and fewest, the highest and lowest number that
    ran at the same time.
    """

    def __init__(self, swarm: Swarm, bundle_id: str) -> None:
        self.started = self.peak = self.fewest = 0
        self._filters = {"label": f"evento.bundle={bundle_id}"}
        self._clients = [docker.APIClient(base_url=node.docker_host) for node in swarm.nodes.values()]
        self._streams: list[t.Any] = []
        self._threads: list[threading.Thread] = []
        self._events: list[tuple[int, str, str]] = []
        self._before: set[str] = set()

    def __enter__(self) -> SwarmWitness:
        self._before = self._listed()
        for client in self._clients:
            # The list came before the stream, but nobody acts before this returns.
            stream = client.events(decode=True, filters={**self._filters, "type": "container"})
            self._streams.append(stream)
            self._threads.append(threading.Thread(target=self._follow, args=(stream,), daemon=True))
            self._threads[-1].start()
        return self

    def __exit__(self, *_exc: object) -> None:
        until(lambda: self._play() == self._listed(), "the event streams and the lists of containers agree")
        for stream, thread in zip(self._streams, self._threads, strict=True):
            stream.close()
            thread.join()
        for client in self._clients:
            client.close()

    def _listed(self) -> set[str]:
        return {one["Id"] for client in self._clients for one in client.containers(filters=self._filters)}

    def _follow(self, stream: t.Any) -> None:
        try:
            for event in stream:
                if event["Action"] in ("start", "die"):
                    self._events.append((event["timeNano"], event["Action"], event["Actor"]["ID"]))
        except (docker.errors.DockerException, requests.RequestException, OSError, ValueError, AttributeError):
            # That is how a stream ends that is closed while somebody reads it.
            return

    def _play(self) -> set[str]:
        """What runs in the end, and on the way there the figures."""
        running = set(self._before)
        self.started, self.peak, self.fewest = 0, len(running), len(running)
        for _moment, what, container in sorted(self._events):
            if what == "start":
                running.add(container)
                self.started += 1
            else:
                running.discard(container)
            self.peak = max(self.peak, len(running))
            self.fewest = min(self.fewest, len(running))
        return running
