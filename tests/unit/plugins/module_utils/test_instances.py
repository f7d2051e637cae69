# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine's container list says about an instance."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evento.docker.plugins.module_utils._instances import read_instance
from ansible_collections.evento.docker.plugins.module_utils._model import Instance


def read(**given: t.Any) -> Instance:
    labels = {"evento.bundle": "orders", "evento.version": "3", "evento.updated-at": "", "evento.spec": "f"}
    entry = {"Id": "0123456789abcdef", "Names": ["/orders-1"], "State": "running", "Status": "Up", "Created": 100}
    return read_instance({**entry, "Labels": labels, **given}, now=107.5)


def test_what_the_labels_and_the_list_say() -> None:
    one = read()
    assert (one.name, one.slot, one.version, one.updated_at, one.spec, one.age) == ("orders-1", 1, "3", None, "f", 7.5)


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ("Up 2 seconds", None),
        ("Up 2 seconds (healthy)", "healthy"),
        ("Up 2 seconds (unhealthy)", "unhealthy"),
        ("Up 2 seconds (health: starting)", "starting"),
        ("Exited (1) 2 seconds ago", None),
    ],
)
def test_health(status: str, health: str | None) -> None:
    assert read(Status=status).health == health


@pytest.mark.parametrize(
    ("names", "slot"),
    [
        (["/orders-12"], 12),
        (["/other/alias", "/orders-1"], 1),
        (["/orders-01"], None),
        (["/orders-x"], None),
        (["/orders-1-2"], None),
        (["/payments-1"], None),
        ([], None),
    ],
)
def test_slot(names: list[str], slot: int | None) -> None:
    assert read(Names=names).slot == slot


def test_more_time_for_one_that_a_large_jar_is_copied_into() -> None:
    labels = {"evento.bundle": "orders", "evento.grace": "25"}
    for age, pending in ((7.5, True), (29.5, True), (30.5, False)):
        assert read(State="created", Created=107.5 - age, Labels=labels).pending == pending


@pytest.mark.parametrize(("age", "pending"), [(7.5, False), (1.5, True)])
def test_created_and_not_started_is_pending_for_a_few_seconds(age: float, pending: bool) -> None:
    one = read(State="created", Created=107.5 - age)
    assert (one.pending, one.leftover) == (pending, not pending)
