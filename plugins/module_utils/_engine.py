# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""The engine as this collection sees it: our instances, and what is done to them."""

from __future__ import annotations

import re
import time
import typing as t
from email.utils import parsedate_to_datetime

from ansible_collections.evento.docker.plugins.module_utils import _labels as label
from ansible_collections.evento.docker.plugins.module_utils._client import translated
from ansible_collections.evento.docker.plugins.module_utils._errors import EngineError, EventoError
from ansible_collections.evento.docker.plugins.module_utils._images import Image, find_image, pull_image
from ansible_collections.evento.docker.plugins.module_utils._instances import read_instance
from ansible_collections.evento.docker.plugins.module_utils._model import Instance
from ansible_collections.evento.docker.plugins.module_utils._stream import frames, post_stream
from ansible_collections.evento.docker.plugins.module_utils._watch import Watch

if t.TYPE_CHECKING:
    from docker import APIClient

_POLL = 0.05
# How long the engine may take to finish a removal that it has begun.
_REMOVAL_TIMEOUT = 30.0


class OvertakenError(EventoError):
    """Another run did something at the same time: observe and plan again."""


class Engine:
    """One Docker engine.

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
        return [read_instance(entry, self._now) for entry in listed]

    def observe_settled(self, bundle_id: str) -> list[Instance]:
        """As observe, once those containers that were about to start have started or have become leftovers.

        Only so can a run that follows a killed one see its leftovers for what they are.
        """
        observed = self.observe(bundle_id)
        pending = {one.id for one in observed if one.pending}
        while any(one.pending and one.id in pending for one in observed):
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

    def cpus(self) -> int:
        """The number of CPUs of the engine's host."""
        with self._doing("ask the Docker engine about its host"):
            return self._api.info()["NCPU"]

    def create(self, name: str, config: dict[str, t.Any], networks: t.Sequence[dict[str, t.Any]]) -> str:
        """Create a container, connected to further networks; returns its id.

        :param config: the body of the Engine API's create call.
        :param networks: name and aliases of each network beyond that of the configuration.
        :raises OvertakenError: the name is taken.
        """
        try:
            with self._doing(f"create {name}"):
                container_id = self._api.create_container_from_config(config, name)["Id"]
        except EngineError as exc:
            if exc.status == 409:
                raise OvertakenError(f"The name {name} is taken.") from exc
            raise
        try:
            for network in networks:
                with self._doing(f"connect {name} to network {network['name']}"):
                    self._api.connect_container_to_network(container_id, network["name"], aliases=network["aliases"])
        except EventoError:
            self.remove(container_id, name)
            raise
        return container_id

    def watch(self, container_id: str, name: str, ready_log: re.Pattern[str]) -> Watch:
        """Watch a container that has been created and not yet started."""
        attach = {"stream": "1", "stdout": "1", "stderr": "1"}
        try:
            with self._doing(f"attach to {name}"):
                output = post_stream(self._api, f"/containers/{container_id}/attach", attach)
                # Asked for before the start, so that no exit is missed: the container may remove itself at once.
                exit_answer = post_stream(self._api, f"/containers/{container_id}/wait", {"condition": "next-exit"})
        except EngineError as exc:
            _check_gone(exc, container_id, name)
            raise

        def pieces() -> t.Iterator[bytes]:
            with self._doing(f"read the output of {name}"):
                yield from frames(output)

        def exit_code() -> int | None:
            with self._doing(f"read the exit code of {name}"):
                return exit_answer.json().get("StatusCode")

        return Watch(pieces(), exit_code, ready_log)

    def start(self, container_id: str, name: str) -> None:
        """Start a container; one that the engine cannot start is removed again.

        :raises OvertakenError: another run has removed it.
        """
        try:
            with self._doing(f"start {name}"):
                self._api.start(container_id)
        except EngineError as exc:
            _check_gone(exc, container_id, name)
            self.remove(container_id, name)
            raise

    def health(self, container_id: str, name: str) -> str | None:
        """healthy, unhealthy or starting; None where it has no health check or is gone."""
        details = self._unless_gone(f"look at {name}", lambda: self._api.inspect_container(container_id))
        return details["State"].get("Health", {}).get("Status") if details else None

    def stop(self, container_id: str, name: str, timeout: int) -> None:
        """Stop a container gracefully and remove it; returns once its name is free.

        :param timeout: seconds between SIGTERM and SIGKILL.
        """
        self._unless_gone(f"stop {name}", lambda: self._api.stop(container_id, timeout=timeout))
        self._remove(container_id, name, force=False)

    def remove(self, container_id: str, name: str) -> None:
        """Remove a container, running or not; returns once its name is free."""
        self._remove(container_id, name, force=True)

    def rename(self, container_id: str, name: str, new_name: str) -> None:
        """Give a container another name.

        :raises OvertakenError: the name is taken, or the container is gone.
        """
        try:
            with self._doing(f"rename {name} to {new_name}"):
                self._api.rename(container_id, new_name)
        except EngineError as exc:
            if exc.status in (404, 409):
                raise OvertakenError(f"{name} could not become {new_name}.") from exc
            raise

    def _remove(self, container_id: str, name: str, force: bool) -> None:
        try:
            self._unless_gone(f"remove {name}", lambda: self._api.remove_container(container_id, v=True, force=force))
        except EngineError as exc:
            # 409: the engine, or another run, is removing it already.
            if exc.status != 409:
                raise
        deadline = time.monotonic() + _REMOVAL_TIMEOUT
        while not self._is_gone(container_id, name):
            if time.monotonic() > deadline:
                raise EngineError(
                    f"Could not remove {name}: the engine began to, but has not finished: look at the engine."
                )
            time.sleep(_POLL)

    def _is_gone(self, container_id: str, name: str) -> bool:
        return self._unless_gone(f"look at {name}", lambda: self._api.inspect_container(container_id)) is None

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


def _check_gone(exc: EngineError, container_id: str, name: str) -> None:
    """:raises OvertakenError: the engine does not know the container any more, or is removing it.

    That it is gone tells nothing: the engine removes one that it cannot start, for example for want of a network.
    """
    if exc.status == 409 or (exc.status == 404 and container_id in str(exc)):
        raise OvertakenError(f"Another run removed {name}.") from exc
