# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs the tools: what it lets through, what it says, and that all ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sessions import debian, environment, programs
from tests.sessions.environment import ROOT
from tests.sessions.programs import StepFailed, output, run
from tests.until import until

# A runner as make has it: told to end, it ends what it runs.
RUNNER = """\
import sys
from pathlib import Path
from tests.sessions.programs import Terminated, run, unwind_when_terminated

unwind_when_terminated()
try:
    run(["/bin/sh", "-c", "echo $$ > pid; exec sleep 60"], env={"PATH": "/usr/bin:/bin"}, cwd=Path(sys.argv[1]))
except Terminated:
    sys.exit(143)
"""


def test_the_users_settings_do_not_reach_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    given = dict.fromkeys(("ANSIBLE_VERBOSITY", "PYTHONPATH", "DOCKER_HOST", "PYTEST_ADDOPTS"), "from the user")
    given |= {"HTTPS_PROXY": "http://proxy.example:3128", "EVENTO_LAB_DIR": "/srv/lab", "HOME": "/home/user"}
    monkeypatch.setattr(environment, "GIVEN", given)
    inside, outside, both = environment.inside(), environment.outside(), environment.both("/bin")
    for env in (inside, outside, both):
        assert "from the user" not in env.values()
        assert env["EVENTO_LAB_DIR"] == "/srv/lab"
    assert (inside["HOME"], outside["HOME"], both["HOME"]) == (str(environment.HOME), "/home/user", inside["HOME"])
    assert "HTTPS_PROXY" not in inside
    assert outside["HTTPS_PROXY"] == both["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert both["PATH"] == "/bin"


def test_a_program_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match=r"^sh ended with exit code 7$"):
        run(["/bin/sh", "-c", "exit 7"], env={}, cwd=tmp_path)


def test_a_program_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match=r"^/nowhere/tool cannot be started: No such file or directory$"):
        output(["/nowhere/tool"], env={}, cwd=tmp_path)


def test_a_silent_program_gives_signs_of_life(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(programs, "HEARTBEAT", 0.05)
    run(["/bin/sh", "-c", "exec sleep 0.3"], env={"PATH": "/usr/bin:/bin"}, cwd=tmp_path, silent=True)
    assert "-- sh has been running for 0 s" in capsys.readouterr().out


def test_a_missing_program_is_named_unless_it_may_be_installed() -> None:
    with pytest.raises(
        StepFailed, match=r"^no-such-program is missing: install the package such \(apt-get install such\), "
    ):
        debian.require("no-such-program", "such", allowed=False)


def test_what_runs_is_ended_with_the_runner(tmp_path: Path) -> None:
    runner = subprocess.Popen([sys.executable, "-c", RUNNER, tmp_path], env={"PYTHONPATH": os.fspath(ROOT)})
    pid = tmp_path / "pid"
    until(lambda: pid.exists() and pid.read_text().endswith("\n"), "the program runs")
    runner.send_signal(signal.SIGTERM)
    assert runner.wait(20) == 143
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
