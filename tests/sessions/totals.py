# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pytest counted, and the figures that tests told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.sessions.environment import CACHE

# Where pytest writes them; in folders below it those of runs whose figures nobody needs a second time.
REPORTS = CACHE / "junit"


@dataclass(frozen=True)
class Totals:
    """Numbers of tests by outcome; an error outside of a test's body is a failure."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def read_totals(report: Path) -> Totals:
    """Read pytest's JUnit report; a report that pytest did not get to write counts nothing."""
    totals = Totals()
    if not report.is_file():
        return totals
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        count = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
        failed = count["failures"] + count["errors"]
        totals += Totals(count["tests"] - failed - count["skipped"], failed, count["skipped"])
    return totals


def read_files(report: Path) -> dict[str, Totals]:
    """Read the totals of each file of tests by its name, without `test_`."""
    files: dict[str, Totals] = {}
    if not report.is_file():
        return files
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = case.get("classname", "").rpartition(".test_")[2]
        outcomes = {child.tag for child in case}
        failed = bool(outcomes & {"failure", "error"})
        skipped = "skipped" in outcomes
        one = Totals(passed=int(not failed and not skipped), failed=int(failed), skipped=int(skipped))
        files[name] = files.get(name, Totals()) + one
    return files


def read_figures(report: Path) -> list[str]:
    """Read the lines that tests told with the fixture `tell`, in the order of the tests."""
    if not report.is_file():
        return []
    properties = ElementTree.parse(report).getroot().iter("property")
    return [one.get("value", "") for one in properties if one.get("name") == "figures"]


def closing_lines(fault: str, reports: Path = REPORTS) -> list[str]:
    """Sum up the runs that left their reports.

    :param fault: what failed, or nothing.
    """
    lines = [line for path in sorted(reports.glob("*.xml")) for line in read_figures(path)]
    counted = sum((read_totals(path) for path in reports.rglob("*.xml")), Totals())
    if fault:
        lines.append(f"FAILED: {fault}")
    # A run that failed elsewhere must not end with a line that reads like success.
    if counted != Totals() and (counted.failed or not fault):
        lines.append(f"tests: {counted}")
    return lines
