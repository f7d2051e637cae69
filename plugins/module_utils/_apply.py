# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""Does what a plan says. Makes no decisions."""

from __future__ import annotations

import itertools
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.evento.docker.plugins.module_utils import _labels as label
from ansible_collections.evento.docker.plugins.module_utils._container import ContainerSpec
from ansible_collections.evento.docker.plugins.module_utils._engine import Engine, OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._errors import NOT_READY, EventoError
from ansible_collections.evento.docker.plugins.module_utils._model import Action
from ansible_collections.evento.docker.plugins.module_utils._readiness import NotReadyError, Readiness, await_ready
from ansible_collections.evento.docker.plugins.module_utils._watch import Watch


@dataclass(frozen=True)
class Blueprint:
    """What new instances are made from.

    :param fingerprint: that of container and image together.
    :param image_labels: those of the image, which may say what its exit codes mean.
    :param has_healthcheck: whether an instance will have a health check.
    :param readiness: what an instance must show; None where nobody waits for it.
    """

    container: ContainerSpec
    fingerprint: str
    image_labels: t.Mapping[str, str]
    has_healthcheck: bool
    readiness: Readiness | None


@dataclass(frozen=True)
class _Started:
    """An instance that has been started and may not be ready yet."""

    id: str
    name: str
    at: float
    watch: Watch | None


class Executor:
    """Carries out actions on an engine.

    :param blueprint: None where nothing will be started.
    :param stop_timeout: seconds between SIGTERM and SIGKILL.
    :param clean: takes secrets out of an instance's log.
    :param announce: is told of each action before it takes effect.
    """

    def __init__(
        self,
        engine: Engine,
        blueprint: Blueprint | None,
        stop_timeout: int,
        clean: t.Callable[[str], str],
        announce: t.Callable[[Action], None],
    ) -> None:
        self._engine = engine
        self._blueprint = blueprint
        self._stop_timeout = stop_timeout
        self._clean = clean
        self._announce = announce
        self.done: list[Action] = []

    def run(self, actions: t.Sequence[Action]) -> None:
        """Carry out one step: actions of no replacement, side by side where they are of one kind, or one replacement.

        What was carried out is added to done, whatever happens next.

        :raises OvertakenError: another run was faster; observe and plan again.
        :raises EventoError: an action failed; its result has exit code and log of an instance that did not get ready.
        """
        if actions[0].replacement:
            self._replace(actions)
            return
        for what, same in itertools.groupby(actions, key=lambda action: action.what):
            batch = list(same)
            if what == "start":
                self._start_all(batch)
            else:
                _raise_first(self._each(self._take_away, batch))

    @property
    def _new(self) -> Blueprint:
        # A plan has starts only where there is something to make them from.
        return t.cast(Blueprint, self._blueprint)

    def _start_all(self, actions: t.Sequence[Action]) -> None:
        outcomes = self._each(self._start, actions)
        failures = []
        for outcome in outcomes:
            if isinstance(outcome, _Started):
                try:
                    self._await(outcome)
                except NotReadyError as exc:
                    failures.append(self._failure(outcome, exc))
                    if exc.exited:
                        self._engine.remove(outcome.id, outcome.name)
        if failures:
            raise _not_ready(failures)
        _raise_first(outcomes)

    def _replace(self, actions: t.Sequence[Action]) -> None:
        new: _Started | None = None
        for action in actions:
            if action.what == "start":
                new = self._start(action)
                self._await_replacement(new, next(other for other in actions if other.what == "stop"))
            elif action.what == "rename" and new:
                self._announce(action)
                self._engine.rename(new.id, action.which, action.to)
                self.done.append(action)
            else:
                self._take_away(action)

    def _await_replacement(self, new: _Started, stop: Action) -> None:
        try:
            self._await(new)
        except NotReadyError as exc:
            failure = self._failure(new, exc)
            if stop in self.done:
                # There is nothing to go back to, so one that still runs is better than none.
                if exc.exited:
                    self._engine.remove(new.id, new.name)
                end = f"the old {stop.which} was stopped to make room for it and is gone"
            else:
                self._engine.remove(new.id, new.name)
                end = f"it was removed, and the old {stop.which}, which it was to replace, still runs"
            raise _not_ready([failure], end) from exc

    def _start(self, action: Action) -> _Started:
        self._announce(action)
        blueprint, name = self._new, action.which
        config = blueprint.container.config(action.slot, blueprint.fingerprint)
        container_id = self._engine.create(name, config, blueprint.container.further_networks)
        watch = None
        if blueprint.readiness and not blueprint.readiness.immediate:
            watch = self._engine.watch(container_id, name, blueprint.readiness.log)
        self._engine.start(container_id, name)
        self.done.append(action)
        return _Started(container_id, name, time.monotonic(), watch)

    def _await(self, started: _Started) -> None:
        new = self._new
        if started.watch is None or new.readiness is None:
            return

        def health() -> str | None:
            return self._engine.health(started.id, started.name)

        await_ready(new.readiness, started.watch, started.at, health if new.has_healthcheck else None)

    def _take_away(self, action: Action) -> None:
        self._announce(action)
        if action.what == "stop":
            self._engine.stop(action.container_id, action.which, self._stop_timeout)
        elif action.what == "remove":
            self._engine.remove(action.container_id, action.which)
        else:
            self._engine.rename(action.container_id, action.which, action.to)
        self.done.append(action)

    def _each(self, do: t.Callable[[Action], t.Any], actions: t.Sequence[Action]) -> list[t.Any]:
        """The results of all, in order; an EventoError stands in the place of the result."""

        def attempt(action: Action) -> t.Any:
            try:
                return do(action)
            except EventoError as exc:
                return exc

        if len(actions) == 1:
            return [attempt(actions[0])]
        # Imported here, because most runs have one thing to do at most.
        from concurrent.futures import ThreadPoolExecutor

        # More threads than CPUs bring nothing: the engine is what takes the time.
        with ThreadPoolExecutor(max_workers=max(1, self._engine.cpus())) as pool:
            return list(pool.map(attempt, actions))

    def _failure(self, started: _Started, exc: NotReadyError) -> dict[str, t.Any]:
        watch = started.watch
        code = watch.exit_code if watch and exc.exited else None
        reason = str(exc)
        if exc.exited:
            meaning = self._new.image_labels.get(f"{label.EXIT_CODE_PREFIX}{code}")
            told = "an unknown code" if code is None else f"code {code}"
            reason = f"exited with {told}{f' ({meaning})' if meaning else ''} before it was ready"
        logs = [self._clean(line) for line in watch.tail] if watch else []
        return {"name": started.name, "exit_code": code, "reason": reason, "logs": logs}


def _not_ready(failures: list[dict[str, t.Any]], end: str = "") -> EventoError:
    reasons = "; ".join(f"{failure['name']} {failure['reason']}" for failure in failures)
    return EventoError(f"{reasons}{f'; {end}' if end else ''}.", NOT_READY, failures=failures)


def _raise_first(outcomes: t.Iterable[t.Any]) -> None:
    """Raise what went wrong, a fault rather than another run's doing."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, EventoError)]
    for error in sorted(errors, key=lambda error: isinstance(error, OvertakenError)):
        raise error
