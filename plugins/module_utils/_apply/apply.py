# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries out what belongs to no replacement, side by side; what a replacement needs of that is here, too."""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._apply.failures import not_ready
from ansible_collections.evento.docker.plugins.module_utils._apply.launch import Launcher, Started
from ansible_collections.evento.docker.plugins.module_utils._apply.readiness import NotReadyError
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError, OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._engine.engine import Engine
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Action, Batch, Remove, Start

T = t.TypeVar("T")


class Executor:
    """Acts on an engine.

    :param launcher: starts instances; None where nothing will be started.
    :param stop_timeout: seconds between SIGTERM and SIGKILL.
    :param keeps_ended: whether an instance that has ended by itself is left for a look at it.
    :param announce: is told of each action before it takes effect.
    """

    def __init__(
        self,
        engine: Engine,
        launcher: Launcher | None,
        stop_timeout: int,
        keeps_ended: bool,
        announce: t.Callable[[Action], None],
    ) -> None:
        self.engine = engine
        self._launcher = launcher
        self._stop_timeout = stop_timeout
        self._keeps_ended = keeps_ended
        self.announce = announce
        self._cpus = 0
        self.done: list[Action] = []

    @property
    def launcher(self) -> Launcher:
        """What starts instances; only a run that is to start some has it."""
        return t.cast(Launcher, self._launcher)

    def run(self, batch: Batch) -> None:
        """Carry out steps, those of one kind side by side.

        What was carried out is added to done, whatever happens next.

        :raises OvertakenError: another run was faster; observe and plan again.
        :raises EventoError: a step failed; its result has exit code and log of an instance that did not get ready.
        """
        for what, same in itertools.groupby(batch, key=lambda step: step.actions[0].what):
            steps = list(same)
            if what == "start":
                self._start_all(t.cast("list[Start]", steps))
            else:
                outcomes = self._each(self._take_away, t.cast("list[Remove]", steps))
                # In the order of the plan, whichever was done first.
                for step, outcome in zip(steps, outcomes):
                    self.done += [] if isinstance(outcome, EventoError) else step.actions
                _raise_first(outcomes)

    def stop(self, action: Action) -> None:
        """Stop an instance."""
        self.announce(action)
        self.engine.stop(action.container_id, action.which, self._stop_timeout)
        self.done.append(action)

    def discard(self, container_id: str, name: str, reason: str) -> None:
        """Remove an instance that did not become ready, at once: it serves nobody."""
        action = Action("remove", name, reason, container_id)
        self.announce(action)
        self.engine.remove(container_id, name)
        self.done.append(action)

    def is_held_up(self, batch: Batch) -> bool:
        """Whether steps have to wait for an instance of another run that is not ready yet.

        :raises OvertakenError: it did not become ready in its time, and was removed.
        """
        awaited = {step.after.id: step.after for step in batch if isinstance(step, Remove) and step.after}
        unready = [one for one in awaited.values() if not self.launcher.is_ready(one)]
        for one in unready:
            if self.launcher.has_had_its_time(one):
                self.discard(one.id, one.name, "did not report itself ready in time")
                raise OvertakenError(f"{one.name}, which another run started, did not become ready.")
        return bool(unready)

    def check(self, observed: t.Iterable[Instance]) -> None:
        """Look after the instances that this run has started.

        :raises EventoError: one of them does not serve any more.
        """
        fallen = self._launcher.fallen(observed) if self._launcher else []
        if fallen:
            raise not_ready(fallen)

    def _start_all(self, steps: t.Sequence[Start]) -> None:
        for step in steps:
            self.announce(step.actions[0])
        created = self._each(self.launcher.create, steps)
        made = {one.id: step for one, step in zip(created, steps) if isinstance(one, Started)}
        self.launcher.admit({**made})
        outcomes = self._each(self.launcher.launch, [one for one in created if isinstance(one, Started)])
        started = [one for one in outcomes if isinstance(one, Started)]
        for one in started:
            self.done += made[one.id].actions
        failures = []
        for one in started:
            try:
                self.launcher.await_added(one)
            except NotReadyError as exc:
                failures.append(self.launcher.failure(one, exc))
                if exc.exited and not self._keeps_ended:
                    self.engine.remove(one.id, one.name)
            except OvertakenError as exc:
                outcomes.append(exc)
        if failures:
            raise not_ready(failures)
        _raise_first([*created, *outcomes])

    def _take_away(self, step: Remove) -> None:
        self.announce(step.actions[0])
        if step.one.live:
            self.engine.stop(step.one.id, step.one.name, self._stop_timeout)
        else:
            self.engine.clear(step.one.id, step.one.name)

    def _each(self, do: t.Callable[[T], t.Any], subjects: t.Sequence[T]) -> list[t.Any]:
        """The results of all, in order; an EventoError stands in the place of the result."""

        def attempt(subject: T) -> t.Any:
            try:
                return do(subject)
            except EventoError as exc:
                return exc

        if len(subjects) <= 1:
            return [attempt(subject) for subject in subjects]
        # Imported here, because most runs have one thing to do at most.
        from concurrent.futures import ThreadPoolExecutor

        # More threads than CPUs bring nothing: the engine is what takes the time.
        self._cpus = self._cpus or self.engine.cpus()
        with ThreadPoolExecutor(max_workers=max(1, self._cpus)) as pool:
            return list(pool.map(attempt, subjects))


def _raise_first(outcomes: t.Iterable[t.Any]) -> None:
    """Raise what went wrong, a fault rather than another run's doing."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, EventoError)]
    for error in sorted(errors, key=lambda error: isinstance(error, OvertakenError)):
        raise error
