# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""From what is there to what is wanted, in as many looks as it takes."""

from __future__ import annotations

import itertools
import random
import time
import typing as t
from dataclasses import replace

from ansible_collections.evento.docker.plugins.module_utils._apply import Executor
from ansible_collections.evento.docker.plugins.module_utils._bundle import Bundle
from ansible_collections.evento.docker.plugins.module_utils._engine import Engine
from ansible_collections.evento.docker.plugins.module_utils._errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._model import Action, Instance, slot_of
from ansible_collections.evento.docker.plugins.module_utils._observer import OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._plan import is_stale, is_up_to_date, plan
from ansible_collections.evento.docker.plugins.module_utils._request import Request

# How long runs may get into each other's way before one gives up, in seconds.
_PATIENCE = 120.0
# Between two looks at what a step did not change, in seconds.
_PAUSE = 0.1


def next_step(actions: t.Sequence[Action]) -> list[Action]:
    """What can be done before the next look: all that belongs to no replacement, else the first replacement.

    What has to wait for other runs' new instances is a step of its own, so that nothing else waits with it.
    """
    first = actions[0]
    return list(itertools.takewhile(lambda action: _group(action) == _group(first), actions))


def remaining(request: Request, done: t.Iterable[Action]) -> Request:
    """The request less what of its scale_by has been done already."""
    by = request.scale_by or 0
    if by > 0:
        by = max(0, by - sum(action.what == "start" for action in done))
    elif by < 0:
        by = min(0, by + sum(action.claimed for action in done))
    return replace(request, scale_by=by)


def converge(
    engine: Engine,
    executor: Executor,
    bundle: Bundle,
    request: Request,
    observed: list[Instance],
    actions: t.Sequence[Action],
    prepare: t.Callable[[t.Sequence[Action], t.Sequence[Action]], None],
) -> tuple[list[Instance], bool]:
    """Carry out a plan step by step, with a look and a new plan after each: others act on this engine, too.

    :param observed: the first look.
    :param actions: the plan made from it.
    :param prepare: is given each step, and the whole plan that it belongs to, before it is carried out.
    :returns: what is there in the end, and whether a newer publish of the bundle has taken over.
    :raises EventoError: a step failed.
    """
    since = 0.0
    budget = _fresh_starts(actions)
    while actions:
        step = next_step(actions)
        obstacle = ""
        try:
            if not _prove_newcomers(request, executor, observed, step):
                prepare(step, actions)
                executor.run(step)
                budget -= _fresh_starts(step)
        except OvertakenError as exc:
            obstacle = str(exc)
            request = replace(request, blocked=request.blocked | foreign_slots(engine, bundle.id, step))
            # Runs that collided once should not do so in step again.
            time.sleep(random.uniform(0.05, 0.3))
        observed = engine.observe_settled(bundle.id)
        if request.state == "started" and is_stale(bundle.updated_at, observed):
            return observed, True
        before, actions = actions, plan(remaining(request, executor.done), observed)
        if obstacle:
            budget = _fresh_starts(actions)
        actions = _within(actions, budget)
        if not obstacle and actions == before:
            obstacle = f"To {before[0].what} {before[0].which} has no effect."
            time.sleep(_PAUSE)
        since = (since or time.monotonic()) if obstacle else 0.0
        if obstacle and time.monotonic() > since + _PATIENCE:
            raise EventoError(f"The instances of {bundle.title} do not come to rest: {obstacle} Run again.")
    return observed, False


def _prove_newcomers(
    request: Request, executor: Executor, observed: t.Sequence[Instance], step: t.Iterable[Action]
) -> bool:
    """Before a step that needs it, wait for new instances of other runs; whether there were any to wait for."""
    if executor.launcher is None or not any(action.guarded for action in step):
        return False
    ids = {one.id for one in observed if one.live}
    newcomers = [one for one in observed if is_up_to_date(request, one) and not one.leaving]
    unproven = [one for one in newcomers if not executor.launcher.is_proven(one, one.replaces in ids)]
    for one in unproven:
        executor.prove(one, one.replaces in ids)
    return bool(unproven)


def _group(action: Action) -> tuple[int, bool]:
    return action.replacement, action.guarded and not action.replacement


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


def foreign_slots(engine: Engine, bundle_id: str, actions: t.Iterable[Action]) -> frozenset[int]:
    """The slots that actions want to fill and whose names belong to containers that are not ours."""
    names = [action.to or action.which for action in actions if action.what in ("start", "rename")]
    slots = {name: slot_of(name) for name in names}
    return frozenset(slot for name, slot in slots.items() if slot is not None and engine.is_foreign(name, bundle_id))
