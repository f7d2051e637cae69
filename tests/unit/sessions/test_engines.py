# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core on several engines: none is left out for another's fault, and the table has every cell."""

from __future__ import annotations

import contextlib
import time
import typing as t
from pathlib import Path

import pytest

from tests.sessions import engines
from tests.sessions.engines import run_engines
from tests.sessions.programs import StepFailed

VERSIONS = {
    "machine": "Docker 20.10.24, API 1.41",
    "trixie": "Docker 26.1.5, API 1.45",
    "forky": "Docker 28.5.2, API 1.51",
}
CASE = '<testcase classname="tests.integration.test_{}" name="x">{}</testcase>'
PASSED = CASE.format("readiness", "") + CASE.format("artifact_url", "") * 2
FAILED = CASE.format("readiness", "<failure/>")


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On trixie a test fails; forky does not start."""

    def run(argv: list[t.Any], *, env: dict[str, str], **_others: t.Any) -> None:
        name = env["EVENTO_LAB_ENGINE"]
        cases = FAILED if name == "trixie" else PASSED
        (tmp_path / f"engine-{name}.xml").write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
        if name == "trixie":
            raise StepFailed("pytest ended with exit code 1")

    def output(_argv: list[t.Any], *, env: dict[str, str], **_others: t.Any) -> str:
        return f"The lab is up: DOCKER_HOST=...\nIts engine is {VERSIONS[env['EVENTO_LAB_ENGINE']]}\n"

    monkeypatch.setattr(engines, "run", run)
    monkeypatch.setattr(engines, "output", output)
    monkeypatch.setattr(engines, "REPORTS", tmp_path)
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)


@contextlib.contextmanager
def lab_up(name: str) -> t.Iterator[None]:
    if name == "forky":
        raise StepFailed("python ended with exit code 1")
    yield


def test_table_has_every_cell(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StepFailed, match="the core on the engine trixie, forky"):
        run_engines(["machine", "trixie", "forky"], lab_up)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-6:] == [
        "engine        machine          trixie              forky",
        "              Docker 20.10.24  Docker 26.1.5       does not start",
        "              API 1.41         API 1.45            API -",
        "artifact url  2 passed         left out            not run",
        "readiness     1 passed         1 FAILED, 0 passed  not run",
        "seconds       0                0                   0",
    ]
    assert "-- engine forky: python ended with exit code 1" in lines


def test_unknown_engine_is_named() -> None:
    with pytest.raises(StepFailed, match="there is no engine woody; there are machine, trixie"):
        run_engines(["forky", "woody"], lab_up)
