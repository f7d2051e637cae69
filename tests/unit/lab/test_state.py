# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which engine the lab has, and what keeps it apart from the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import LabError, _state
from lab._engines import KINDS
from lab._network import network_of
from lab._state import State


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EVENTO_LAB_DIR", str(tmp_path))
    for name in ("EVENTO_LAB_ENGINE", "EVENTO_LAB_DOCKER_HOST"):
        monkeypatch.delenv(name, raising=False)


def test_engines_share_the_cache_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    states = []
    for name in KINDS:
        monkeypatch.setenv("EVENTO_LAB_ENGINE", name)
        states.append(_state.current())
    assert states[0] == State(tmp_path)
    assert {state.cache for state in states} == {tmp_path / "cache"}
    for own in ("data", "runtime", "socket", "pid", "log"):
        assert len({getattr(state, own) for state in states}) == len(KINDS), own
    for own in ("bridge", "address", "pool"):
        assert len({getattr(network_of(state), own) for state in states}) == len(KINDS), own


def test_unknown_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTO_LAB_ENGINE", "woody")
    with pytest.raises(LabError, match="EVENTO_LAB_ENGINE is woody; the lab has these engines: machine, trixie"):
        _state.current()


def test_two_engines_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTO_LAB_ENGINE", "trixie")
    monkeypatch.setenv("EVENTO_LAB_DOCKER_HOST", "unix:///var/run/docker.sock")
    with pytest.raises(LabError, match="set only one of them"):
        _state.current()
