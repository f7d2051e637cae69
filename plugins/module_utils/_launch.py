# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""Starting instances, and seeing them become ready."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass

from ansible_collections.evento.docker.plugins.module_utils import _labels as label
from ansible_collections.evento.docker.plugins.module_utils._artifact import DIRECTORY
from ansible_collections.evento.docker.plugins.module_utils._container import ContainerSpec
from ansible_collections.evento.docker.plugins.module_utils._delivery import Delivery
from ansible_collections.evento.docker.plugins.module_utils._engine import Engine
from ansible_collections.evento.docker.plugins.module_utils._errors import NOT_READY, EventoError
from ansible_collections.evento.docker.plugins.module_utils._model import Action, Instance
from ansible_collections.evento.docker.plugins.module_utils._observer import OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._readiness import NotReadyError, Readiness, await_ready
from ansible_collections.evento.docker.plugins.module_utils._watch import Watch


@dataclass(frozen=True)
class Blueprint:
    """What new instances are made from.

    :param fingerprint: that of container and image together.
    :param image_labels: those of the image, which may say what its exit codes mean.
    :param has_healthcheck: whether an instance will have a health check.
    :param readiness: what an instance must show; None where nobody waits for it.
    :param delivery: has the JAR for them once something is started; None where they download it themselves.
    """

    container: ContainerSpec
    fingerprint: str
    image_labels: t.Mapping[str, str]
    has_healthcheck: bool
    readiness: Readiness | None
    delivery: Delivery | None


@dataclass(frozen=True)
class Started:
    """A container that this run has created, or an instance that runs and may not be ready yet.

    :param at: when it was started, by the monotonic clock.
    :param watch: None where nobody waits for it.
    """

    id: str
    name: str
    at: float = 0.0
    watch: Watch | None = None
    has_healthcheck: bool = False


class Launcher:
    """Creates, starts and watches instances.

    :param clean: takes secrets out of an instance's log.
    :param may_start: whether the containers of these ids, created for these actions, may still be started.
    """

    def __init__(
        self,
        engine: Engine,
        blueprint: Blueprint,
        clean: t.Callable[[str], str],
        may_start: t.Callable[[dict[str, Action]], bool],
    ) -> None:
        self._engine = engine
        self._blueprint = blueprint
        self._clean = clean
        self._may_start = may_start
        self._proven: set[str] = set()

    @property
    def readiness(self) -> Readiness | None:
        """What an instance must show; None where there is nothing to wait for."""
        readiness = self._blueprint.readiness
        return None if readiness is None or readiness.immediate else readiness

    def create(self, action: Action) -> Started:
        """Create the container of a start action.

        :raises OvertakenError: its name is taken.
        """
        blueprint = self._blueprint
        config = blueprint.container.config(action.slot, blueprint.fingerprint)
        if action.replaces:
            config["Labels"][label.REPLACES] = action.replaces
        if blueprint.delivery:
            config["Labels"][label.GRACE] = str(blueprint.delivery.grace)
        container_id = self._engine.create(action.which, config, blueprint.container.further_networks)
        return Started(container_id, action.which, has_healthcheck=blueprint.has_healthcheck)

    def admit(self, created: dict[str, Action]) -> None:
        """Look again, now that every other run can see what this one has created.

        :raises OvertakenError: another run was faster; what was created is removed.
        """
        if created and not self._may_start(created):
            for container_id, action in created.items():
                self._engine.remove(container_id, action.which)
            names = ", ".join(action.which for action in created.values())
            raise OvertakenError(f"Another run was faster than the start of {names}.")

    def launch(self, created: Started) -> Started:
        """Start a container.

        :raises OvertakenError: another run has removed it.
        """
        if self._blueprint.delivery:
            archive = self._blueprint.delivery.archive()
            self._engine.put_archive(created.id, created.name, DIRECTORY, archive)
        return self.relaunch(created)

    def relaunch(self, created: Started) -> Started:
        """Start a container that has its JAR already."""
        watch = None
        if self.readiness:
            watch = self._engine.watch(created.id, created.name, self.readiness.log)
        self._engine.start(created.id, created.name)
        return Started(created.id, created.name, time.monotonic(), watch, created.has_healthcheck)

    def await_ready(self, started: Started) -> None:
        """Return once an instance is ready.

        :raises NotReadyError: it did not become so.
        :raises OvertakenError: another run, or a person, has stopped it.
        """
        if started.watch is None or self.readiness is None:
            return

        def health() -> str | None:
            return self._engine.health(started.id, started.name)

        self._proven.add(started.id)
        try:
            await_ready(self.readiness, started.watch, started.at, health if started.has_healthcheck else None)
        except NotReadyError as exc:
            if exc.exited and self._engine.was_stopped(started.id, time.monotonic() - started.at):
                raise OvertakenError(f"{started.name} was stopped before it was ready.") from exc
            # The silence may be that of the engine.
            self._engine.check_answers()
            raise

    def is_proven(self, one: Instance, replaces_live: bool) -> bool:
        """Whether nobody has to wait for an instance any more.

        :param replaces_live: what it replaces still runs, so that whoever started it has not seen it ready.
        """
        if self.readiness is None or one.id in self._proven:
            return True
        return one.age >= self.readiness.timeout and not replaces_live

    def follow(self, one: Instance) -> Started:
        """Watch an instance that another run has started.

        :raises OvertakenError: it is gone.
        """
        watch = self._engine.follow(one.id, one.name, self.readiness.log) if self.readiness else None
        return Started(one.id, one.name, time.monotonic() - one.age, watch, one.health is not None)

    def failure(self, started: Started, exc: NotReadyError) -> dict[str, t.Any]:
        """A row of the result's failures: what is known of an instance that did not become ready."""
        watch = started.watch
        code = watch.exit_code if watch and exc.exited else None
        reason = str(exc)
        if exc.exited:
            meaning = self._blueprint.image_labels.get(f"{label.EXIT_CODE_PREFIX}{code}")
            told = "an unknown code" if code is None else f"code {code}"
            reason = f"exited with {told}{f' ({meaning})' if meaning else ''} before it was ready"
        logs = [self._clean(line) for line in watch.tail] if watch else []
        return {"name": started.name, "exit_code": code, "reason": reason, "logs": logs}


def not_ready(failures: list[dict[str, t.Any]], end: str = "") -> EventoError:
    """The error for instances that did not become ready.

    :param end: what became of them and of what they were to replace.
    """
    reasons = "; ".join(f"{failure['name']} {failure['reason']}" for failure in failures)
    return EventoError(f"{reasons}{f'; {end}' if end else ''}.", NOT_READY, failures=failures)
