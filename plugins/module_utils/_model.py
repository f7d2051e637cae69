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

    @property
    def pending(self) -> bool:
        """Created and about to start."""
        return self.state == "created" and self.age < LEFTOVER_AFTER

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
        return not self.live and self.state != "removing"


@dataclass(frozen=True)
class Action:
    """One step of a plan.

    :param what: start, stop (gracefully, then remove), remove (what does not run) or rename.
    :param which: the name of the container.
    :param why: the cause, for the result.
    :param container_id: of what is stopped, removed or renamed; empty where it does not exist yet.
    :param slot: of an instance to start, once it is in its place.
    :param to: the new name of a rename.
    :param replacement: the number of the replacement that this belongs to; 0 for none.
    """

    what: t.Literal["start", "stop", "remove", "rename"]
    which: str
    why: str
    container_id: str = ""
    slot: int = 0
    to: str = ""
    replacement: int = 0
