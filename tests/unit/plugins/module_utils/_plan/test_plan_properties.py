# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws of the plan: they hold for every request and whatever is found on the engine."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._apply.converge import remaining
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance, Phase
from ansible_collections.evento.docker.plugins.module_utils._plan.plan import count_once, plan
from ansible_collections.evento.docker.plugins.module_utils._plan.request import Request
from ansible_collections.evento.docker.plugins.module_utils._plan.scene import is_up_to_date
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import (
    Action,
    Remove,
    Replace,
    Start,
    Step,
    all_actions,
    first_batch,
    predict,
)
from tests.laws import law
from tests.unit.plugins.module_utils._plan.engine_model import NEWCOMER, Model, situations

Situation = tuple[Request, list[Instance]]
always = law(situations(), short=200, long=20_000)


def planned(situation: Situation) -> tuple[Request, list[Step]]:
    request, observed = situation
    request = count_once(request, observed)
    return request, plan(request, observed)


def carried_out(observed: t.Iterable[Instance], steps: t.Iterable[Step]) -> Model:
    model = Model(observed)
    model.carry_out(steps)
    return model


@always
def test_applying_twice_is_applying_once(situation: Situation) -> None:
    request, steps = planned(situation)
    after = carried_out(situation[1], steps).there
    assert plan(remaining(request, all_actions(steps)), after) == []


@always
def test_batch_by_batch_is_the_same_as_at_once(situation: Situation) -> None:
    request, steps = planned(situation)
    at_once = all_actions(steps)
    done: list[Action] = []
    model = Model(situation[1])
    while steps:
        model.carry_out(first_batch(steps))
        done += all_actions(first_batch(steps))
        steps = plan(remaining(request, done), model.there)
    assert [action[:3] for action in done] == [action[:3] for action in at_once]


@always
def test_what_is_predicted_is_what_comes(situation: Situation) -> None:
    _request, steps = planned(situation)
    predicted = predict(situation[1], steps, NEWCOMER)
    after = carried_out(situation[1], steps).there
    assert sorted((one.name, one.slot, one.spec) for one in predicted) == sorted(
        (one.name, one.slot, one.spec) for one in after
    )


@always
def test_ends_within_the_limits_and_up_to_date(situation: Situation) -> None:
    request, steps = planned(situation)
    after = carried_out(situation[1], steps).there
    if request.state == "stopped":
        assert after == []
        return
    if request.scale_by is not None:
        # A relative call leaves what is told to end to those who wait for it.
        after = [one for one in after if one.phase is not Phase.STOPPING]
    assert max(1, request.minimum) <= len(after) <= request.maximum
    assert all(is_up_to_date(request, one) for one in after)
    assert len({one.slot for one in after}) == len(after)
    assert not request.recreate & {one.id for one in after}
    if request.instances is not None:
        assert len(after) == request.instances


@always
def test_new_instances_take_the_lowest_free_numbers(situation: Situation) -> None:
    request, steps = planned(situation)
    found = {one.slot for one in situation[1]}
    slots = [step.slot for step in steps if isinstance(step, Start)]
    # One more than the maximum for a replacement beside the old, and those whose names others have.
    highest = request.maximum + 1 + len(found | request.blocked)
    assert all(1 <= slot <= highest and slot not in request.blocked for slot in slots)
    free = [slot for slot in range(1, highest) if slot not in found | request.blocked]
    assert all(slot in found or slot <= free[: len(slots)][-1] for slot in slots)


@always
def test_never_above_the_maximum_but_for_one_replacement(situation: Situation) -> None:
    request, steps = planned(situation)
    assert carried_out(situation[1], steps).peak <= request.maximum


@always
def test_healthy_instances_never_fall_below_the_minimum(situation: Situation) -> None:
    request, steps = planned(situation)
    observed = situation[1]
    if request.state == "stopped":
        return
    # Stop-first is one short for the time of each replacement; that is what the word says.
    short = any(isinstance(step, Replace) and not step.beside for step in steps)
    # The halves of a replacement under way count as one.
    ids = {one.id for one in observed}
    serving = sum(one.serving and one.replaces not in ids for one in observed)
    assert carried_out(observed, steps).fewest >= min(serving, max(1, request.minimum)) - short


@always
def test_only_what_was_found_is_touched_and_only_free_names_are_taken(situation: Situation) -> None:
    request, steps = planned(situation)
    observed = situation[1]
    for step in steps:
        if isinstance(step, Remove):
            assert step.one in observed
            continue
        if isinstance(step, Replace):
            assert step.old in observed
        assert step.name == f"{request.slug}-{step.slot}"
        assert step.slot not in request.blocked
