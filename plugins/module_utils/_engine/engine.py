# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine as this collection sees it: what is done to our instances."""

from __future__ import annotations

import re
import shlex
import time
import typing as t
from contextlib import contextmanager

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EngineError, OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._container import labels as label
from ansible_collections.evento.docker.plugins.module_utils._engine.images import declares_healthcheck
from ansible_collections.evento.docker.plugins.module_utils._engine.observer import Observer
from ansible_collections.evento.docker.plugins.module_utils._engine.standby import copied_config, standby_name
from ansible_collections.evento.docker.plugins.module_utils._engine.stream import watch_new
from ansible_collections.evento.docker.plugins.module_utils._engine.watch import Watch

if t.TYPE_CHECKING:
    from docker import APIClient

_POLL = 0.05
# How long the engine may take to finish a removal that it has begun.
_REMOVAL_TIMEOUT = 30.0
# Podman may answer 500 to it, where two ask for a name at once.
_TAKEN = re.compile("container name .* is already in use")
# How often a container is stopped that runs again.
_STOPS = 5


class Engine(Observer):
    """One Docker engine."""

    def __init__(self, api: APIClient, clean: t.Callable[[str], str] = str) -> None:
        super().__init__(api, clean)
        self._go_by_themselves: dict[str, bool] = {}

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
            if exc.status == 409 or _TAKEN.search(str(exc)):
                raise OvertakenError(f"The name {name} is taken.") from exc
            raise
        for network in networks:
            with self._or_removed(container_id, name, f"connect {name} to network {network['name']}"):
                self._api.connect_container_to_network(container_id, network["name"], aliases=network["aliases"])
        return container_id

    def put_archive(self, container_id: str, name: str, directory: str, archive: t.Iterable[bytes]) -> None:
        """Unpack a tar archive in a container that has not been started; one that does not take it is removed again.

        :param directory: in the container, on a volume.
        :raises OvertakenError: another run has removed it.
        """
        with self._or_removed(container_id, name, f"copy the JAR into {name}"):
            self._api.put_archive(container_id, directory, archive)

    def watch(self, container_id: str, name: str, ready_log: re.Pattern[str]) -> Watch:
        """Watch a container that has not been started; one that cannot be is removed again: for Podman, it is a start.

        :raises OvertakenError: another run has removed it.
        """
        with self._or_removed(container_id, name, f"watch {name}"):
            return watch_new(self._api, container_id, lambda: self._doing(f"watch {name}"), ready_log)

    def start(self, container_id: str, name: str) -> None:
        """Start a container; one that the engine cannot start is removed again.

        :raises OvertakenError: another run has removed it.
        """
        with self._or_removed(container_id, name, f"start {name}"):
            self._api.start(container_id)

    def stop(self, container_id: str, name: str, timeout: int) -> None:
        """Stop a container gracefully and remove it; returns once its name is free.

        :param timeout: seconds between SIGTERM and SIGKILL.
        :raises EngineError: it runs again and again, because somebody else starts it.
        """
        for _attempt in range(_STOPS):
            # Its owner may start one that had only been created, in between.
            self._unless_gone(f"stop {name}", lambda: self._stop(container_id, timeout))
            if self._is_removed(container_id, name):
                return
        raise EngineError(f"Could not stop {name}: it was started again each time: see who starts it, and run again.")

    def _stop(self, container_id: str, timeout: int) -> None:
        self._api.stop(container_id, timeout=timeout)

    def remove(self, container_id: str, name: str) -> None:
        """Remove a container, running or not; returns once its name is free."""
        self._is_removed(container_id, name, force=True)

    def clear(self, container_id: str, name: str) -> None:
        """Remove a container that does not run; returns once its name is free.

        :raises OvertakenError: it runs, because its owner was only slow.
        """
        if not self._is_removed(container_id, name):
            raise OvertakenError(f"{name} has been started.")

    def stand_by(self, container_id: str, name: str) -> str:
        """Create a container that can be started in place of another once that is gone; returns its id.

        :raises OvertakenError: the other one is gone, or another run is replacing it.
        """
        details = self._inspect(container_id, name)
        if details is None:
            raise OvertakenError(f"Another run removed {name}.")
        config, networks = copied_config(details, standby_of=container_id)
        try:
            return self.create(standby_name(name, container_id), config, networks)
        except OvertakenError:
            known = self.observe(details["Config"]["Labels"][label.BUNDLE])
            mine = [one.id for one in known if one.standby_of == container_id]
            if not mine:
                raise
            return mine[0]
        except EngineError as exc:
            # There are no volumes to share with one that is gone.
            if self._inspect(container_id, name) is None:
                raise OvertakenError(f"Another run removed {name}.") from exc
            raise

    def copy_standby(self, standby_id: str, name: str) -> tuple[str, bool]:
        """Create the instance that a standby is for; returns its id, and whether it has a health check.

        :raises OvertakenError: the name is taken, or the standby is gone.
        """
        details = self._inspect(standby_id, f"the standby of {name}")
        if details is None:
            raise OvertakenError(f"Another run removed the standby of {name}.")
        config, networks = copied_config(details)
        return self.create(name, config, networks), declares_healthcheck(config)

    def commands(self, what: str, container_id: str, name: str, timeout: int) -> list[str]:
        """The docker commands that do this to a container, quoted for a shell.

        :param what: start, stop or remove.
        :param timeout: seconds between SIGTERM and SIGKILL.
        """
        word = shlex.quote(name)
        if what == "start":
            return [f"docker start {word}"]
        if what == "remove":
            return [f"docker rm --force --volumes {word}"]
        # Once it is gone, nobody could tell.
        if container_id not in self._go_by_themselves:
            self._go_by_themselves[container_id] = self.removes_itself(container_id, name)
        removal = [] if self._go_by_themselves[container_id] else [f"docker rm --volumes {word}"]
        return [f"docker stop -t {timeout} {word}", *removal]

    def _is_removed(self, container_id: str, name: str, force: bool = False) -> bool:
        """Remove a container and wait until it is gone; False where it runs, and is not to be removed by force."""
        failure = self._begin_removal(container_id, name, force)
        deadline = time.monotonic() + _REMOVAL_TIMEOUT
        while time.monotonic() < deadline:
            details = self._inspect(container_id, name)
            if details is None:
                return True
            state = details["State"]["Status"]
            if not force and state in ("running", "paused", "restarting"):
                return False
            if state == "dead":
                # The engine has given up to remove it, also where it was to go by itself.
                failure = self._begin_removal(container_id, name, force)
            elif failure:
                raise failure
            time.sleep(_POLL)
        raise failure or EngineError(
            f"Could not remove {name}: the engine began to, but has not finished: look at the engine."
        )

    def _begin_removal(self, container_id: str, name: str, force: bool) -> EngineError | None:
        """Have a container removed; returns what went wrong, but not that it runs or is being removed already."""
        try:
            self._unless_gone(f"remove {name}", lambda: self._api.remove_container(container_id, v=True, force=force))
        except EngineError as exc:
            return None if exc.status == 409 else exc
        return None

    @contextmanager
    def _or_removed(self, container_id: str, name: str, doing: str) -> t.Iterator[None]:
        """A container for which this fails is removed again, unless another run has done so already."""
        try:
            with self._unless_overtaken(container_id, name), self._doing(doing):
                yield
        except EngineError:
            self.remove(container_id, name)
            raise
