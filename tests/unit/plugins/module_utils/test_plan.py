# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The counting rules: each case is a file in plan_cases; laws that hold for all cases are properties."""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evento.docker.plugins.module_utils._converge import next_step, remaining
from ansible_collections.evento.docker.plugins.module_utils._errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._model import Action, Instance
from ansible_collections.evento.docker.plugins.module_utils._plan import (
    Request,
    check_request,
    is_stale,
    is_up_to_date,
    plan,
)

CASES = sorted((Path(__file__).parent / "plan_cases").glob("*.json"))
REQUEST = Request(slug="orders", state="started", spec="new", minimum=0, maximum=64)


def make_instance(name: str, **given: t.Any) -> Instance:
    known: dict[str, t.Any] = {
        "id": f"id of {name}",
        "bundle_id": "orders",
        "slot": int(name.rpartition("-")[2]),
        "state": "running",
        "health": None,
        "version": "1",
        "updated_at": None,
        "spec": "new",
        "created_at": 0,
        "age": 60.0,
    }
    return Instance(name=name, **{**known, **given})


def as_text(action: Action) -> str:
    number = f"{action.replacement}: " if action.replacement else ""
    return f"{number}{action.what} {action.which}{f' to {action.to}' if action.to else ''}: {action.why}"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = json.loads(path.read_text())
    given: dict[str, t.Any] = {
        key: frozenset(value) if isinstance(value, list) else value for key, value in case["request"].items()
    }
    observed = [make_instance(**one) for one in case["observed"]]
    assert [as_text(action) for action in plan(replace(REQUEST, **given), observed)] == case["actions"], case["about"]


@pytest.mark.parametrize(("minimum", "instances"), [(0, 0), (2, 1), (0, 5)])
def test_number_outside_of_the_limits_is_refused(minimum: int, instances: int) -> None:
    with pytest.raises(EventoError, match=rf"instances is {instances}, but the bundle allows {max(1, minimum)} to 4"):
        check_request(replace(REQUEST, minimum=minimum, maximum=4, instances=instances))


@pytest.mark.parametrize(
    ("updated_at", "state", "stale"),
    [
        (9, "running", True),
        (10, "running", False),
        (11, "running", False),
        (9, "exited", False),
        (None, "running", False),
    ],
)
def test_stale_is_what_is_older_than_a_live_instance(updated_at: int | None, state: str, stale: bool) -> None:
    observed = [make_instance("orders-1", updated_at=10, state=state), make_instance("orders-2")]
    assert is_stale(updated_at, observed) is stale


slots = st.integers(1, 8)
instances = st.builds(
    lambda slot, **given: make_instance(f"orders-{slot}", **given),
    slots,
    state=st.sampled_from(["running"] * 4 + ["created", "paused", "restarting", "exited", "dead"]),
    health=st.sampled_from([None, None, "healthy", "starting", "unhealthy"]),
    spec=st.sampled_from(["new", "old"]),
    created_at=st.integers(0, 3),
    age=st.sampled_from([0.0, 60.0]),
)
observations = st.lists(instances, max_size=8, unique_by=lambda one: one.name)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    minimum = draw(st.integers(0, 4))
    maximum = draw(st.integers(max(1, minimum), 6))
    return replace(
        REQUEST,
        state=draw(st.sampled_from(["started"] * 4 + ["stopped"])),
        minimum=minimum,
        maximum=maximum,
        instances=draw(st.none() | st.integers(max(1, minimum), maximum)),
        scale_by=draw(st.none() | st.integers(-3, 3)),
        update_order=draw(st.sampled_from([None, "start-first", "stop-first"])),
        blocked=draw(st.frozensets(slots, max_size=2)),
    )


def simulate(observed: list[Instance], actions: list[Action], most: list[int]) -> list[Instance]:
    """What is there after the actions; most gets the number of live instances after each."""
    there = {one.name: one for one in observed}
    for action in actions:
        if action.what == "start":
            assert action.which not in there, "a name is used twice"
            there[action.which] = make_instance(action.which)
        elif action.what == "rename":
            assert action.to not in there, "a name is used twice"
            slot = int(action.to.rpartition("-")[2])
            there[action.to] = replace(there.pop(action.which), name=action.to, slot=slot)
        else:
            assert there.pop(action.which).live == (action.what == "stop")
        most.append(sum(one.live for one in there.values()))
    return list(there.values())


@given(requests(), observations)
def test_a_carried_out_plan_leaves_nothing_to_plan(request: Request, observed: list[Instance]) -> None:
    actions = plan(request, observed)
    after = simulate(observed, actions, [])
    assert plan(remaining(request, actions), after) == []


@given(requests(), observations)
def test_step_by_step_is_the_same_as_at_once(request: Request, observed: list[Instance]) -> None:
    at_once = plan(request, observed)
    done: list[Action] = []
    there, actions = observed, at_once
    while actions:
        step = next_step(actions)
        there = simulate(there, step, [])
        done += step
        actions = plan(remaining(request, done), there)
    assert [(one.what, one.which, one.to) for one in done] == [(one.what, one.which, one.to) for one in at_once]


@given(requests(), observations)
def test_never_above_the_maximum_but_for_one_replacement(request: Request, observed: list[Instance]) -> None:
    counts: list[int] = []
    actions = plan(request, observed)
    simulate(observed, actions, counts)
    before = sum(one.live for one in observed)
    for action, count in zip(actions, counts, strict=True):
        extra = request.update_order == "start-first" and action.replacement > 0
        assert count <= max(before if action.what in ("stop", "remove") else 0, request.maximum + extra)


@given(requests(), observations)
def test_ends_within_the_limits_and_up_to_date(request: Request, observed: list[Instance]) -> None:
    after = simulate(observed, plan(request, observed), [])
    if request.state == "stopped":
        assert after == []
    else:
        assert max(1, request.minimum) <= len(after) <= request.maximum
        assert all(is_up_to_date(request, one) for one in after)
        assert all(one.slot is not None and one.slot <= request.last_slot for one in after)


@given(requests(), observations)
def test_healthy_instances_never_fall_below_the_minimum(request: Request, observed: list[Instance]) -> None:
    actions = plan(request, observed)
    # Stop-first is one short for the time of each replacement; that is what the word says.
    short = any("makes room" in action.why for action in actions)
    least = min(sum(one.serving for one in observed), max(1, request.minimum)) - short
    there = observed
    for action in actions:
        there = simulate(there, [action], [])
        assert request.state == "stopped" or sum(one.serving for one in there) >= least
