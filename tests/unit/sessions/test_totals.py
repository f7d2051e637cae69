# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines at the end of a run: what the tests counted and told, and that a failed run does not read like success."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.sessions.environment import ROOT
from tests.sessions.totals import Totals, closing_lines, read_figures, read_totals

REPORT = """<testsuites><testsuite errors="1" failures="2" skipped="1" tests="10"/></testsuites>"""
PASSED = """<testsuites><testsuite errors="0" failures="0" skipped="0" tests="4">
<testcase><properties><property name="figures" value="walk: 3 points"/></properties></testcase>
</testsuite></testsuites>"""


def test_totals_of_a_report(tmp_path: Path) -> None:
    report = tmp_path / "unit.xml"
    report.write_text(REPORT)
    assert read_totals(report) == Totals(passed=6, failed=3, skipped=1)


def test_a_report_that_was_never_written_counts_nothing(tmp_path: Path) -> None:
    assert read_totals(tmp_path / "unit.xml") == Totals()
    assert read_figures(tmp_path / "unit.xml") == []


def test_what_a_test_tells_is_shown_and_reported(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(tell):\n    tell('walk: 3 points, 0 lost')\n    tell('end')\n")
    report, settings = tmp_path / "unit.xml", ROOT / "pytest.ini"
    options = [f"-c{settings}", f"--junitxml={report}", "-ptests.conftest"]
    command = [sys.executable, "-m", "pytest", str(tmp_path), *options]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout
    shown = finished.stdout.splitlines()
    start = next(number for number, line in enumerate(shown) if " figures " in line)
    assert shown[start + 1 : start + 3] == read_figures(report) == ["walk: 3 points, 0 lost", "end"]


def test_the_closing_line_mentions_skipped_tests_only_where_there_are_some() -> None:
    assert str(Totals(3, 0, 0) + Totals(4, 1, 0)) == "7 passed, 1 failed"
    assert str(Totals(3, 0, 2)) == "3 passed, 0 failed, 2 skipped"


def test_figures_come_before_the_sum_of_all_runs(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "debian"):
        folder.mkdir(exist_ok=True)
        (folder / "unit.xml").write_text(PASSED)
    assert closing_lines("", tmp_path) == ["walk: 3 points", "tests: 8 passed, 0 failed"]


def test_a_run_that_failed_elsewhere_does_not_end_like_a_success(tmp_path: Path) -> None:
    (tmp_path / "unit.xml").write_text(PASSED)
    assert closing_lines("nox ended with exit code 1", tmp_path)[-1] == "FAILED: nox ended with exit code 1"


def test_failed_tests_are_counted_in_a_failed_run(tmp_path: Path) -> None:
    (tmp_path / "unit.xml").write_text(REPORT)
    lines = closing_lines("nox ended with exit code 1", tmp_path)
    assert lines == ["FAILED: nox ended with exit code 1", "tests: 6 passed, 3 failed, 1 skipped"]


def test_without_tests_nothing_is_counted(tmp_path: Path) -> None:
    assert closing_lines("", tmp_path) == []
