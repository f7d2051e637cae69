# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between create and start: when a run must not start what it has created."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._plan.plan import must_yield
from ansible_collections.evento.docker.plugins.module_utils._plan.request import Request
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Replace, Start

REQUEST = Request(slug="orders", state="started", spec="new", minimum=0, maximum=2)


def there(container_id: str, **given: t.Any) -> Instance:
    known: dict[str, t.Any] = {"state": "running", "health": None, "version": "1", "updated_at": 5, "spec": "new"}
    known |= {"name": f"name of {container_id}", "bundle_id": "orders", "slot": 1, "created_at": 0, "age": 60.0}
    return Instance(id=container_id, **{**known, **given})


FRESH = Start("orders-2", 2, "")
BESIDE = Replace("orders-2", 2, "outdated", there("old"), "orders-1", beside=True)
AFTER = Replace("orders-1", 1, "outdated", there("old"), "orders-1")


@pytest.mark.parametrize(
    ("step", "others", "yields"),
    [
        (FRESH, [], False),
        (FRESH, [there("a")], False),
        (FRESH, [there("a"), there("b")], True),
        (FRESH, [there("a"), there("b", state="exited")], False),
        (FRESH, [there("a"), there("b", state="created", age=1.0)], True),
        (FRESH, [there("a", updated_at=5 + 2 * 10**6)], True),
        (FRESH, [there("a", updated_at=5 + 2 * 10**6, state="exited")], False),
        (BESIDE, [there("old"), there("b")], False),
        (BESIDE, [there("old"), there("b"), there("c")], True),
        (BESIDE, [there("a")], True),
        (BESIDE, [there("old"), there("a", replaces="old")], True),
        (AFTER, [there("a")], False),
        (AFTER, [there("a", replaces="old")], True),
        (AFTER, [there("a"), there("b")], True),
    ],
)
def test_others_were_faster(step: Start, others: list[Instance], yields: bool) -> None:
    mine = there("mine", state="created", age=0.0)
    assert must_yield(REQUEST, 5, [*others, mine], {"mine": step}) is yields
