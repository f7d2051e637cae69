# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tasks of a service mean. Pure.

A task goes through the states of the Engine API in one direction, to running and past it. What is wanted of it is
another matter: running, or (ready) to wait until the task before it has ended, or to be gone.
"""

from __future__ import annotations

import typing as t

Task = dict[str, t.Any]

# https://docs.docker.com/engine/swarm/how-swarm-mode-works/swarm-task-states/; in the order in which they come.
_BEFORE_RUNNING = ("new", "allocated", "pending", "assigned", "accepted", "preparing", "ready", "starting")
_FAILED = ("failed", "rejected")
_ENDED_BY_ITSELF = (*_FAILED, "complete")
_WANTED = ("running", "ready", "accepted")


def state(task: Task) -> str:
    """Its state, in the word of the Engine API."""
    return str(task["Status"]["State"])


def is_past(task: Task) -> bool:
    """Whether it has ended, or never ran and never will."""
    return state(task) not in (*_BEFORE_RUNNING, "running")


def is_live(task: Task) -> bool:
    """Whether it runs or will run, and is to."""
    return task["DesiredState"] in _WANTED and not is_past(task)


def is_going(task: Task) -> bool:
    """Whether it is to end, and has not yet."""
    return task["DesiredState"] not in _WANTED and not is_past(task)


def is_gone(task: Task) -> bool:
    """Whether it was to end for good, and has: the swarm is about to delete it."""
    return task["DesiredState"] == "remove" and is_past(task)


def is_held_back(task: Task, others: t.Iterable[Task]) -> bool:
    """Whether it waits to take the place of one that failed."""
    return task["DesiredState"] == "ready" and any(state(other) in _FAILED for other in others)


def first_end(tasks: t.Iterable[Task]) -> Task | None:
    """The first that ended by itself, or that its node would not start; None where none has."""
    return min((task for task in tasks if state(task) in _ENDED_BY_ITSELF), key=_created, default=None)


def newest(tasks: t.Iterable[Task]) -> Task | None:
    """The one that was made last; None for no tasks."""
    return max(tasks, key=_created, default=None)


def exit_code(task: Task) -> int | None:
    """That of its container; None where there was none, or it has not ended."""
    container = task["Status"].get("ContainerStatus") or {}
    return container.get("ExitCode") if is_past(task) and container.get("ContainerID") else None


def error(task: Task) -> str:
    """What the swarm says about why it does not run; may repeat values of the service."""
    return str(task["Status"].get("Err") or "")


def _created(task: Task) -> str:
    return str(task["CreatedAt"])
