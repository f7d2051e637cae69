# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""Looking at an engine: our instances, and what is to be seen of them."""

from __future__ import annotations

import re
import time
import typing as t
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

from ansible_collections.evento.docker.plugins.module_utils import _labels as label
from ansible_collections.evento.docker.plugins.module_utils._client import translated
from ansible_collections.evento.docker.plugins.module_utils._errors import EngineError, EventoError
from ansible_collections.evento.docker.plugins.module_utils._images import (
    Image,
    declares_healthcheck,
    find_image,
    pull_image,
)
from ansible_collections.evento.docker.plugins.module_utils._instances import read_instance
from ansible_collections.evento.docker.plugins.module_utils._instant import parse_instant
from ansible_collections.evento.docker.plugins.module_utils._model import Instance
from ansible_collections.evento.docker.plugins.module_utils._stream import watch_new, watch_running
from ansible_collections.evento.docker.plugins.module_utils._watch import Watch

if t.TYPE_CHECKING:
    from docker import APIClient

_POLL = 0.05


class OvertakenError(EventoError):
    """Another run did something at the same time: observe and plan again."""


class Observer:
    """Looks at one Docker engine, and changes nothing but the images.

    :param clean: takes secrets out of the engine's own words.
    """

    def __init__(self, api: APIClient, clean: t.Callable[[str], str] = str) -> None:
        self._api = api
        self._clean = clean
        self._now = time.time()
        # The engine's own clock, which dates its containers; its answers carry it.
        api.hooks["response"].append(self._read_clock)

    def observe(self, bundle_id: str | None = None) -> list[Instance]:
        """All containers with our labels, of one bundle or of all: one call."""
        labels = [f"{label.MANAGED_BY}={label.COLLECTION}"]
        if bundle_id is not None:
            labels.append(f"{label.BUNDLE}={bundle_id}")
        with self._doing("list the instances"):
            listed = self._api.containers(all=True, filters={"label": labels})
        # An engine that was killed while it removed one lists it without a name, and does not know it otherwise.
        return [read_instance(entry, self._now) for entry in listed if entry["Names"] or entry["State"] != "dead"]

    def observe_settled(self, bundle_id: str) -> list[Instance]:
        """As observe, once those containers that were about to start have started or have become leftovers.

        Only so can a run that follows a killed one see its leftovers for what they are.
        """
        observed = self.observe(bundle_id)
        fresh = {one.id for one in observed if one.fresh}
        while any(one.fresh and one.id in fresh for one in observed):
            time.sleep(_POLL)
            observed = self.observe(bundle_id)
        return observed

    def is_foreign(self, name: str, bundle_id: str) -> bool:
        """Whether a container of that name exists that is not one of the bundle's."""
        details = self._unless_gone(f"look at container {name}", lambda: self._api.inspect_container(name))
        labels = (details["Config"]["Labels"] or {}) if details else {}
        ours = labels.get(label.MANAGED_BY) == label.COLLECTION and labels.get(label.BUNDLE) == bundle_id
        return details is not None and not ours

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
        """The number of CPUs of the engine's host."""
        with self._doing("ask the Docker engine about its host"):
            return self._api.info()["NCPU"]

    def watch(self, container_id: str, name: str, ready_log: re.Pattern[str]) -> Watch:
        """Watch a container that has been created and not yet started.

        :raises OvertakenError: another run has removed it.
        """
        with unless_overtaken(container_id, name):
            return watch_new(self._api, container_id, lambda: self._doing(f"watch {name}"), ready_log)

    def follow(self, container_id: str, name: str, ready_log: re.Pattern[str]) -> Watch:
        """Watch an instance that another run has started; its log is read from the beginning.

        :raises OvertakenError: it is gone.
        """
        with unless_overtaken(container_id, name):
            return watch_running(self._api, container_id, lambda: self._doing(f"watch {name}"), ready_log)

    def was_stopped(self, container_id: str, within: float) -> bool:
        """Whether the engine was asked to stop a container, which then has not ended by itself.

        :param within: how long ago that may be, in seconds.
        """
        with self._doing("ask the Docker engine for its events"):
            now = (parse_instant(self._api.info()["SystemTime"]) or 0) / 10**9
            # The engine takes fractions of a second; without them it would wait for the end of the second.
            since, until = (t.cast(t.Any, f"{moment:.6f}") for moment in (now - within - 2, now))
            asked = {"container": container_id, "event": "kill"}
            return any(self._api.events(since=since, until=until, filters=asked))

    def health(self, container_id: str, name: str) -> str | None:
        """healthy, unhealthy or starting; None where it has no health check or is gone."""
        details = self._inspect(container_id, name)
        return details["State"].get("Health", {}).get("Status") if details else None

    def has_healthcheck(self, container_id: str, name: str) -> bool:
        """Whether the engine will look after a container's health once it runs."""
        details = self._inspect(container_id, name)
        return details is not None and declares_healthcheck(details["Config"])

    def _inspect(self, container_id: str, name: str) -> dict[str, t.Any] | None:
        return self._unless_gone(f"look at {name}", lambda: self._api.inspect_container(container_id))

    def _doing(self, what: str) -> t.ContextManager[None]:
        return translated(what, self._clean)

    def _unless_gone(self, doing: str, call: t.Callable[[], t.Any]) -> t.Any:
        """What a call returns; None where the engine does not know the container or the image."""
        try:
            with self._doing(doing):
                return call()
        except EngineError as exc:
            if exc.status != 404:
                raise
            return None

    def _read_clock(self, response: t.Any, *_args: t.Any, **_kwargs: t.Any) -> None:
        date = response.headers.get("Date")
        if date:
            self._now = parsedate_to_datetime(date).timestamp()


@contextmanager
def unless_overtaken(container_id: str, name: str) -> t.Iterator[None]:
    """:raises OvertakenError: the engine does not know the container any more, or is removing it.

    That it is gone tells nothing: the engine removes one that it cannot start, for example for want of a network.
    """
    try:
        yield
    except EngineError as exc:
        if exc.status == 409 or (exc.status == 404 and container_id in str(exc)):
            raise OvertakenError(f"Another run removed {name}.") from exc
        raise
