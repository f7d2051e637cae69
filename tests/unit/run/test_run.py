# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner of the gates: what it counts, what it lets through, and how a run ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import environment
import pytest
import steps
from console import StepFailed, output, run
from figures import Totals, read_figures, read_totals

REPORT = """<testsuites><testsuite errors="1" failures="2" skipped="1" tests="10"/></testsuites>"""


def test_totals_of_a_report(tmp_path: Path) -> None:
    report = tmp_path / "unit.xml"
    report.write_text(REPORT)
    assert read_totals(report) == Totals(passed=6, failed=3, skipped=1)


def test_a_report_that_was_never_written_counts_nothing(tmp_path: Path) -> None:
    assert read_totals(tmp_path / "unit.xml") == Totals()
    assert read_figures(tmp_path / "unit.xml") == []


def test_what_a_test_tells_is_shown_and_reported(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(tell):\n    tell('walk: 3 points, 0 lost')\n    tell('end')\n")
    report, settings = tmp_path / "unit.xml", environment.ROOT / "pytest.ini"
    options = [f"-c{settings}", f"--junitxml={report}", "-ptests.conftest"]
    command = [sys.executable, "-m", "pytest", str(tmp_path), *options]
    finished = subprocess.run(command, cwd=environment.ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout
    shown = finished.stdout.splitlines()
    start = next(number for number, line in enumerate(shown) if " figures " in line)
    assert shown[start + 1 : start + 3] == read_figures(report) == ["walk: 3 points, 0 lost", "end"]


def test_the_closing_line_mentions_skipped_tests_only_where_there_are_some() -> None:
    assert str(Totals(3, 0, 0) + Totals(4, 1, 0)) == "7 passed, 1 failed"
    assert str(Totals(3, 0, 2)) == "3 passed, 0 failed, 2 skipped"


def test_the_users_settings_do_not_reach_the_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANSIBLE_VERBOSITY", "PYTHONPATH", "DOCKER_HOST", "MOLECULE_DEBUG", "PYTEST_ADDOPTS"):
        monkeypatch.setenv(name, "from the user")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("EVENTO_LAB_DIR", "/srv/lab")
    assert "from the user" not in environment.inside().values()
    assert "from the user" not in environment.outside().values()
    assert environment.inside()["EVENTO_LAB_DIR"] == "/srv/lab"
    assert environment.outside()["HTTPS_PROXY"] == "http://proxy.example:3128"


def test_the_long_form_runs_what_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[list[str], str]] = []
    monkeypatch.setattr(steps, "run", lambda argv, env, **_: calls.append((argv, env["EVENTO_TEST_FORM"])))
    [step] = steps.chosen("soak")
    step.action()
    [(argv, form)] = calls
    assert argv[1:4] == ["tests", "-m", "soak"]
    assert (form, step.needs_lab) == ("long", True)


def test_lint_is_a_part_of_test() -> None:
    assert {step.name for step in steps.chosen("lint")} < {step.name for step in steps.chosen("test")}


def test_a_program_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match=r"^sh ended with exit code 7$"):
        run(["/bin/sh", "-c", "exit 7"], env={}, cwd=tmp_path)


def test_a_program_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match=r"^/nowhere/tool cannot be started: No such file or directory$"):
        output(["/nowhere/tool"], env={}, cwd=tmp_path)


def test_what_runs_is_ended_with_the_runner(tmp_path: Path) -> None:
    program = (
        "import signal, sys; from pathlib import Path; from console import run;"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(143));"
        "run(['/bin/sh', '-c', 'echo $$ > pid; exec sleep 60'], env={'PATH': '/usr/bin:/bin'}, cwd=Path(sys.argv[1]))"
    )
    modules = os.fspath(environment.ROOT / "tests" / "run")
    runner = subprocess.Popen([sys.executable, "-c", program, tmp_path], env={"PYTHONPATH": modules})
    pid = tmp_path / "pid"
    deadline = time.monotonic() + 20
    while not (pid.exists() and pid.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    runner.send_signal(signal.SIGTERM)
    assert runner.wait(20) == 143
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
