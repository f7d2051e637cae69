# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""From what is there to what is wanted, in as many looks as it takes."""

from __future__ import annotations

import random
import time
import typing as t
from dataclasses import replace

from ansible_collections.evento.docker.plugins.module_utils._apply import Executor
from ansible_collections.evento.docker.plugins.module_utils._bundle import Bundle
from ansible_collections.evento.docker.plugins.module_utils._engine import Engine, OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._model import Action, Instance
from ansible_collections.evento.docker.plugins.module_utils._plan import Request, is_stale, plan

# How long runs may get into each other's way before one gives up, in seconds.
_PATIENCE = 120.0


def next_step(actions: t.Sequence[Action]) -> list[Action]:
    """What can be done before the next look: all that belongs to no replacement, else the first replacement."""
    first = actions[0].replacement if actions else 0
    step = []
    for action in actions:
        if action.replacement != first:
            break
        step.append(action)
    return step


def remaining(request: Request, done: t.Iterable[Action]) -> Request:
    """The request less what of its scale_by has been done already."""
    by = request.scale_by or 0
    if by > 0:
        by = max(0, by - sum(action.what == "start" for action in done))
    elif by < 0:
        by = min(0, by + sum(action.what == "stop" and not action.replacement for action in done))
    return replace(request, scale_by=by)


def converge(
    engine: Engine,
    executor: Executor,
    bundle: Bundle,
    request: Request,
    observed: list[Instance],
    actions: t.Sequence[Action],
    check_token: t.Callable[[t.Sequence[Action], t.Sequence[Action]], None],
) -> tuple[list[Instance], bool]:
    """Carry out a plan step by step, with a look and a new plan after each: others act on this engine, too.

    :param observed: the first look.
    :param actions: the plan made from it.
    :param check_token: is given each step, and the whole plan that it belongs to, before it is carried out.
    :returns: what is there in the end, and whether a newer publish of the bundle has taken over.
    :raises EventoError: a step failed.
    """
    deadline = time.monotonic() + _PATIENCE
    budget = _fresh_starts(actions)
    while actions:
        step = next_step(actions)
        check_token(step, actions)
        overtaken = False
        try:
            executor.run(step)
            budget -= _fresh_starts(step)
        except OvertakenError as exc:
            if time.monotonic() > deadline:
                raise EventoError(
                    f"Other runs kept changing the instances of {bundle.title}: {exc} Run again."
                ) from exc
            overtaken = True
            request = replace(request, blocked=request.blocked | _foreign_slots(engine, bundle.id, step))
            # Runs that collided once should not do so in step again.
            time.sleep(random.uniform(0.05, 0.3))
        observed = engine.observe_settled(bundle.id)
        if request.state == "started" and is_stale(bundle.updated_at, observed):
            return observed, True
        actions = plan(remaining(request, executor.done), observed)
        if overtaken:
            budget = _fresh_starts(actions)
        actions = _within(actions, budget)
    return observed, False


def _fresh_starts(actions: t.Iterable[Action]) -> int:
    return sum(action.what == "start" and not action.replacement for action in actions)


def _within(actions: t.Iterable[Action], budget: int) -> list[Action]:
    """The actions, less starts beyond what was planned: what ends after it was ready is not started for ever."""
    kept = []
    for action in actions:
        fresh = _fresh_starts([action])
        if fresh <= budget:
            kept.append(action)
            budget -= fresh
    return kept


def _foreign_slots(engine: Engine, bundle_id: str, step: t.Iterable[Action]) -> frozenset[int]:
    """The slots of this step whose names belong to containers that are not ours."""
    starts = [action for action in step if action.what == "start"]
    return frozenset(int(one.which.rpartition("-")[2]) for one in starts if engine.is_foreign(one.which, bundle_id))
