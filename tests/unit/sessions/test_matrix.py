# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix: which cells there are, what is left out and said so, and the table in the end."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.sessions import matrix
from tests.sessions.matrix import Cell, Matrix, short, whole
from tests.sessions.programs import StepFailed

HERE = {version: Path(f"/usr/bin/python{version}") for version in ("3.9", "3.11", "3.13")}


class FakeRelease:
    """Fails the units on one Python."""

    def __init__(self, core: str, pythons: t.Mapping[str, Path]) -> None:
        self.core = core

    def sanity(self) -> None:
        """Pass."""

    def units(self, python: str) -> None:
        if (self.core, python) == ("2.18", "3.11"):
            raise StepFailed("ansible-test ended with exit code 1")

    def integration(self, python: str, settings: t.Mapping[str, str]) -> None:
        """Pass."""


@pytest.fixture(autouse=True)
def releases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "Release", FakeRelease)


def test_every_release_on_every_python() -> None:
    cells = list(whole())
    assert len(cells) == len(set(cells)) == 4 * 3 * 6
    assert {cell.core for cell in cells} == {"2.18", "2.19", "2.20", "2.21"}


def test_the_short_form_takes_the_oldest_and_the_newest_that_are_here() -> None:
    cells = [cell for cell in short(HERE) if cell.kind != "sanity"]
    assert cells == [
        Cell("2.18", "units", "3.9"),
        Cell("2.18", "integration", "3.11"),
        Cell("2.21", "units", "3.13"),
        Cell("2.21", "integration", "3.13"),
    ]


def test_the_short_form_asks_for_the_lowest_python_even_where_it_is_not_here(
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = {version: path for version, path in HERE.items() if version != "3.9"}
    Matrix(here, {}).run(list(short(here)))
    assert "-- Python 3.9 is not here: what needs it is left out" in capsys.readouterr().out.splitlines()


def test_the_table_has_every_cell_and_a_fault_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StepFailed, match=r"^ansible-core 2\.18, units, Python 3\.11$"):
        Matrix(HERE, {}).run([cell for cell in whole() if cell.core in ("2.18", "2.21")])
    lines = capsys.readouterr().out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("ansible-core  "))
    rows = [line.split() for line in lines[start + 1 : start + 7]]
    here = ["passed", "not", "here"]
    assert rows == [
        ["2.18", "sanity", *here, *here, "passed", "no"],
        ["2.18", "units", *here, "FAILED", "not", "here", "passed", "no"],
        ["2.18", "integration", "no", "no", *here, "passed", "no"],
        ["2.21", "sanity", *here, *here, *here],
        ["2.21", "units", *here, *here, *here],
        ["2.21", "integration", "no", "no", "no", "not", "here", "passed", "not", "here"],
    ]
    assert "-- Python 3.14 is not here: what needs it is left out" in lines


def test_a_release_without_a_python_of_its_own_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    Matrix({"3.11": HERE["3.11"]}, {}).run([Cell("2.21", "units", "3.11")])
    lines = capsys.readouterr().out.splitlines()
    assert "-- ansible-core 2.21 needs Python 3.12 or 3.13 or 3.14: left out" in lines
    assert ["2.21", "units", *["not", "here"] * 6] in [line.split() for line in lines]
