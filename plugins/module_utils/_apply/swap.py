# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries out one replacement, and goes back to the old instance where the new one fails."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._apply.apply import Executor
from ansible_collections.evento.docker.plugins.module_utils._apply.failures import not_ready
from ansible_collections.evento.docker.plugins.module_utils._apply.readiness import NotReadyError
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError, OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Action, Replace


def swap(executor: Executor, step: Replace) -> None:
    """Start an instance in place of another.

    :raises OvertakenError: another run was faster.
    :raises EventoError: the new instance could not be started, or did not become ready.
    """
    if step.beside:
        _start(executor, step, lambda: f"the old {step.old_name}, which it was to replace, still runs")
        executor.stop(step.stop)
        return
    standby_id, why_none = (step.old.id, "") if step.resumes else _prepare(executor, step)
    if not step.resumes:
        executor.stop(step.stop)
    _start(executor, step, lambda: _go_back(executor, step, standby_id, why_none))
    if standby_id:
        executor.engine.clear(standby_id, step.old_name)


def _prepare(executor: Executor, step: Replace) -> tuple[str, str]:
    """The id of a standby for the old instance, or why there can be none."""
    try:
        return executor.engine.stand_by(step.old.id, step.old_name), ""
    except OvertakenError:
        raise
    except EventoError as exc:
        return "", str(exc)


def _start(executor: Executor, step: Replace, go_back: t.Callable[[], str]) -> None:
    """Start the new instance and see it ready.

    :param go_back: makes sure that the old one runs, and says in words that follow a semicolon what became of it.
    """
    launcher = executor.launcher
    executor.announce(step.start)
    try:
        new = launcher.create(step)
        launcher.admit({new.id: step})
        new = launcher.launch(new)
    except OvertakenError:
        raise
    except EventoError as exc:
        raise EventoError(f"{str(exc).rstrip('.')}; {go_back()}.", **exc.result) from exc
    executor.done.append(step.start)
    try:
        launcher.await_ready(new)
    except NotReadyError as exc:
        failure = launcher.failure(new, exc)
        executor.discard(new.id, new.name, f"it {failure['reason']}")
        raise not_ready([failure], f"it was removed, and {go_back()}") from exc


def _go_back(executor: Executor, step: Replace, standby_id: str, why_none: str) -> str:
    launcher, name = executor.launcher, step.old_name
    old = f"the old {name}, which was stopped to make room for it,"
    if not standby_id:
        return f"{old} is gone: {why_none}".rstrip(".")
    action = Action("start", name, "its replacement failed")
    executor.announce(action)
    try:
        back = launcher.bring_back(standby_id, name)
        executor.done.append(action)
        executor.engine.clear(standby_id, name)
    except EventoError as exc:
        return f"{old} could not be brought back: {exc}".rstrip(".")
    try:
        launcher.await_ready(back)
    except NotReadyError as exc:
        if not exc.exited:
            return f"{old} was started again, but {exc}"
        reason = f"it {launcher.failure(back, exc)['reason']}"
        executor.discard(back.id, name, reason)
        return f"{old} could not be brought back: {reason}"
    except EventoError as exc:
        return f"{old} was started again, but {exc}".rstrip(".")
    return f"{old} runs again"
