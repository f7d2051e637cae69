# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run tells of instances, those that are there and those that will be."""

from __future__ import annotations

import pytest

from ansible_collections.evento.docker.plugins.module_utils._model import Action, Instance
from ansible_collections.evento.docker.plugins.module_utils._report import instance_rows, predict


def instance(name: str, slot: int | None = None, version: str = "3", standby_of: str = "") -> Instance:
    return Instance(
        id=f"id of {name}" if name else "",
        name=name,
        bundle_id="orders",
        slot=slot,
        state="created" if standby_of else "running",
        health=None,
        version=version,
        updated_at=None,
        spec="new",
        created_at=0,
        age=60.0,
        standby_of=standby_of,
    )


@pytest.mark.parametrize(
    ("version", "shown"), [("3", 3), ("1.50", "1.50"), ("", None), ("9" * 19, int("9" * 19)), ("9" * 5000, "9" * 5000)]
)
def test_a_version_is_a_number_where_json_readers_take_it_for_one(version: str, shown: object) -> None:
    assert instance_rows([instance("orders-1", version=version)], "new")[0]["version"] == shown


def test_a_predicted_rename_changes_the_slot() -> None:
    actions = [Action("rename", "orders-6", "above the last slot", "id of orders-6", to="orders-3")]
    assert [(one.name, one.slot) for one in predict([instance("orders-6", 6)], actions, instance(""))] == [
        ("orders-3", 3)
    ]


@pytest.mark.parametrize(
    "start",
    [
        Action("start", "orders-1", "stopped by a run that did not finish", "id of orders-1.standby", slot=1),
        Action("start", "orders-1", "replaces orders-1, outdated", slot=1, replaces="id of orders-1"),
    ],
)
def test_a_predicted_start_uses_up_the_standby_that_it_is_for(start: Action) -> None:
    found = [instance("orders-1.standby", standby_of="id of orders-1"), instance("orders-2", 2)]
    assert [one.name for one in predict(found, [start], instance(""))] == ["orders-2", "orders-1"]
