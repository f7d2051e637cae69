# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries out what a plan decides. Decides nothing itself."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.evento.docker.plugins.module_utils._apply.backend import Backend
from ansible_collections.evento.docker.plugins.module_utils._apply.newcomer import (
    Blueprint,
    Failure,
    Newcomer,
    not_ready,
)
from ansible_collections.evento.docker.plugins.module_utils._apply.readiness import Readiness
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError, OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._bundle.bundle import Bundle
from ansible_collections.evento.docker.plugins.module_utils._container import labels as label
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._plan.plan import must_yield
from ansible_collections.evento.docker.plugins.module_utils._plan.request import Request
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Action, Remove, Replace, Start

T = t.TypeVar("T")
# Between two looks at an instance of another run that is not ready yet, in seconds: many runs may look at it.
_PAUSE_FOR_OTHERS = 0.4
# How many calls to an engine wait for it side by side: more bring nothing, whatever its CPUs (make bench, row c).
_AT_ONCE = 8


@dataclass
class Executor:
    """Acts on an engine, for one bundle.

    :param request: what was wanted at the first look.
    :param blueprint: what new instances are made from; None where nothing will be started.
    :param stop_timeout: seconds between SIGTERM and SIGKILL.
    :param keeps_ended: whether an instance that has ended by itself is left for a look at it.
    :param announce: is told of each action before it takes effect.
    :param done: what was carried out, in order.
    :param newcomers: the instances that this run has started, as long as they run.
    """

    engine: Backend
    bundle: Bundle
    request: Request
    blueprint: Blueprint | None
    stop_timeout: int
    keeps_ended: bool
    announce: t.Callable[[Action], None]
    done: list[Action] = field(default_factory=list)
    newcomers: list[Newcomer] = field(default_factory=list)

    @property
    def readiness(self) -> Readiness | None:
        """What an instance must show; None where there is nothing to wait for."""
        return self.blueprint.readiness if self.blueprint else None

    def start(self, steps: t.Sequence[Start]) -> None:
        """Start instances that replace nothing, side by side, and see them ready for as long as those are watched.

        :raises OvertakenError: another run was faster; observe and plan again.
        :raises EventoError: one failed; its result has exit code and log of an instance that did not get ready.
        """
        added = self.readiness.added if self.readiness else None

        def see_ready(newcomer: Newcomer) -> Failure | None:
            failure = newcomer.await_ready(added)
            if failure and newcomer.exited and not self.keeps_ended:
                self.engine.remove(newcomer.id, newcomer.name)
            return failure

        outcomes = [_attempt(see_ready, newcomer) for newcomer in self.launch(steps)]
        failures = [outcome for outcome in outcomes if isinstance(outcome, dict)]
        if failures:
            raise not_ready(failures)
        _raise_first(outcomes)

    def remove(self, steps: t.Sequence[Remove]) -> None:
        """Remove containers side by side, once what each of them waits for is ready.

        :raises OvertakenError: that is not ready, or another run was faster; observe and plan again.
        :raises EventoError: one could not be removed.
        """
        for one in {step.after.id: step.after for step in steps if step.after}.values():
            self._await_other(one)
        outcomes = self._each(self._take_away, steps)
        # In the order of the plan, whichever was done first.
        for step, outcome in zip(steps, outcomes):
            self.done += step.actions if outcome is None else []
        _raise_first(outcomes)

    def launch(self, steps: t.Sequence[Start]) -> list[Newcomer | EventoError]:
        """Create and start instances side by side; what went wrong stands in the place of one that was not started.

        :raises OvertakenError: another run was faster; what was created is removed.
        """
        for step in steps:
            self.announce(step.start)
        created = self._each(self._create, steps)
        made = {one.id: step for one, step in zip(created, steps) if isinstance(one, Newcomer)}
        # Every other run can see by now what this one has created.
        if made and must_yield(self.request, self.bundle.updated_at, self.engine.observe(self.bundle.id), made):
            for container_id, step in made.items():
                self.engine.remove(container_id, step.name)
            names = ", ".join(step.name for step in made.values())
            raise OvertakenError(f"Another run was faster than the start of {names}.")
        outcomes = self._each(Newcomer.start, created)
        self._note([one for one in outcomes if isinstance(one, Newcomer)])
        return outcomes

    def bring_back(self, standby_id: str, action: Action) -> Newcomer:
        """Start the instance that a standby is for.

        :raises OvertakenError: its name is taken, or another run has removed it.
        """
        self.announce(action)
        container_id, has_healthcheck = self.engine.copy_standby(standby_id, action.which)
        blueprint = t.cast(Blueprint, self.blueprint)
        newcomer = Newcomer(self.engine, blueprint, container_id, action, has_healthcheck).start()
        self._note([newcomer])
        return newcomer

    def stop(self, action: Action) -> None:
        """Stop an instance."""
        self.announce(action)
        self.engine.stop(action.container_id, action.which, self.stop_timeout)
        self.done.append(action)

    def discard(self, one: Newcomer | Instance, reason: str) -> None:
        """Remove an instance that did not become ready, at once: it serves nobody."""
        action = Action("remove", one.name, reason, one.id)
        self.announce(action)
        self.engine.remove(one.id, one.name)
        self.done.append(action)

    def check(self, observed: t.Iterable[Instance]) -> None:
        """Look after the instances that this run has started.

        :raises EventoError: one of them does not serve any more.
        """
        there = {one.id: one for one in observed if one.live}
        failures = [fall for one in self.newcomers if (fall := one.fall(there.get(one.id)))]
        self.newcomers = [one for one in self.newcomers if one.id in there]
        if failures:
            raise not_ready(failures)

    def _note(self, newcomers: list[Newcomer]) -> None:
        self.newcomers += newcomers
        self.done += [newcomer.action for newcomer in newcomers]

    def _create(self, step: Start) -> Newcomer:
        blueprint = t.cast(Blueprint, self.blueprint)
        config = blueprint.container.config(step.slot, blueprint.fingerprint)
        if isinstance(step, Replace):
            config["Labels"][label.REPLACES] = step.replaced_id
        if blueprint.delivery:
            config["Labels"][label.GRACE] = str(blueprint.delivery.grace)
        container_id = self.engine.create(step.name, config, blueprint.container.further_networks)
        return Newcomer(self.engine, blueprint, container_id, step.start, blueprint.has_healthcheck)

    def _take_away(self, step: Remove) -> None:
        self.announce(step.actions[0])
        if step.one.takes_room:
            self.engine.stop(step.one.id, step.one.name, self.stop_timeout)
        else:
            self.engine.clear(step.one.id, step.one.name)

    def _await_other(self, one: Instance) -> None:
        """:raises OvertakenError: an instance of another run is not ready yet; it is removed where it should be."""
        if self._is_ready(one):
            return
        if self.readiness and one.age >= self.readiness.timeout:
            self.discard(one, "did not report itself ready in time")
        else:
            time.sleep(_PAUSE_FOR_OTHERS)
        raise OvertakenError(f"{one.name}, which another run started, is not ready.")

    def _is_ready(self, one: Instance) -> bool:
        """Whether an instance that another run has started is ready as far as can be seen now."""
        readiness = self.readiness
        if readiness is None or one.id in [newcomer.id for newcomer in self.newcomers]:
            return True
        if readiness.when == "running":
            return one.state == "running" and one.age >= readiness.after
        if one.health is not None:
            return one.health == "healthy"
        return self.engine.has_logged(one.id, one.name, readiness.log)

    def _each(self, do: t.Callable[[T], t.Any], subjects: t.Sequence[T | EventoError]) -> list[t.Any]:
        """As _attempt, for all of them, side by side; the results in order."""
        if len(subjects) <= 1:
            return [_attempt(do, subject) for subject in subjects]
        # Imported here, because most runs have one thing to do at most.
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            return list(pool.map(lambda subject: _attempt(do, subject), subjects))


def _attempt(do: t.Callable[[T], t.Any], subject: T | EventoError) -> t.Any:
    """The result; an EventoError stands in its place, also one that stood in the place of the subject already."""
    try:
        return subject if isinstance(subject, EventoError) else do(subject)
    except EventoError as exc:
        return exc


def _raise_first(outcomes: t.Iterable[t.Any]) -> None:
    """Raise what went wrong, a fault rather than another run's doing."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, EventoError)]
    for error in sorted(errors, key=lambda error: isinstance(error, OvertakenError)):
        raise error
