# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""What is there, and what is to be done: the words that engine, plan, apply and report share."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

# A container that was created and not started for so long, in seconds, is the leftover of a killed run.
LEFTOVER_AFTER = 5

_STANDBY = ".standby"
_LEAVING = ".stopping-"


def standby_name(name: str) -> str:
    """The name of the container that may be started in place of an instance that is being replaced."""
    return name + _STANDBY


def original_name(standby: str) -> str:
    """The name of the instance that a standby is for."""
    return standby[: -len(_STANDBY)] if standby.endswith(_STANDBY) else standby


def leaving_name(name: str, container_id: str) -> str:
    """The name by which a run claims an instance to stop: the engine lets only one of several rename it so."""
    return f"{name}{_LEAVING}{container_id[:12]}"


def slot_of(name: str) -> int | None:
    """The number at the end of an instance's name; None where there is none, as in a standby's."""
    digits = name.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else None


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
    :param age: seconds since it was created, by the engine's clock.
    :param replaces: the id of the container that it was started to replace; empty for none.
    :param standby_of: the id of the container that it may be started in place of; empty for none.
    :param grace: how many seconds longer than usual it may take from its creation to its start.
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

    @property
    def leaving(self) -> bool:
        """A run has begun to stop it, as its name says."""
        return self.name.endswith(leaving_name("", self.id))

    @property
    def fresh(self) -> bool:
        """Created so short a time ago that whoever created it may be about to go on."""
        return self.state == "created" and self.age < LEFTOVER_AFTER + self.grace

    @property
    def standby(self) -> bool:
        """Holds the volumes of an instance that is being replaced; started only if the replacement fails."""
        return self.state == "created" and bool(self.standby_of)

    @property
    def pending(self) -> bool:
        """Created and about to start."""
        return self.fresh and not self.standby

    @property
    def live(self) -> bool:
        """Running in the widest sense: it takes up one of maxInstances."""
        return self.state in ("running", "paused", "restarting") or self.pending

    @property
    def serving(self) -> bool:
        """Live and as it should be, whatever its version."""
        return (self.state == "running" or self.pending) and self.health != "unhealthy"

    @property
    def leftover(self) -> bool:
        """Of no use any more, and not going away by itself."""
        return not self.live and not self.standby and self.state != "removing"


@dataclass(frozen=True)
class Action:
    """One step of a plan.

    :param what: start, stop (gracefully, then remove), remove (what does not run) or rename.
    :param which: the name of the container.
    :param why: the cause, for the result.
    :param container_id: of what is stopped, removed or renamed; of a start, that of a standby for what it replaces.
    :param slot: of an instance to start, once it is in its place; 0 for an old one that is started again.
    :param to: the new name of a rename.
    :param replacement: the number of the replacement that this belongs to; 0 for none.
    :param replaces: the id of the container that an instance to start replaces; empty for none.
    :param beside: what it replaces runs until it is ready.
    :param guarded: takes away what is needed should a young instance that another run started not become ready.
    :param claimed: it counts for one run only: of two at the same time, the slower one has to take another.
    """

    what: t.Literal["start", "stop", "remove", "rename"]
    which: str
    why: str
    container_id: str = ""
    slot: int = 0
    to: str = ""
    replacement: int = 0
    replaces: str = ""
    beside: bool = False
    guarded: bool = False
    claimed: bool = False
