# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The counting rules: each case is a file in plan_cases. Laws that hold for all cases are in test_plan_properties."""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._plan.plan import count_once, plan
from ansible_collections.evento.docker.plugins.module_utils._plan.request import Request, check_request
from ansible_collections.evento.docker.plugins.module_utils._plan.scene import is_stale
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Replace, Step, first_batch

CASES = sorted((Path(__file__).parent / "plan_cases").glob("*.json"))
PUBLISHED = 1_732_320_000_958_060_998
REQUEST = Request(slug="orders", state="started", spec="new", minimum=0, maximum=64)


def make_instance(name: str, **given: t.Any) -> Instance:
    known: dict[str, t.Any] = {
        "id": f"id of {name}",
        "bundle_id": "orders",
        "slot": int(name.removesuffix(".standby").rpartition("-")[2]),
        "state": "running",
        "health": None,
        "version": "1",
        "updated_at": None,
        "spec": "new",
        "created_at": 0,
        "age": 60.0,
    }
    return Instance(name=name, **{**known, **given})


def as_text(steps: list[Step]) -> list[str]:
    """A line for each action; those of a replacement begin with its number."""
    lines = []
    replacements = 0
    for step in steps:
        replacements += isinstance(step, Replace)
        number = f"{replacements}: " if isinstance(step, Replace) else ""
        after = getattr(step, "after", None)
        wait = f" (once {after.name} is ready)" if after else ""
        lines += [f"{number}{action.what} {action.which}: {action.why}{wait}" for action in step.actions]
    return lines


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = json.loads(path.read_text())
    given: dict[str, t.Any] = {
        key: frozenset(value) if isinstance(value, list) else value for key, value in case["request"].items()
    }
    observed = [make_instance(**one) for one in case["observed"]]
    recreate = given.pop("recreate", False)
    request = count_once(replace(REQUEST, **given), observed, recreate)
    assert as_text(plan(request, observed)) == case["actions"], case["about"]


def test_what_makes_room_goes_in_one_batch() -> None:
    """Else the next look starts the missing one before all have gone, in another slot than was foretold."""
    observed = [
        make_instance("orders-1"),
        make_instance("orders-2", spec="old", state="created", age=0.0, replaces="id of orders-1"),
        make_instance("orders-3", state="paused"),
        make_instance("orders-4", replaces="id of orders-3"),
    ]
    steps = plan(replace(REQUEST, maximum=4, instances=3), observed)
    assert as_text(first_batch(steps)) == [
        "stop orders-2: outdated, orders-1 stays",
        "stop orders-3: paused, replaced by orders-4",
    ]
    assert as_text(steps[len(first_batch(steps)) :]) == ["start orders-2: 3 wanted, 2 up to date"]


def test_a_negative_number_is_counted_once() -> None:
    """Two runs that take one away from three at the same time both mean the same two."""
    observed = [make_instance(f"orders-{slot}", created_at=slot) for slot in (1, 2, 3)]
    request = count_once(replace(REQUEST, scale_by=-1), observed)
    assert plan(request, observed[:2]) == []


@pytest.mark.parametrize(("minimum", "instances"), [(0, 0), (2, 1), (0, 5)])
def test_number_outside_of_the_limits_is_refused(minimum: int, instances: int) -> None:
    with pytest.raises(EventoError, match=rf"instances is {instances}, but the bundle allows {max(1, minimum)} to 4"):
        check_request(replace(REQUEST, minimum=minimum, maximum=4, instances=instances))


@pytest.mark.parametrize(
    ("updated_at", "state", "stale"),
    [
        (PUBLISHED - 2_000_000, "running", True),
        (PUBLISHED - 1_000_001, "running", True),
        (PUBLISHED - 1_000_000, "running", False),
        (PUBLISHED - 998, "running", False),
        (PUBLISHED, "running", False),
        (PUBLISHED + 2_000_000, "running", False),
        (PUBLISHED - 2_000_000, "exited", False),
        (None, "running", False),
    ],
)
def test_stale_is_what_is_older_than_a_live_instance(updated_at: int | None, state: str, stale: bool) -> None:
    """By more than a millisecond: one publish comes in nanoseconds, and rounded to microseconds."""
    observed = [make_instance("orders-1", updated_at=PUBLISHED, state=state), make_instance("orders-2")]
    assert is_stale(updated_at, observed) is stale
