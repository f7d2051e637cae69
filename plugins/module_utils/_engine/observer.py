# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at an engine: our instances, and what is to be seen of them."""

from __future__ import annotations

import json
import re
import time
import typing as t
from contextlib import contextmanager, suppress
from copy import copy
from email.utils import parsedate_to_datetime

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
from ansible_collections.evento.docker.plugins.module_utils._engine.stream import watch_new
from ansible_collections.evento.docker.plugins.module_utils._engine.watch import Watch
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance

if t.TYPE_CHECKING:
    from docker import APIClient

_POLL = 0.05

ObserverT = t.TypeVar("ObserverT", bound="Observer")


class _Clock:
    """The engine's own clock, which dates its containers; its answers carry it."""

    def __init__(self) -> None:
        self.now = time.time()

    def read(self, response: t.Any, *_args: t.Any, **_kwargs: t.Any) -> None:
        date = response.headers.get("Date")
        if date:
            self.now = parsedate_to_datetime(date).timestamp()


class Observer:
    """Looks at one Docker engine, and changes nothing but the images.

    :param clean: takes secrets out of the engine's own words.
    """

    def __init__(self, api: APIClient, clean: t.Callable[[str], str] = str) -> None:
        self._api = api
        self.clean = clean
        self._project: str | None = None
        self._cpus = 0
        self._clock = _Clock()
        self._first_seen: dict[str, float] = {}
        api.hooks["response"].append(self._clock.read)

    def view(self: ObserverT, clean: t.Callable[[str], str], project: str | None = None) -> ObserverT:
        """The same engine for one bundle of many.

        :param clean: takes the secrets of that one out of the engine's words.
        :param project: only instances of that project are seen; None for all.
        """
        view = copy(self)
        view.clean, view._project = clean, project
        return view

    def observe(self, bundle_id: str | None = None) -> list[Instance]:
        """All containers with our labels, of one bundle or of all: one call."""
        labels = [f"{label.MANAGED_BY}={label.COLLECTION}"]
        if bundle_id is not None:
            labels.append(f"{label.BUNDLE}={bundle_id}")
        with self._doing("list the instances"):
            listed = self._api.containers(all=True, filters={"label": labels})
        # An engine that was killed while it removed one lists it without a name, and does not know it otherwise.
        found = [
            read_instance(entry, self._age(entry)) for entry in listed if entry["Names"] or entry["State"] != "dead"
        ]
        return [one for one in found if self._project in (None, one.project)]

    def observe_settled(self, bundle_id: str) -> list[Instance]:
        """As observe, settled."""
        return self.settled(bundle_id, self.observe(bundle_id))

    def settled(self, bundle_id: str, observed: list[Instance]) -> list[Instance]:
        """What is there of a bundle, once what was about to start has started or has become a leftover.

        Only so can a run that follows a killed one see its leftovers for what they are.

        :param observed: the first look; there is another one only where there is something to wait for.
        """
        awaited = _about_to_change(observed)
        while awaited & _about_to_change(observed):
            time.sleep(_POLL)
            observed = self.observe(bundle_id)
        return observed

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

    def watch(self, container_id: str, name: str, ready_log: re.Pattern[str]) -> Watch:
        """Watch a container that has been created and not yet started.

        :raises OvertakenError: another run has removed it.
        """
        with self._unless_overtaken(container_id, name):
            return watch_new(self._api, container_id, lambda: self._doing(f"watch {name}"), ready_log)

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

    def _age(self, entry: dict[str, t.Any]) -> float:
        """Seconds since a container was created: by the engine's clock, and at least as long as we have known it.

        The engine's clock may have stepped back, and not every answer carries it.
        """
        known_for = time.monotonic() - self._first_seen.setdefault(entry["Id"], time.monotonic())
        return max(self._clock.now - entry["Created"], known_for)

    @contextmanager
    def _unless_overtaken(self, container_id: str, name: str) -> t.Iterator[None]:
        """Tell a container that another run has removed from any other reason for which a call about it fails.

        :raises OvertakenError: the engine does not know the container any more, or is removing it.
        """
        try:
            yield
        except EngineError as exc:
            # A path or a network that is missing is a 404, too. And that the container is gone tells nothing by
            # itself: the engine removes one that it cannot start.
            told = exc.status == 404 and container_id in str(exc) and self._inspect(container_id, name) is None
            if exc.status == 409 or told:
                raise OvertakenError(f"Another run removed {name}.") from exc
            raise


def _about_to_change(observed: t.Sequence[Instance]) -> set[str]:
    """The ids of containers whose owner, if it lives, is about to start them, or what they stand by for."""
    known = {one.id for one in observed} | {one.replaces for one in observed}
    return {one.id for one in observed if one.fresh and not (one.standby_of and one.standby_of in known)}


def _is_ours(labels: t.Mapping[str, str], bundle_id: str) -> bool:
    return labels.get(label.MANAGED_BY) == label.COLLECTION and labels.get(label.BUNDLE) == bundle_id
