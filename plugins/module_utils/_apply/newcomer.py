# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One instance that a run starts: seeing it become ready, and what is told of it where it does not."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass

from ansible_collections.evento.docker.plugins.module_utils._apply.backend import Backend, Watch
from ansible_collections.evento.docker.plugins.module_utils._apply.readiness import (
    NotReadyError,
    Readiness,
    await_ready,
)
from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import DIRECTORY
from ansible_collections.evento.docker.plugins.module_utils._artifact.delivery import Delivery
from ansible_collections.evento.docker.plugins.module_utils._base.errors import NOT_READY, EventoError, OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._container import labels as label
from ansible_collections.evento.docker.plugins.module_utils._container.spec import ContainerSpec
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Action

# For the end of an instance's log, once the engine does not list it any more, in seconds.
_LAST_WORDS = 2.0
_BEFORE, _AFTER = "before it was ready", "after it was ready"

# A row of the result's failures: what is known of an instance that does not serve.
Failure = dict[str, t.Any]


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


@dataclass
class Newcomer:
    """An instance that this run has created, and perhaps started.

    :param action: tells of its start.
    :param has_healthcheck: whether the engine looks after its health.
    """

    engine: Backend
    blueprint: Blueprint
    id: str
    action: Action
    has_healthcheck: bool
    _watch: Watch | None = None
    _started_at: float = 0.0
    _ready: bool = False

    @property
    def name(self) -> str:
        return self.action.which

    @property
    def exited(self) -> bool:
        """Whether it was seen to end."""
        return bool(self._watch and self._watch.exited)

    @property
    def starting(self) -> bool:
        """Whether it has not reported itself ready until now."""
        reported = self._watch and self._watch.reported and not self.has_healthcheck
        return not (self._ready or reported)

    def start(self) -> Newcomer:
        """Start it, with its JAR; returns itself.

        :raises OvertakenError: another run has removed it.
        """
        # One that is brought back has its JAR.
        if self.blueprint.delivery and self.action.slot is not None:
            self.engine.put_archive(self.id, self.name, DIRECTORY, self.blueprint.delivery.archive())
        readiness = self.blueprint.readiness
        if readiness:
            self._watch = self.engine.watch(self.id, self.name, readiness.log)
        self.engine.start(self.id, self.name)
        self._started_at, self._ready = time.monotonic(), readiness is None
        return self

    def await_ready(self, patience: float | None = None) -> Failure | None:
        """Return once it is ready, or the patience is at its end; or what there is to tell where it has failed.

        :param patience: seconds for which it is waited for; None for as long as it may take.
        :raises OvertakenError: another run, or a person, has stopped it.
        """
        if self._watch is None or self.blueprint.readiness is None:
            return None
        health = (lambda: self.engine.health(self.id, self.name)) if self.has_healthcheck else None
        try:
            self._ready = await_ready(self.blueprint.readiness, self._watch, self._started_at, health, patience)
        except NotReadyError as exc:
            if exc.exited and self._was_stopped():
                raise OvertakenError(f"{self.name} was stopped before it was ready.") from exc
            # The silence may be that of the engine.
            self.engine.check_answers()
            return self._failure("" if exc.exited else str(exc))
        return None

    def fall(self, one: Instance | None) -> Failure | None:
        """What there is to tell where it does not serve any more.

        That another run stopped it is none of its faults, nor that it ended with code 0, because Evento Server told
        it to.

        :param one: as it is now; None where it does not run.
        """
        if self._watch and (one is None or one.state == "restarting"):
            self._watch.join(_LAST_WORDS)
        if self._watch and self.exited:
            return None if self._watch.exit_code == 0 or self._was_stopped() else self._failure()
        if one is None or one.serving:
            return None
        change = "became unhealthy" if one.health == "unhealthy" else f"was {one.state}"
        return self._failure(f"{change} {_AFTER if self._ready else _BEFORE}")

    def _was_stopped(self) -> bool:
        return self.engine.was_stopped(self.id, time.monotonic() - self._started_at)

    def _failure(self, reason: str = "") -> Failure:
        """:param reason: continues its name to a sentence; empty where it has ended."""
        code = self._watch.exit_code if self._watch and not reason else None
        words = exit_code_in_words(code, self.blueprint.image_labels)
        logs = [self.engine.clean(line) for line in self._watch.tail] if self._watch else []
        reason = (
            reason
            or (self._watch.ending if self._watch else "")
            or f"exited with {words} {_AFTER if self._ready else _BEFORE}"
        )
        node = self._watch.node if self._watch else None
        return {"name": self.name, "node": node, "exit_code": code, "reason": reason, "logs": logs}


def exit_code_in_words(code: int | None, image_labels: t.Mapping[str, str]) -> str:
    """An exit code, and what it means where the image says so."""
    meaning = image_labels.get(f"{label.EXIT_CODE_PREFIX}{code}")
    told = "an unknown code" if code is None else f"code {code}"
    return f"{told} ({meaning})" if meaning else told


def not_ready(failures: list[Failure], end: str = "") -> EventoError:
    """The error for instances that did not become ready, or did not stay so.

    :param end: what became of them and of what they were to replace.
    """
    reasons = "; ".join(f"{failure['name']} {failure['reason']}" for failure in failures)
    return EventoError(f"{reasons}{f'; {end}' if end else ''}.", NOT_READY, failures=failures)
