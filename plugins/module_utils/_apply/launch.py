# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting instances, and seeing them become ready."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.evento.docker.plugins.module_utils._apply.failures import exit_code_in_words
from ansible_collections.evento.docker.plugins.module_utils._apply.readiness import (
    NotReadyError,
    Readiness,
    StillStartingError,
    await_ready,
)
from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import DIRECTORY
from ansible_collections.evento.docker.plugins.module_utils._artifact.delivery import Delivery
from ansible_collections.evento.docker.plugins.module_utils._base.errors import OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._container import labels as label
from ansible_collections.evento.docker.plugins.module_utils._container.spec import ContainerSpec
from ansible_collections.evento.docker.plugins.module_utils._engine.engine import Engine
from ansible_collections.evento.docker.plugins.module_utils._engine.watch import Watch
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Replace, Start

# For the end of an instance's log, once the engine does not list it any more, in seconds.
_LAST_WORDS = 2.0


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
    """A container that this run has created, and perhaps started.

    :param has_healthcheck: whether the engine looks after its health.
    :param at: when it was started, by the monotonic clock.
    :param watch: None where nobody waits for it.
    :param ready: it has been seen ready, or nobody waits for that.
    """

    id: str
    name: str
    has_healthcheck: bool
    at: float = 0.0
    watch: Watch | None = None
    ready: bool = False


class Launcher:
    """Creates, starts and watches instances.

    :param clean: takes secrets out of an instance's log.
    :param may_start: whether the containers of these ids, created for these steps, may still be started.
    """

    def __init__(
        self,
        engine: Engine,
        blueprint: Blueprint,
        clean: t.Callable[[str], str],
        may_start: t.Callable[[dict[str, Start | Replace]], bool],
    ) -> None:
        self._engine = engine
        self._blueprint = blueprint
        self._clean = clean
        self._may_start = may_start
        self._mine: dict[str, Started] = {}

    @property
    def readiness(self) -> Readiness | None:
        """What an instance must show; None where there is nothing to wait for."""
        readiness = self._blueprint.readiness
        return None if readiness is None or readiness.immediate else readiness

    @property
    def starting(self) -> list[str]:
        """The names of the instances that were started and have not reported since."""
        unready = [one for one in self._mine.values() if not one.ready]
        names = [one.name for one in unready if one.has_healthcheck or not (one.watch and one.watch.reported)]
        return sorted(names, key=lambda name: (len(name), name))

    def create(self, step: Start | Replace) -> Started:
        """Create the container of a new instance.

        :raises OvertakenError: its name is taken.
        """
        blueprint = self._blueprint
        config = blueprint.container.config(step.slot, blueprint.fingerprint)
        if isinstance(step, Replace):
            config["Labels"][label.REPLACES] = step.replaced_id
        if blueprint.delivery:
            config["Labels"][label.GRACE] = str(blueprint.delivery.grace)
        container_id = self._engine.create(step.name, config, blueprint.container.further_networks)
        return Started(container_id, step.name, blueprint.has_healthcheck)

    def admit(self, created: dict[str, Start | Replace]) -> None:
        """Look again, now that every other run can see what this one has created.

        :raises OvertakenError: another run was faster; what was created is removed.
        """
        if created and not self._may_start(created):
            for container_id, step in created.items():
                self._engine.remove(container_id, step.name)
            names = ", ".join(step.name for step in created.values())
            raise OvertakenError(f"Another run was faster than the start of {names}.")

    def launch(self, created: Started) -> Started:
        """Start a new instance, with its JAR.

        :raises OvertakenError: another run has removed it.
        """
        if self._blueprint.delivery:
            archive = self._blueprint.delivery.archive()
            self._engine.put_archive(created.id, created.name, DIRECTORY, archive)
        return self._start(created)

    def bring_back(self, standby_id: str, name: str) -> Started:
        """Start the instance that a standby is for.

        :raises OvertakenError: its name is taken, or another run has removed it.
        """
        container_id, has_healthcheck = self._engine.copy_standby(standby_id, name)
        return self._start(Started(container_id, name, has_healthcheck))

    def _start(self, created: Started) -> Started:
        watch = None
        if self.readiness:
            watch = self._engine.watch(created.id, created.name, self.readiness.log)
        self._engine.start(created.id, created.name)
        started = replace(created, at=time.monotonic(), watch=watch, ready=watch is None)
        self._mine[started.id] = started
        return started

    def await_ready(self, started: Started, patience: float | None = None) -> None:
        """Return once an instance is ready, or the patience is at its end.

        :param patience: seconds for which it is waited for; None for as long as it may take.
        :raises NotReadyError: it did not become so.
        :raises OvertakenError: another run, or a person, has stopped it.
        """
        if started.watch is None or self.readiness is None:
            return

        def health() -> str | None:
            return self._engine.health(started.id, started.name)

        asked = health if started.has_healthcheck else None
        try:
            await_ready(self.readiness, started.watch, started.at, asked, patience)
        except StillStartingError:
            return
        except NotReadyError as exc:
            del self._mine[started.id]
            if exc.exited and self._was_stopped(started):
                raise OvertakenError(f"{started.name} was stopped before it was ready.") from exc
            # The silence may be that of the engine.
            self._engine.check_answers()
            raise
        self._mine[started.id] = replace(started, ready=True)

    def await_added(self, started: Started) -> None:
        """As await_ready, for an instance that replaces nothing: after wait_added it is left to start."""
        self.await_ready(started, self.readiness.added if self.readiness else None)

    def is_ready(self, one: Instance) -> bool:
        """Whether an instance that another run has started is ready as far as can be seen now."""
        if self.readiness is None or one.id in self._mine:
            return True
        if self.readiness.when == "running":
            return one.state == "running" and one.age >= self.readiness.after
        if one.health is not None:
            return one.health == "healthy"
        return self._engine.has_logged(one.id, one.name, self.readiness.log)

    def has_had_its_time(self, one: Instance) -> bool:
        """Whether an instance that is not ready yet should be so by now."""
        return self.readiness is not None and one.age >= self.readiness.timeout

    def fallen(self, observed: t.Iterable[Instance]) -> list[dict[str, t.Any]]:
        """Rows, as failure makes them, of the instances that this run has started and that do not serve any more.

        One that another run stopped is none of them, nor is one that ended with code 0, because Evento Server told it
        to.
        """
        there = {one.id: one for one in observed}
        rows = []
        for started in list(self._mine.values()):
            fault = self._fault(started, there.get(started.id))
            if fault:
                rows.append(
                    self.failure(started, fault, "after it was ready" if started.ready else "before it was ready")
                )
        return rows

    def _fault(self, started: Started, one: Instance | None) -> NotReadyError | None:
        watch = started.watch
        if watch and (one is None or not one.live or one.state == "restarting"):
            watch.join(_LAST_WORDS)
        if one is None or not one.live:
            del self._mine[started.id]
        if watch and watch.exited:
            told_to = watch.exit_code == 0 or self._was_stopped(started)
            return None if told_to else NotReadyError("exited", exited=True)
        if one is None or one.serving or not one.live:
            return None
        when = "after it was ready" if started.ready else "before it was ready"
        return NotReadyError(f"{'became unhealthy' if one.health == 'unhealthy' else f'was {one.state}'} {when}")

    def _was_stopped(self, started: Started) -> bool:
        return self._engine.was_stopped(started.id, time.monotonic() - started.at)

    def failure(self, started: Started, exc: NotReadyError, when: str = "before it was ready") -> dict[str, t.Any]:
        """A row of the result's failures: what is known of an instance that does not serve."""
        watch = started.watch
        code = watch.exit_code if watch and exc.exited else None
        exited = f"exited with {exit_code_in_words(code, self._blueprint.image_labels)} {when}"
        logs = [self._clean(line) for line in watch.tail] if watch else []
        reason = exited if exc.exited else str(exc)
        return {"name": started.name, "exit_code": code, "reason": reason, "logs": logs}
