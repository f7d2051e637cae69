# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run tells of instances, those that are there and those that will be."""

from __future__ import annotations

import pytest

from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._run.report import info_rows, instance_rows


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


def test_what_stands_by_is_no_instance() -> None:
    shown = info_rows([instance("orders-1.standby", 1, standby_of="id of orders-1"), instance("orders-2", 2)], {})
    assert [row["name"] for row in shown] == ["orders-2"]
