# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what is there to what is wanted, in as many looks as it takes."""

from __future__ import annotations

import math
import random
import time
import typing as t
from contextlib import nullcontext
from dataclasses import replace

from ansible_collections.evento.docker.plugins.module_utils._apply.apply import Executor
from ansible_collections.evento.docker.plugins.module_utils._apply.starts import Starts
from ansible_collections.evento.docker.plugins.module_utils._apply.swap import swap
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError, OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._plan.plan import plan
from ansible_collections.evento.docker.plugins.module_utils._plan.request import Request
from ansible_collections.evento.docker.plugins.module_utils._plan.scene import is_stale
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import (
    Action,
    Remove,
    Replace,
    Start,
    Step,
    first_batch,
)

# How long a run may get no further because of others, in seconds, beyond the time that an instance has to get ready.
_PATIENCE = 120.0
# Between two looks at what a batch did not change, in seconds.
_PAUSE = 0.1


def remaining(request: Request, done: t.Iterable[Action]) -> Request:
    """The request less what of its scale_by has been done already."""
    started = sum(action.slot is not None for action in done)
    return replace(request, scale_by=max(0, request.scale_by - started)) if request.scale_by else request


def converge(
    executor: Executor,
    observed: list[Instance],
    steps: list[Step],
    prepare: t.Callable[[list[Step], list[Step]], None],
    starts: Starts | None = None,
) -> tuple[list[Instance], bool]:
    """Carry out a plan batch by batch, with a look and a new plan after each: others act on this engine, too.

    It comes to an end because there is less and less left to do, or for too long there is not.

    :param observed: the first look.
    :param steps: the plan made from it.
    :param prepare: is given each batch, and the whole plan that it belongs to, before it is carried out.
    :param starts: limits those of many bundles, and it is this one's turn; None where there is only this one.
    :returns: what is there in the end, and whether a newer publish of the bundle has taken over.
    :raises EventoError: a step failed, or an instance that this run started did not stay ready.
    """
    engine, bundle, request = executor.engine, executor.bundle, executor.request
    patience = _PATIENCE + (executor.readiness.timeout if executor.readiness else 0)
    least, deadline = len(steps), math.inf
    while steps:
        with starts.share(first_batch(steps)) if starts else nullcontext(first_batch(steps)) as batch:
            prepare(batch, steps)
            obstacle = _carry_out(executor, batch)
        observed = engine.observe_settled(bundle.id)
        if request.state == "started" and is_stale(bundle.updated_at, observed):
            return observed, True
        executor.check(observed)
        if obstacle:
            request = replace(request, blocked=engine.foreign_slots(request.slug, bundle.id))
        planned, steps = steps[len(batch) :], plan(remaining(request, executor.done), observed)
        if not obstacle:
            steps = _without_more_starts(steps, planned)
        if len(steps) < least:
            least, deadline = len(steps), math.inf
            continue
        deadline = min(deadline, time.monotonic() + patience)
        if time.monotonic() > deadline:
            raise EventoError(
                f"Other runs have been changing the instances of {bundle.title} for {patience:.0f} s."
                f" {obstacle or 'They undo what this one does.'} Let all of them deploy the same bundle with the same"
                " options, and run again once they have ended."
            )
        if not obstacle:
            time.sleep(_PAUSE)
    return observed, False


def _carry_out(executor: Executor, batch: list[Step]) -> str:
    """Do what can be done; returns how another run was faster, in a sentence, which is empty where none was."""
    try:
        if isinstance(batch[0], Replace):
            swap(executor, batch[0])
        elif isinstance(batch[0], Start):
            executor.start(t.cast(list[Start], batch))
        else:
            executor.remove(t.cast(list[Remove], batch))
    except OvertakenError as exc:
        # Runs that collided once should not do so in step again.
        time.sleep(random.uniform(0.05, 0.3))
        return str(exc)
    return ""


def _without_more_starts(steps: list[Step], planned: list[Step]) -> list[Step]:
    """A plan, with no more starts than were planned: what ends after it was ready is not started for ever."""
    beyond = _plain_starts(steps)[len(_plain_starts(planned)) :]
    return [step for step in steps if step not in beyond]


def _plain_starts(steps: list[Step]) -> list[Step]:
    return [step for step in steps if isinstance(step, Start) and not isinstance(step, Replace)]
