# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries out one replacement, and goes back to the old instance where the new one fails."""

from __future__ import annotations

from ansible_collections.evento.docker.plugins.module_utils._apply.apply import Executor
from ansible_collections.evento.docker.plugins.module_utils._apply.newcomer import not_ready
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError, OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Action, Replace


def swap(executor: Executor, step: Replace) -> None:
    """Start an instance in place of another.

    :raises OvertakenError: another run was faster.
    :raises EventoError: the new instance could not be started, or did not become ready.
    """
    standby_id = step.old.id if step.resumes else ""
    if not step.beside and not step.resumes:
        standby_id = executor.engine.stand_by(step.old.id, step.old_name)
        executor.stop(step.stop)
    try:
        [new] = executor.launch([step])
        if isinstance(new, EventoError):
            raise new
    except OvertakenError:
        raise
    except EventoError as exc:
        raise EventoError(f"{str(exc).rstrip('.')}; {_go_back(executor, step, standby_id)}.", **exc.result) from exc
    failure = new.await_ready()
    if failure:
        executor.discard(new, f"it {failure['reason']}")
        raise not_ready([failure], f"it was removed, and {_go_back(executor, step, standby_id)}")
    if step.beside:
        executor.stop(step.stop)
    else:
        executor.engine.clear(standby_id, step.old_name)


def _go_back(executor: Executor, step: Replace, standby_id: str) -> str:
    """Make sure that the old instance runs; returns what became of it, in words that follow a semicolon."""
    name = step.old_name
    if step.beside:
        return f"the old {name}, which it was to replace, still runs"
    old = f"the old {name}, which was stopped to make room for it,"
    outcome = "could not be brought back:"
    try:
        back = executor.bring_back(standby_id, Action("start", name, "its replacement failed"))
        outcome = "was started again, but"
        executor.engine.clear(standby_id, name)
        failure = back.await_ready()
    except EventoError as exc:
        return f"{old} {outcome} {exc}".rstrip(".")
    if not failure:
        return f"{old} runs again"
    if not back.exited:
        return f"{old} {outcome} {failure['reason']}"
    executor.discard(back, f"it {failure['reason']}")
    return f"{old} could not be brought back: it {failure['reason']}"
