# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's engine while it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import _api, _engine, _processes
from lab._state import State


def test_process_without_arguments_for_a_moment_is_not_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Linux shows none while a process turns into another program, as the shell does that becomes dockerd."""
    state = State(tmp_path)
    state.pid.write_text("4711\n")
    alive = ["dockerd", f"--data-root={state.data}"]
    looks = iter([alive, [], []])
    monkeypatch.setattr(_processes, "arguments", lambda pid: next(looks, alive))
    answers = iter([None, None])
    monkeypatch.setattr(_api, "get", lambda socket, path: next(answers, {}))

    _engine._wait_until_it_answers(state)

    assert state.pid.exists()
