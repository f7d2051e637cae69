# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The managers of the lab's swarm, and what they know of each other."""

from __future__ import annotations

from lab._swarm import MANAGERS, Swarm
from tests.until import until


def make_whole(swarm: Swarm) -> str:
    """Have all engines run, and know each other.

    :returns: what those said that had ended though no test ended them.
    """
    said = "\n".join(filter(None, (node.last_words for node in swarm.nodes.values())))
    for node in swarm.nodes.values():
        node.start()
    until(lambda: _all_ready(swarm), "the swarm is whole again", 60)
    return said


def _all_ready(swarm: Swarm) -> bool:
    """Whether all managers see a leader and all nodes."""
    for name in MANAGERS:
        with swarm.client(name) as engine:
            state = engine.api.info()["Swarm"]
            if state.get("Error") or state.get("Nodes") != len(swarm.nodes):
                return False
    with swarm.client() as engine:
        return all(node["Status"]["State"] == "ready" for node in engine.api.nodes())


def has_leader(swarm: Swarm, name: str) -> bool:
    """Whether a manager knows one."""
    with swarm.client(name) as engine:
        return not engine.api.info()["Swarm"].get("Error")


def leader(swarm: Swarm) -> str:
    """The name of the manager that leads."""
    with swarm.client() as engine:
        [name] = [
            node["Description"]["Hostname"]
            for node in engine.api.nodes()
            if node.get("ManagerStatus", {}).get("Leader")
        ]
    return str(name)
