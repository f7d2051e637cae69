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

from ansible_collections.evento.docker.plugins.module_utils._converge import next_step
from ansible_collections.evento.docker.plugins.module_utils._errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._model import Action, Instance, slot_of
from ansible_collections.evento.docker.plugins.module_utils._plan import is_stale, plan
from ansible_collections.evento.docker.plugins.module_utils._request import Request, check_request

CASES = sorted((Path(__file__).parent / "plan_cases").glob("*.json"))
REQUEST = Request(slug="orders", state="started", spec="new", minimum=0, maximum=64)


def make_instance(name: str, **given: t.Any) -> Instance:
    known: dict[str, t.Any] = {
        "id": f"id of {name}",
        "bundle_id": "orders",
        "slot": slot_of(name),
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


def test_what_makes_room_goes_in_one_step() -> None:
    """Else the next look starts the missing one before all have gone, in another slot than was foretold."""
    observed = [
        make_instance("orders-1"),
        make_instance("orders-2", spec="old", state="created", age=0.0, replaces="id of orders-1"),
        make_instance("orders-3", state="paused"),
        make_instance("orders-4", replaces="id of orders-3"),
    ]
    actions = plan(replace(REQUEST, maximum=4, instances=3), observed)
    assert [one.which for one in actions if one.what == "stop"] == ["orders-2", "orders-3"]
    assert [one.which for one in next_step(actions)] == ["orders-2", "orders-3"]


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
