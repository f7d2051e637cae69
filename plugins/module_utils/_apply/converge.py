# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what is there to what is wanted, in as many looks as it takes."""

from __future__ import annotations

import random
import time
import typing as t
from dataclasses import replace

from ansible_collections.evento.docker.plugins.module_utils._apply.apply import Executor
from ansible_collections.evento.docker.plugins.module_utils._apply.swap import swap
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError, OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._bundle.bundle import Bundle
from ansible_collections.evento.docker.plugins.module_utils._engine.engine import Engine
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._plan.plan import plan, plan_around
from ansible_collections.evento.docker.plugins.module_utils._plan.request import Request
from ansible_collections.evento.docker.plugins.module_utils._plan.scene import is_stale
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import (
    Action,
    Batch,
    Replace,
    Start,
    all_actions,
)

# How long runs may get into each other's way before one gives up, in seconds.
_PATIENCE = 120.0
# Between two looks at what a batch did not change, in seconds.
_PAUSE = 0.1
# Between two looks at an instance of another run that is not ready yet, in seconds: many runs may look at it.
_PAUSE_FOR_OTHERS = 0.5


def remaining(request: Request, done: t.Iterable[Action]) -> Request:
    """The request less what of its scale_by has been done already."""
    started = sum(action.slot is not None for action in done)
    return replace(request, scale_by=max(0, request.scale_by - started)) if request.scale_by else request


def converge(
    engine: Engine,
    executor: Executor,
    bundle: Bundle,
    request: Request,
    observed: list[Instance],
    batches: list[Batch],
    prepare: t.Callable[[Batch, list[Batch]], None],
    foreign_slots: t.Callable[[], frozenset[int]],
) -> tuple[list[Instance], bool]:
    """Carry out a plan batch by batch, with a look and a new plan after each: others act on this engine, too.

    :param observed: the first look.
    :param batches: the plan made from it.
    :param prepare: is given each batch, and the whole plan that it belongs to, before it is carried out.
    :param foreign_slots: as for plan_around.
    :returns: what is there in the end, and whether a newer publish of the bundle has taken over.
    :raises EventoError: a step failed, or an instance that this run started did not stay ready.
    """
    limits = _Limits(bundle, request, observed, batches)
    while batches:
        batch, obstacle, waits = batches[0], "", False
        try:
            waits = executor.is_held_up(batch)
            if waits:
                time.sleep(_PAUSE_FOR_OTHERS)
            else:
                prepare(batch, batches)
                _carry_out(executor, batch)
                limits.count(batch)
        except OvertakenError as exc:
            obstacle = str(exc)
            # Runs that collided once should not do so in step again.
            time.sleep(random.uniform(0.05, 0.3))
        observed = engine.observe_settled(bundle.id)
        if request.state == "started" and is_stale(bundle.updated_at, observed):
            return observed, True
        executor.check(observed)
        before, left = batches, remaining(request, executor.done)
        if obstacle:
            left, batches = plan_around(left, observed, foreign_slots)
            request = replace(request, blocked=left.blocked)
            limits.allow(batches)
        else:
            batches = limits.applied(plan(left, observed))
        if not obstacle and not waits and all_actions(batches) == all_actions(before):
            obstacle = f"To {batch[0].actions[0].what} {batch[0].actions[0].which} has no effect."
            time.sleep(_PAUSE)
        limits.meet(obstacle)
    return observed, False


def _carry_out(executor: Executor, batch: Batch) -> None:
    if isinstance(batch[0], Replace):
        swap(executor, batch[0])
    else:
        executor.run(batch)


class _Limits:
    """What a run does at the most, whatever it finds: it starts what was planned, and comes to an end."""

    def __init__(self, bundle: Bundle, request: Request, observed: t.Sized, batches: t.Iterable[Batch]) -> None:
        self._bundle = bundle
        # Another run may add instances of an older version for as long as it has not seen ours.
        self._replacements = len(observed) + request.maximum
        self._starts = 0
        self._obstacle_since: float | None = None
        self.allow(batches)

    def allow(self, batches: t.Iterable[Batch]) -> None:
        """Let as many instances be started as a plan says."""
        self._starts = sum(isinstance(step, Start) for batch in batches for step in batch)

    def count(self, batch: Batch) -> None:
        """Note what was carried out.

        :raises EventoError: it goes on and on.
        """
        self._starts -= sum(isinstance(step, Start) for step in batch)
        self._replacements -= isinstance(batch[0], Replace)
        if self._replacements < 0:
            raise EventoError(
                f"Other runs keep replacing the instances of {self._bundle.title}: let all of them deploy the same"
                " bundle with the same options."
            )

    def applied(self, batches: t.Iterable[Batch]) -> list[Batch]:
        """A plan, less starts beyond what was planned: what ends after it was ready is not started for ever."""
        kept, starts = [], self._starts
        for batch in batches:
            steps: Batch = []
            for step in batch:
                starts -= isinstance(step, Start)
                if not isinstance(step, Start) or starts >= 0:
                    steps.append(step)
            kept += [steps] if steps else []
        return kept

    def meet(self, obstacle: str) -> None:
        """Note what is in the way; empty where nothing is.

        :raises EventoError: something has been for too long.
        """
        if not obstacle:
            self._obstacle_since = None
            return
        self._obstacle_since = self._obstacle_since or time.monotonic()
        if time.monotonic() > self._obstacle_since + _PATIENCE:
            raise EventoError(
                f"Other runs have been changing the instances of {self._bundle.title} for {_PATIENCE:.0f} s."
                f" {obstacle} Run again once they have ended."
            )
