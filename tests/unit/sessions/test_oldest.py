# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lowest packages: what is tested is what is declared; and Pythons that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.sessions import interpreters, oldest
from tests.sessions.environment import ROOT


def requirements(path: Path) -> dict[str, Requirement]:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return {requirement.name: requirement for requirement in map(Requirement, lines)}


def test_the_lowest_declared_versions_are_the_tested_ones() -> None:
    tested = requirements(oldest.OLDEST_REQUIREMENTS)
    for name, declared in requirements(ROOT / "meta" / "ee-requirements.txt").items():
        [lowest] = [bound.version for bound in declared.specifier if bound.operator == ">="]
        [pin] = tested[name].specifier
        assert pin.operator == "=="
        assert pin.version.removesuffix(".0") == lowest.removesuffix(".0")


def test_without_the_oldest_python_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(oldest, "find_python", lambda _version: None)
    oldest.run_oldest()
    assert capsys.readouterr().out == "-- Python 3.9 is not here: left out\n"


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
