# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""Does what a plan says. Makes no decisions."""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._engine import Engine
from ansible_collections.evento.docker.plugins.module_utils._errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._launch import Launcher, Started, not_ready
from ansible_collections.evento.docker.plugins.module_utils._model import Action, Instance
from ansible_collections.evento.docker.plugins.module_utils._observer import OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._readiness import NotReadyError
from ansible_collections.evento.docker.plugins.module_utils._swap import Swap

T = t.TypeVar("T")


class Executor:
    """Carries out actions on an engine.

    :param launcher: starts instances; None where nothing will be started.
    :param stop_timeout: seconds between SIGTERM and SIGKILL.
    :param announce: is told of each action before it takes effect.
    """

    def __init__(
        self, engine: Engine, launcher: Launcher | None, stop_timeout: int, announce: t.Callable[[Action], None]
    ) -> None:
        self._engine = engine
        self.launcher = launcher
        self._stop_timeout = stop_timeout
        self._announce = announce
        self._cpus = 0
        self.done: list[Action] = []

    def run(self, actions: t.Sequence[Action]) -> None:
        """Carry out one step: actions of no replacement, side by side where they are of one kind, or one replacement.

        What was carried out is added to done, whatever happens next.

        :raises OvertakenError: another run was faster; observe and plan again.
        :raises EventoError: an action failed; its result has exit code and log of an instance that did not get ready.
        """
        if actions[0].replacement and self.launcher:
            Swap(self._engine, self.launcher, self._stop, self._discard, self._announce, self.done).run(actions)
            return
        for what, same in itertools.groupby(actions, key=lambda action: action.what):
            batch = list(same)
            if what == "start" and self.launcher:
                self._start_all(self.launcher, batch)
            else:
                outcomes = self._each(self._take_away, batch)
                # In the order of the plan, whichever was done first.
                self.done += [one for one, outcome in zip(batch, outcomes) if not isinstance(outcome, EventoError)]
                _raise_first(outcomes)

    def prove(self, one: Instance, replaces_live: bool) -> None:
        """Wait until an instance that another run has started is ready, or does not become so in time.

        :param replaces_live: what it replaces still runs, so that it is removed if it does not become ready.
        :raises OvertakenError: it has ended.
        :raises EventoError: it was removed.
        """
        launcher = t.cast(Launcher, self.launcher)
        started = launcher.follow(one)
        try:
            launcher.await_ready(started)
        except NotReadyError as exc:
            if exc.exited:
                raise OvertakenError(f"{one.name}, which another run started, has ended.") from exc
            if replaces_live:
                self._discard(Action("remove", one.name, f"it {exc}", one.id))
                end = "it was removed, and the old one, which it was to replace, still runs"
                raise not_ready([launcher.failure(started, exc)], end) from exc

    def _start_all(self, launcher: Launcher, actions: t.Sequence[Action]) -> None:
        for action in actions:
            self._announce(action)
        created = self._each(launcher.create, actions)
        made = {one.id: action for one, action in zip(created, actions) if isinstance(one, Started)}
        launcher.admit(made)
        outcomes = self._each(launcher.launch, [one for one in created if isinstance(one, Started)])
        started = [one for one in outcomes if isinstance(one, Started)]
        self.done += [made[one.id] for one in started]
        failures = []
        for one in started:
            try:
                launcher.await_ready(one)
            except NotReadyError as exc:
                failures.append(launcher.failure(one, exc))
                if exc.exited:
                    self._engine.remove(one.id, one.name)
            except OvertakenError as exc:
                outcomes.append(exc)
        if failures:
            raise not_ready(failures)
        _raise_first([*created, *outcomes])

    def _take_away(self, action: Action) -> None:
        self._announce(action)
        if action.what == "stop":
            if action.claimed:
                self._engine.claim(action.container_id, action.which)
            self._engine.stop(action.container_id, action.which, self._stop_timeout)
        elif action.what == "remove":
            self._engine.clear(action.container_id, action.which)
        else:
            self._engine.rename(action.container_id, action.which, action.to)

    def _stop(self, action: Action) -> None:
        self._take_away(action)
        self.done.append(action)

    def _discard(self, action: Action) -> None:
        """Remove an instance that did not become ready, at once: it serves nobody."""
        self._announce(action)
        self._engine.remove(action.container_id, action.which)
        self.done.append(action)

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
        self._cpus = self._cpus or self._engine.cpus()
        with ThreadPoolExecutor(max_workers=max(1, self._cpus)) as pool:
            return list(pool.map(attempt, subjects))


def _raise_first(outcomes: t.Iterable[t.Any]) -> None:
    """Raise what went wrong, a fault rather than another run's doing."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, EventoError)]
    for error in sorted(errors, key=lambda error: isinstance(error, OvertakenError)):
        raise error
