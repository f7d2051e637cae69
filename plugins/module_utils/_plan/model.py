# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is there: the word that engine, plan, apply and report share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# A container that was created and not started for so long, in seconds, is the leftover of a killed run.
LEFTOVER_AFTER = 5


class Phase(Enum):
    """What a container means to a plan."""

    SERVING = "runs, and is not unhealthy"
    STARTING = "created, and about to be started by a run"
    FAULTY = "runs, but serves nobody: unhealthy, paused or in a restart"
    STOPPING = "is told to end and runs on: does not count any more, and takes room until it has ended"
    STANDBY = "keeps the volumes of an instance that is being replaced; started only if the replacement fails"
    GOING = "the engine is removing it, or nobody can reach it"
    ENDED = "does not run, and is of no use any more"


# By the state; what a created or running instance is, its other properties decide.
_PHASES = {
    "starting": Phase.SERVING,
    "stopping": Phase.STOPPING,
    "unreachable": Phase.GOING,
    "paused": Phase.FAULTY,
    "restarting": Phase.FAULTY,
    "removing": Phase.GOING,
    "exited": Phase.ENDED,
    "dead": Phase.ENDED,
}


@dataclass(frozen=True)
class Port:
    """A port of a container that is published on its host.

    :param host_ip: the address of the host that it is published on; 0.0.0.0 or :: for all.
    """

    host_ip: str
    host_port: int
    container_port: int
    protocol: str


@dataclass(frozen=True)
class Instance:
    """A container that carries our labels.

    :param slot: the number at the end of the name; None for a name that is not of our making.
    :param state: Docker's word: created, running, paused, restarting, removing, exited or dead. Where instances are
        placed on nodes, also starting, on its way to running; stopping, told to end; unreachable, told to end on a
        node that nobody can reach.
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
    :param project: whose it is.
    :param node: the host name of the node that it runs on; None where that is no question, or not decided.
    :param ports: what of it is published on the host.
    :param addresses: network and its address there.
    :param holds_name: whether its name is taken until somebody removes it; False for what goes by itself.
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
    project: str = "default"
    node: str | None = None
    ports: tuple[Port, ...] = ()
    addresses: tuple[tuple[str, str], ...] = ()
    holds_name: bool = True

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
        """Running in the widest sense, and to go on."""
        return self.phase in (Phase.SERVING, Phase.STARTING, Phase.FAULTY)

    @property
    def takes_room(self) -> bool:
        """It takes up one of maxInstances."""
        return self.live or self.phase is Phase.STOPPING

    @property
    def serving(self) -> bool:
        """Live and as it should be, whatever its version."""
        return self.phase in (Phase.SERVING, Phase.STARTING)
