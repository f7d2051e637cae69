# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws of the plan: they hold for every request and whatever is found on the engine."""

from __future__ import annotations

import typing as t

from hypothesis import assume

from ansible_collections.evento.docker.plugins.module_utils._converge import next_step, remaining
from ansible_collections.evento.docker.plugins.module_utils._model import Action, Instance
from ansible_collections.evento.docker.plugins.module_utils._plan import is_up_to_date, plan
from ansible_collections.evento.docker.plugins.module_utils._request import Request
from tests.laws import law
from tests.unit.plugins.module_utils.engine_model import Model, situations

Situation = tuple[Request, list[Instance]]
always = law(situations(), short=200, long=20_000)


def carried_out(observed: t.Iterable[Instance], actions: t.Iterable[Action]) -> Model:
    model = Model(observed)
    for action in actions:
        model.do(action)
    return model


@always
def test_applying_twice_is_applying_once(situation: Situation) -> None:
    request, observed = situation
    actions = plan(request, observed)
    after = carried_out(observed, actions).there
    assert plan(remaining(request, actions), after) == []


@always
def test_step_by_step_is_the_same_as_at_once(situation: Situation) -> None:
    request, observed = situation
    # What another run has begun to stop goes at a moment that nobody can know, and makes room then.
    assume(not any(one.leaving for one in observed))
    at_once = actions = plan(request, observed)
    done: list[Action] = []
    model = Model(observed)
    while actions:
        step = next_step(actions)
        for action in step:
            model.do(action)
        done += step
        actions = plan(remaining(request, done), model.there)
    assert [(one.what, one.which, one.why, one.to) for one in done] == [
        (one.what, one.which, one.why, one.to) for one in at_once
    ]


@always
def test_ends_within_the_limits_and_up_to_date(situation: Situation) -> None:
    request, observed = situation
    after = carried_out(observed, plan(request, observed)).there
    if request.state == "stopped":
        assert after == []
        return
    assert max(1, request.minimum) <= len(after) <= request.maximum
    assert all(is_up_to_date(request, one) for one in after)
    slots = {one.slot for one in after}
    assert len(slots) == len(after)
    assert all(slot is not None and slot <= request.last_slot for slot in slots)
    if request.instances is not None:
        assert len(after) == request.instances


@always
def test_never_above_the_maximum_but_for_one_replacement(situation: Situation) -> None:
    request, observed = situation
    model = Model(observed)
    for action in plan(request, observed):
        model.do(action)
        if action.what == "start":
            assert model.live <= request.maximum + action.beside


@always
def test_healthy_instances_never_fall_below_the_minimum(situation: Situation) -> None:
    request, observed = situation
    if request.state == "stopped":
        return
    model = Model(observed)
    actions = plan(request, observed)
    # Stop-first is one short for the time of each replacement; that is what the word says. So is a found half of a
    # start-first replacement that has to make room at the maximum.
    short = any(action.replacement and not action.beside for action in actions if action.what == "start")
    short |= any(one.id in {other.replaces for other in observed} for one in observed)
    # An instance that another run has begun to stop goes in any case.
    staying = sum(one.serving and not one.leaving for one in observed)
    least = min(staying, max(1, request.minimum)) - short
    for action in actions:
        model.do(action)
        assert model.serving >= least


@always
def test_only_what_was_found_is_touched_and_only_free_names_are_taken(situation: Situation) -> None:
    request, observed = situation
    found = {one.id: one.name for one in observed}
    started: set[str] = set()
    for action in plan(request, observed):
        if action.what == "start":
            started.add(action.which)
            taken = action.which
            assert action.container_id in {"", *found}
        elif action.what == "rename":
            taken = action.to
            assert action.which in started or found[action.container_id] == action.which
        else:
            assert found[action.container_id] == action.which
            continue
        prefix, _point, slot = taken.rpartition("-")
        assert prefix == request.slug
        assert not slot.isdecimal() or int(slot) not in request.blocked
