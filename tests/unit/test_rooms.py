# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rooms of plugins/module_utils: imports go downwards only, and Docker's SDK is known in one room."""

from __future__ import annotations

import ast
import typing as t
from pathlib import Path

import pytest

UTILS = Path(__file__).parents[2] / "plugins/module_utils"
PREFIX = "ansible_collections.evento.docker.plugins.module_utils."
# From the top down; a room may use those in the lines below its own.
FLOORS = (
    ("_run",),
    ("_apply",),
    ("_swarm",),
    ("_engine",),
    ("_container",),
    ("_plan", "_artifact"),
    ("_bundle",),
    ("_base",),
)
DOCKER = ("docker", "requests", "urllib3", "paramiko")
FILES = sorted(UTILS.glob("_*/*.py"))


def room(path: Path) -> str:
    return path.relative_to(UTILS).parts[0]


def imported(path: Path) -> t.Iterator[str]:
    """The modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} has a relative import"
            yield node.module or ""


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(UTILS)))
def test_imports_go_downwards(path: Path) -> None:
    for module in imported(path):
        if module.startswith(PREFIX):
            other = module.removeprefix(PREFIX).split(".")[0]
            assert other == room(path) or floor(other) > floor(room(path)), f"{room(path)} uses {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(UTILS)))
def test_only_two_rooms_know_docker(path: Path) -> None:
    if room(path) not in ("_engine", "_swarm"):
        assert not [name for name in imported(path) if name.split(".")[0] in DOCKER]
        assert "APIClient" not in path.read_text()


def test_every_room_has_its_floor() -> None:
    assert {room(path) for path in FILES} == {name for rooms in FLOORS for name in rooms}


def test_no_circle_within_a_room() -> None:
    uses = {
        path.relative_to(UTILS).with_suffix("").as_posix().replace("/", "."): {
            name.removeprefix(PREFIX) for name in imported(path) if name.startswith(PREFIX)
        }
        for path in FILES
    }
    while uses:
        free = [name for name, others in uses.items() if not others & set(uses)]
        assert free, f"they import each other: {sorted(uses)}"
        for name in free:
            del uses[name]
