# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Readiness, with a clock that does not wait."""

from __future__ import annotations

import re
import typing as t

import pytest

from ansible_collections.evento.docker.plugins.module_utils._apply.readiness import (
    NotReadyError,
    Readiness,
    await_ready,
)


class Script:
    """A Watch that plays what is written: each wait moves the clock on and may bring news."""

    error = None
    hindrance = ""
    runs_from = 0.0

    def __init__(self, **at: float) -> None:
        self.now = 0.0
        self._at = at

    def __getattr__(self, name: str) -> t.Any:
        return name in ("reported", "exited") and self.now >= self._at.get(name, float("inf"))

    def running_since(self, _started: float) -> float | None:
        return self.runs_from if self.now >= self.runs_from else None

    def wait(self, seconds: float) -> None:
        assert seconds > 0, "a busy loop"
        news = [at for at in self._at.values() if self.now < at <= self.now + seconds]
        self.now = min(news, default=self.now + seconds)


def run(
    watch: Script,
    health: t.Callable[[], str | None] | None = None,
    patience: float | None = None,
    ready: bool = True,
    **options: t.Any,
) -> float:
    """Seconds until it was ready, or was not waited for any longer."""
    wanted = Readiness(**{"when": "reported", "log": re.compile("Started"), "after": 5, "timeout": 60, **options})
    assert await_ready(wanted, t.cast(t.Any, watch), 0.0, health, patience, clock=lambda: watch.now) is ready
    return watch.now


def test_reported() -> None:
    assert run(Script(reported=3)) == 3


def test_exit_before_the_report() -> None:
    with pytest.raises(NotReadyError) as caught:
        run(Script(exited=2, reported=3))
    assert caught.value.exited


def test_exit_wins_over_a_report_at_the_same_moment() -> None:
    with pytest.raises(NotReadyError):
        run(Script(exited=2, reported=2))


def test_no_report_in_time() -> None:
    watch = Script(reported=61)
    with pytest.raises(
        NotReadyError, match=r"within 60 s: ready_when: reported waits for a log line with 'Started'"
    ) as caught:
        run(watch)
    assert not caught.value.exited
    assert watch.now == 60


@pytest.mark.parametrize("when", ["reported", "running"])
def test_nobody_waits_longer_than_the_patience_lasts(when: str) -> None:
    watch = Script(reported=4)
    assert run(watch, patience=3, when=when, ready=False) == 3


def test_exit_within_the_patience() -> None:
    with pytest.raises(NotReadyError):
        run(Script(exited=2), patience=3)


def test_running_long_enough() -> None:
    assert run(Script(), when="running") == 5


def test_running_not_long_enough() -> None:
    with pytest.raises(NotReadyError) as caught:
        run(Script(exited=4.9), when="running")
    assert caught.value.exited


def test_health_decides_where_there_is_a_health_check() -> None:
    watch = Script(reported=1)
    assert run(watch, lambda: "healthy" if watch.now > 2 else "starting") == pytest.approx(2.25)


def test_unhealthy_fails_at_once() -> None:
    with pytest.raises(NotReadyError, match="became unhealthy"):
        run(Script(), lambda: "unhealthy")


def test_running_counts_from_when_it_runs() -> None:
    watch = Script(running=20)
    watch.runs_from = 20.0
    assert run(watch, when="running", after=5) == 25


@pytest.mark.parametrize("when", ["running", "reported"])
def test_what_never_runs_fails_with_the_reason(when: str) -> None:
    watch = Script()
    watch.runs_from, watch.hindrance = float("inf"), "no suitable node"
    with pytest.raises(NotReadyError, match="does not run after 60 s: no suitable node"):
        run(watch, when=when)
