# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at an engine: our instances, and what is to be seen of them."""

from __future__ import annotations

import json
import re
import typing as t
from contextlib import contextmanager, suppress

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EngineError, OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._bundle.instant import parse_instant
from ansible_collections.evento.docker.plugins.module_utils._container import labels as label
from ansible_collections.evento.docker.plugins.module_utils._engine.faults import translated
from ansible_collections.evento.docker.plugins.module_utils._engine.images import (
    Image,
    find_image,
    pull_image,
)
from ansible_collections.evento.docker.plugins.module_utils._engine.instances import read_instance
from ansible_collections.evento.docker.plugins.module_utils._engine.looker import Looker
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance

_POLL = 0.05
# In the engine's words about a container that it is removing: "is marked for removal and cannot be started".
_GOING = re.compile(r"marked for removal|removal of container|being removed|is dead", re.I)


class Observer(Looker):
    """Looks at one Docker engine, and changes nothing but the images.

    :param api: connected to the engine.
    :param clean: takes secrets out of the engine's own words.
    """

    def _look(self, labels: list[str]) -> list[Instance]:
        with self._doing("list the instances"):
            listed = self._api.containers(all=True, filters={"label": labels})
        # An engine that was killed while it removed one lists it without a name, and does not know it otherwise.
        return [
            read_instance(entry, self._age(entry["Id"], entry["Created"]))
            for entry in listed
            if entry["Names"] or entry["State"] != "dead"
        ]

    def foreign_slots(self, slug: str, bundle_id: str) -> frozenset[int]:
        """The numbers at the end of names that begin with slug, of containers that are not the bundle's: one call."""
        with self._doing("look for containers of the same names"):
            listed = self._api.containers(all=True, filters={"name": f"^/?{re.escape(slug)}-[1-9][0-9]*$"})
        return frozenset(
            int(name.rpartition("-")[2])
            for entry in listed
            for name in entry["Names"] or []
            if re.fullmatch(rf"/{re.escape(slug)}-[1-9][0-9]*", name) and not _is_ours(entry["Labels"] or {}, bundle_id)
        )

    def image(self, name: str) -> Image | None:
        """The image of that name; None where there is none."""
        return find_image(self._api, name)

    def pull(self, name: str) -> None:
        """Pull an image from its registry."""
        pull_image(self._api, name)

    def provide(self, name: str) -> None:
        """See to it that the engine has the image of a registry of that name, which has a digest in it."""
        if self.image(name) is None:
            self.pull(name)

    def check_answers(self) -> None:
        """:raises EngineError: the engine does not answer."""
        with self._doing("look at the Docker engine"):
            self._api.ping()

    def cpus(self) -> int:
        """The number of CPUs of the engine's host: one call, the first time."""
        if not self._cpus:
            with self._doing("ask the Docker engine about its host"):
                self._cpus = max(1, self._api.info()["NCPU"])
        return self._cpus

    def has_logged(self, container_id: str, name: str, pattern: re.Pattern[str]) -> bool:
        """Whether a line of an instance's log so far matches; False where the log cannot be read, or it is gone."""
        with suppress(EngineError), self._doing(f"read the log of {name}"):
            log = self._api.logs(container_id, stdout=True, stderr=True, stream=False, follow=False)
            return any(pattern.search(line) for line in log.decode("utf-8", "replace").splitlines())
        return False

    def was_stopped(self, container_id: str, within: float) -> bool:
        """Whether the engine was asked to stop a container, which then has not ended by itself.

        :param within: how long ago that may be, in seconds.
        """
        with self._doing("ask the Docker engine for its events"):
            now = (parse_instant(self._api.info()["SystemTime"]) or 0) / 10**9
            asked = {"container": [container_id], "event": ["kill"]}
            # The engine takes fractions of a second; without them it would wait for the end of the second.
            query = {"since": f"{now - within - 2:.6f}", "until": f"{now:.6f}", "filters": json.dumps(asked)}
            # Not the SDK's events(), which has no time-out.
            url = f"{self._api.base_url}/v{self._api.api_version}/events"
            answer = self._api.request("GET", url, params=query, timeout=self._api.timeout)
            answer.raise_for_status()
            return bool(answer.text.strip())

    def health(self, container_id: str, name: str) -> str | None:
        """healthy, unhealthy or starting; None where it has no health check or is gone."""
        details = self._inspect(container_id, name)
        return details["State"].get("Health", {}).get("Status") if details else None

    def removes_itself(self, container_id: str, name: str) -> bool:
        """Whether the engine removes a container once it has ended; so, too, where it is gone."""
        details = self._inspect(container_id, name)
        return details is None or bool(details["HostConfig"]["AutoRemove"])

    def _inspect(self, container_id: str, name: str) -> dict[str, t.Any] | None:
        return self._unless_gone(f"look at {name}", lambda: self._api.inspect_container(container_id))

    def _doing(self, what: str) -> t.ContextManager[None]:
        return translated(what, self.clean)

    def _unless_gone(self, doing: str, call: t.Callable[[], t.Any]) -> t.Any:
        """What a call returns; None where the engine does not know the container or the image."""
        try:
            with self._doing(doing):
                return call()
        except EngineError as exc:
            if exc.status != 404:
                raise
            return None

    @contextmanager
    def _unless_overtaken(self, container_id: str, name: str) -> t.Iterator[None]:
        """Tell a container that another run has removed from any other reason for which a call about it fails.

        :raises OvertakenError: the engine does not know the container any more, or is removing it.
        """
        try:
            yield
        except EngineError as exc:
            # A path or a network that is missing is a 404, too. And that the container is gone tells nothing by
            # itself: the engine removes one that it cannot start. Podman answers 409 for whatever it cannot start.
            gone = exc.status == 404 and container_id in str(exc) and self._inspect(container_id, name) is None
            going = exc.status == 409 and _GOING.search(str(exc))
            if gone or going:
                raise OvertakenError(f"Another run removed {name}.") from exc
            raise


def _is_ours(labels: t.Mapping[str, str], bundle_id: str) -> bool:
    return labels.get(label.MANAGED_BY) == label.COLLECTION and labels.get(label.BUNDLE) == bundle_id
