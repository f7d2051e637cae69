# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at our instances, whatever they run on."""

from __future__ import annotations

import time
import typing as t
from copy import copy
from email.utils import parsedate_to_datetime

from ansible_collections.evento.docker.plugins.module_utils._container import labels as label
from ansible_collections.evento.docker.plugins.module_utils._engine.images import Image
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance

if t.TYPE_CHECKING:
    from docker import APIClient

    from ansible_collections.evento.docker.plugins.module_utils._engine.registry import Repository

_POLL = 0.05

LookerT = t.TypeVar("LookerT", bound="Looker")


class _Clock:
    """The engine's own clock, which dates what it has; its answers carry it."""

    def __init__(self) -> None:
        self.now = time.time()

    def read(self, response: t.Any, *_args: t.Any, **_kwargs: t.Any) -> None:
        date = response.headers.get("Date")
        if date:
            self.now = parsedate_to_datetime(date).timestamp()


class Looker:
    """What looking at one engine has in common with looking at a swarm.

    :param api: connected to the engine, or to a manager.
    :param clean: takes secrets out of the words of others.
    """

    def __init__(self, api: APIClient, clean: t.Callable[[str], str] = str) -> None:
        self._api = api
        self.clean = clean
        self._project: str | None = None
        self._cpus = 0
        self._clock = _Clock()
        self._first_seen: dict[str, float] = {}
        api.hooks["response"].append(self._clock.read)

    def view(self: LookerT, clean: t.Callable[[str], str], project: str | None = None) -> LookerT:
        """The same for one bundle of many.

        :param clean: takes the secrets of that one out of the words of others.
        :param project: only instances of that project are seen; None for all.
        """
        view = copy(self)
        view.clean, view._project = clean, project
        return view

    def observe(self, bundle_id: str | None = None) -> list[Instance]:
        """All that has our labels, of one bundle or of all."""
        labels = [f"{label.MANAGED_BY}={label.COLLECTION}"]
        if bundle_id is not None:
            labels.append(f"{label.BUNDLE}={bundle_id}")
        return [one for one in self._look(labels) if self._project in (None, one.project)]

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

    def observe_settled(self, bundle_id: str) -> list[Instance]:
        """As observe, settled."""
        return self.settled(bundle_id, self.observe(bundle_id))

    def digest(self, name: str) -> str | None:
        """The digest of an image in its registry; None where it has none, or none for us."""
        from ansible_collections.evento.docker.plugins.module_utils._engine.registry import digest_in_registry

        return digest_in_registry(self._api, name)

    def repository(self, name: str, base: Image) -> Repository:
        """A repository of a registry, for images of one base and a JAR."""
        # Imported here, because most runs make no image.
        from ansible_collections.evento.docker.plugins.module_utils._engine.registry import Repository

        return Repository(self._api, name, base)

    def _look(self, labels: list[str]) -> list[Instance]:
        """What has these labels."""
        raise NotImplementedError

    def _age(self, instance_id: str, created: float) -> float:
        """Seconds since it was created: by the engine's clock, and at least as long as we have known it.

        The engine's clock may have stepped back, and not every answer carries it.
        """
        known_for = time.monotonic() - self._first_seen.setdefault(instance_id, time.monotonic())
        return max(self._clock.now - created, known_for)


def _about_to_change(observed: t.Sequence[Instance]) -> set[str]:
    """The ids of containers whose owner, if it lives, is about to start them, or what they stand by for."""
    known = {one.id for one in observed} | {one.replaces for one in observed}
    return {one.id for one in observed if one.fresh and not (one.standby_of and one.standby_of in known)}
