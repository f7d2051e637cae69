# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lowest packages: what is tested is what is declared; and Pythons behind a stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.sessions import interpreters
from tests.sessions.ansible_test import PYTHONS
from tests.sessions.environment import ROOT


def requirements(path: Path, python: str = PYTHONS[-1]) -> dict[str, Requirement]:
    """What a file asks for on a Python, by name."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    asked = [
        one for one in map(Requirement, lines) if not one.marker or one.marker.evaluate({"python_version": python})
    ]
    assert len({one.name for one in asked}) == len(asked)
    return {one.name: one for one in asked}


def test_the_lowest_declared_versions_are_the_tested_ones_on_the_lowest_python() -> None:
    lowest = requirements(ROOT / "tests" / "unit" / "requirements.txt", PYTHONS[0])
    newest = requirements(ROOT / "tests" / "unit" / "requirements.txt")
    assert lowest.keys() == newest.keys()
    for name, declared in requirements(ROOT / "meta" / "ee-requirements.txt").items():
        [bound] = [one.version for one in declared.specifier if one.operator == ">="]
        [pin] = lowest[name].specifier
        assert pin.operator == "=="
        assert pin.version.removesuffix(".0") == bound.removesuffix(".0")
        assert not [one for one in newest[name].specifier if one.operator == "=="]


def test_python_is_found_behind_a_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place, script in (("shims", "exit 127"), ("root/versions/9.9.1/bin", "echo /real/python9.9")):
        program = tmp_path / place / "python9.9"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))
    assert interpreters.find_python("9.9") is None
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "root"))
    assert interpreters.find_python("9.9") == Path("/real/python9.9")
