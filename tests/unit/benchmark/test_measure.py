# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmarks make of their figures."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.benchmark.measure import Contest, Figure, Taken, table
from tests.benchmark.plot import svg

FIGURES = [
    Figure("(a) one", "evento-deploy", 1.0, "s"),
    Figure("(a) one", "a & b <c>", 2.0, "s"),
    Figure("(a) one", "evento-deploy / a & b <c>", 0.5, "times", 1.0),
    Figure("(f) memory", "module", 70.0, "MiB", 64),
]


def test_all_are_done_by_turns_and_tidied_after() -> None:
    done: list[str] = []
    ways = {name: (lambda name=name: done.append(name)) for name in ("ours", "peer")}

    contest = Contest(ways, lambda: done.append("tidy")).run(2)

    assert done == ["ours", "tidy", "peer", "tidy"] * 3
    assert [len(turns) for turns in contest.taken.values()] == [2, 2]


def test_the_ratio_is_the_median_of_the_turns() -> None:
    contest = Contest({"ours": lambda: None, "peer": lambda: None})
    contest.taken = {
        "ours": [Taken(seconds, 0) for seconds in (1.0, 30.0, 2.0)],
        "peer": [Taken(seconds, 0) for seconds in (2.0, 10.0, 4.0)],
    }

    assert contest.compared("(a) one", "ours", "peer", 1.0).value == pytest.approx(0.5)


def test_the_table_says_what_is_exceeded() -> None:
    lines = table(FIGURES).splitlines()

    assert [line for line in lines if "at most 1: ok" in line]
    assert [line for line in lines if "module" in line and "70.00 MiB  at most 64: EXCEEDED" in line]


def test_the_plot_has_a_bar_for_each_duration() -> None:
    root = ElementTree.fromstring(svg(FIGURES))
    name = "{http://www.w3.org/2000/svg}"
    bars = root.findall(f"{name}rect")

    assert [one.get("class") for one in bars] == ["ours", "peer"]
    assert float(bars[1].get("width", 0)) == pytest.approx(2 * float(bars[0].get("width", 0)))
    assert "a & b <c>" in [text.text for text in root.findall(f"{name}text")]
