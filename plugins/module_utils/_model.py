# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""What is there, and what is done to it: the words that engine, plan, apply and report share."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from enum import Enum

# A container that was created and not started for so long, in seconds, is the leftover of a killed run.
LEFTOVER_AFTER = 5


class Phase(Enum):
    """What a container means to a plan."""

    SERVING = "runs, and is not unhealthy"
    STARTING = "created, and about to be started by a run"
    FAULTY = "runs, but serves nobody: unhealthy, paused or in a restart"
    STANDBY = "keeps the volumes of an instance that is being replaced; started only if the replacement fails"
    GOING = "the engine is removing it"
    ENDED = "does not run, and is of no use any more"


# By Docker's state; what a created or running container is, its other properties decide.
_PHASES = {
    "paused": Phase.FAULTY,
    "restarting": Phase.FAULTY,
    "removing": Phase.GOING,
    "exited": Phase.ENDED,
    "dead": Phase.ENDED,
}


@dataclass(frozen=True)
class Instance:
    """A container that carries our labels.

    :param slot: the number at the end of the name; None for a name that is not of our making.
    :param state: Docker's word: created, running, paused, restarting, removing, exited or dead.
    :param health: healthy, unhealthy or starting; None without a health check.
    :param version: empty where the bundle named none.
    :param updated_at: of the bundle, nanoseconds since 1970; None where the bundle named none.
    :param spec: the fingerprint that it was created with.
    :param created_at: seconds since 1970, by the engine's clock.
    :param age: seconds since it was created.
    :param replaces: the id of the container that it was started to replace; empty for none.
    :param standby_of: the id of the container that it may be started in place of; empty for none.
    :param grace: how many seconds longer than usual it may take from its creation to its start.
    :param exit_code: of one that has ended; None where it is not known.
    """

    id: str
    name: str
    bundle_id: str
    slot: int | None
    state: str
    health: str | None
    version: str
    updated_at: int | None
    spec: str
    created_at: int
    age: float
    replaces: str = ""
    standby_of: str = ""
    grace: int = 0
    exit_code: int | None = None

    @property
    def fresh(self) -> bool:
        """Created so short a time ago that whoever created it may be about to go on."""
        return self.state == "created" and self.age < LEFTOVER_AFTER + self.grace

    @property
    def phase(self) -> Phase:
        """What it means to a plan."""
        if self.state == "created":
            return Phase.STANDBY if self.standby_of else Phase.STARTING if self.fresh else Phase.ENDED
        if self.state == "running":
            return Phase.FAULTY if self.health == "unhealthy" else Phase.SERVING
        return _PHASES[self.state]

    @property
    def live(self) -> bool:
        """Running in the widest sense: it takes up one of maxInstances."""
        return self.phase in (Phase.SERVING, Phase.STARTING, Phase.FAULTY)

    @property
    def serving(self) -> bool:
        """Live and as it should be, whatever its version."""
        return self.phase in (Phase.SERVING, Phase.STARTING)


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
    """Remove a container that does not run.

    :param after: only once this instance is ready; None where nothing is to be waited for.
    """

    one: Instance
    why: str
    after: Instance | None = None

    @property
    def actions(self) -> list[Action]:
        return [Action("remove", self.one.name, self.why, self.one.id)]


@dataclass(frozen=True)
class Stop:
    """Stop an instance gracefully and remove it; after is that of Remove."""

    one: Instance
    why: str
    after: Instance | None = None

    @property
    def actions(self) -> list[Action]:
        return [Action("stop", self.one.name, self.why, self.one.id)]


@dataclass(frozen=True)
class Start:
    """Start an instance."""

    name: str
    slot: int
    why: str

    @property
    def actions(self) -> list[Action]:
        return [Action("start", self.name, self.why, slot=self.slot)]


@dataclass(frozen=True)
class Replace:
    """Start an instance in place of another.

    :param old: what it replaces: an instance, or the standby of one that a run stopped which did not finish.
    :param old_name: the name of the instance that it replaces.
    :param fault: why that one is not as wanted.
    :param beside: whether the old one runs until the new one is ready.
    """

    name: str
    slot: int
    old: Instance
    old_name: str
    fault: str
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
        return Action("start", self.name, f"replaces {self.old_name}, {self.fault}", slot=self.slot)

    @property
    def stop(self) -> Action:
        why = f"replaced by {self.name}" if self.beside else f"makes room for {self.name}"
        return Action("stop", self.old_name, f"{self.fault}, {why}", self.old.id)

    @property
    def actions(self) -> list[Action]:
        if self.resumes:
            return [self.start]
        return [self.start, self.stop] if self.beside else [self.stop, self.start]


Step = t.Union[Remove, Stop, Start, Replace]
# What can be done side by side, kind by kind, before the next look at the engine.
Batch = list[Step]


def all_actions(batches: t.Iterable[Batch]) -> list[Action]:
    """What a plan does, in order."""
    return [action for batch in batches for step in batch for action in step.actions]
