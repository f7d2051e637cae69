# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measuring by turns, and what was measured."""

from __future__ import annotations

import dataclasses
import resource
import statistics
import time
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Taken:
    """What one turn took: seconds by the clock, and of CPU of all that it started on this side of the engine."""

    seconds: float
    cpu: float


@dataclass(frozen=True)
class Figure:
    """A value, and what it must not exceed.

    :param group: letter and name of the benchmark that it belongs to
    :param what: what was measured, or compared with what
    :param unit: ``s``, ``s CPU``, ``MiB``, ``requests`` or ``times``
    :param at_most: None where it is only told
    """

    group: str
    what: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def kept(self) -> bool:
        """Whether it keeps its bound."""
        return self.at_most is None or self.value <= self.at_most

    def as_dict(self) -> dict[str, t.Any]:
        return {**dataclasses.asdict(self), "kept": self.kept}


def taken_by(what: Callable[[], object]) -> Taken:
    """Do it once."""
    cpu, began = _cpu(), time.perf_counter()
    what()
    return Taken(time.perf_counter() - began, _cpu() - cpu)


def _cpu() -> float:
    """Of the processes that were started and have ended, and of those that they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Contest:
    """Several ways to do one thing, each done in turn, so that all see the same machine."""

    def __init__(self, ways: Mapping[str, Callable[[], object]], tidy: Callable[[], object] = lambda: None) -> None:
        """:param tidy: is called after each."""
        self._ways = ways
        self._tidy = tidy
        self.taken: dict[str, list[Taken]] = {name: [] for name in ways}

    def run(self, turns: int) -> Contest:
        """Do each so often, after one turn that only warms up."""
        for turn in range(turns + 1):
            for name, way in self._ways.items():
                taken = taken_by(way)
                self._tidy()
                if turn:
                    self.taken[name].append(taken)
        return self

    def ratio(self, ours: str, peer: str) -> float:
        """The median of the turns' ratios, which a machine of changing speed disturbs least."""
        pairs = zip(self.taken[ours], self.taken[peer], strict=True)
        return statistics.median(one.seconds / other.seconds for one, other in pairs)

    def seconds(self, name: str) -> float:
        return statistics.median(taken.seconds for taken in self.taken[name])

    def figures(self, group: str) -> list[Figure]:
        """The medians of all."""
        figures = []
        for name, turns in self.taken.items():
            figures.append(Figure(group, name, self.seconds(name), "s"))
            figures.append(Figure(group, name, statistics.median(taken.cpu for taken in turns), "s CPU"))
        return figures

    def compared(self, group: str, ours: str, peer: str, at_most: float | None = None) -> Figure:
        """One against another."""
        return Figure(group, f"{ours} / {peer}", self.ratio(ours, peer), "times", at_most)


def table(figures: Sequence[Figure]) -> str:
    """The figures for a terminal; what one must not exceed stands behind it."""
    lines = []
    width = max(len(figure.what) for figure in figures)
    for number, figure in enumerate(figures):
        if not number or figures[number - 1].group != figure.group:
            lines += ["", figure.group]
        bound = "" if figure.at_most is None else f"  at most {figure.at_most:g}: {'ok' if figure.kept else 'EXCEEDED'}"
        lines.append(f"  {figure.what:<{width}}  {figure.value:8.2f} {figure.unit}{bound}")
    return "\n".join(lines)
