# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done to containers: the steps of a plan, and the actions that they consist of."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace
from itertools import takewhile

from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance, Phase


class Action(t.NamedTuple):
    """One thing that is done to one container, as a result tells it.

    :param what: start, stop (gracefully, then remove) or remove (what does not run).
    :param which: the name of the container.
    :param why: the cause.
    :param container_id: of what is there already; empty for a new instance.
    :param slot: of a new instance; None for any other container.
    """

    what: t.Literal["start", "stop", "remove"]
    which: str
    why: str
    container_id: str = ""
    slot: int | None = None


@dataclass(frozen=True)
class Remove:
    """Remove a container; one that runs is stopped gracefully first.

    :param after: only once this instance is ready; None where nothing is to be waited for.
    """

    one: Instance
    why: str
    after: Instance | None = None

    @property
    def actions(self) -> list[Action]:
        return [Action("stop" if self.one.takes_room else "remove", self.one.name, self.why, self.one.id)]


@dataclass(frozen=True)
class Start:
    """Start an instance."""

    name: str
    slot: int
    why: str

    @property
    def start(self) -> Action:
        return Action("start", self.name, self.why, slot=self.slot)

    @property
    def actions(self) -> list[Action]:
        return [self.start]


@dataclass(frozen=True)
class Replace(Start):
    """Start an instance in place of another, which is not as wanted.

    :param old: what it replaces: an instance, or the standby of one that a run stopped which did not finish.
    :param old_name: the name of the instance that it replaces.
    :param beside: whether the old one runs until the new one is ready.
    """

    old: Instance
    old_name: str
    beside: bool = False

    @property
    def replaced_id(self) -> str:
        """The id of the instance that is replaced, which may be gone already."""
        return self.old.standby_of or self.old.id

    @property
    def resumes(self) -> bool:
        """The old instance has been stopped already."""
        return self.old.phase is Phase.STANDBY

    @property
    def start(self) -> Action:
        return Action("start", self.name, f"replaces {self.old_name}, {self.why}", slot=self.slot)

    @property
    def stop(self) -> Action:
        why = f"replaced by {self.name}" if self.beside else f"makes room for {self.name}"
        return Action("stop", self.old_name, f"{self.why}, {why}", self.old.id)

    @property
    def actions(self) -> list[Action]:
        stop = [] if self.resumes else [self.stop]
        return [self.start, *stop] if self.beside else [*stop, self.start]


Step = t.Union[Remove, Start]


def first_batch(steps: t.Sequence[Step]) -> list[Step]:
    """The first steps of a plan that are carried out side by side: of one kind, but replacements one by one."""

    def kind(step: Step) -> tuple[type, object]:
        return type(step), step.name if isinstance(step, Replace) else isinstance(step, Remove) and bool(step.after)

    return list(takewhile(lambda step: kind(step) == kind(steps[0]), steps))


def all_actions(steps: t.Iterable[Step]) -> list[Action]:
    """What steps do, in order."""
    return [action for step in steps for action in step.actions]


def predict(observed: t.Iterable[Instance], steps: t.Iterable[Step], newcomer: Instance) -> list[Instance]:
    """What will be there once a plan is carried out.

    :param newcomer: a new instance, but for name and slot.
    """
    there = {one.id: one for one in observed}
    for step in steps:
        if isinstance(step, Remove):
            there.pop(step.one.id)
            continue
        if isinstance(step, Replace):
            there = {key: one for key, one in there.items() if step.replaced_id not in (one.id, one.standby_of)}
        there[step.name] = replace(newcomer, name=step.name, slot=step.slot)
    return list(there.values())
