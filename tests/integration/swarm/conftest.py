# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A swarm for all tests of this directory, and a bundle that each of them deploys on it."""

from __future__ import annotations

import typing as t

import pytest

from lab._swarm import MANAGERS, Swarm
from tests.integration.deployment import new_bundle
from tests.integration.swarm.deployment import SwarmDeployment, push_script_image
from tests.integration.swarm.managers import all_ready
from tests.until import until


@pytest.fixture(scope="session")
def swarm() -> t.Iterator[Swarm]:
    with Swarm() as swarm:
        push_script_image(swarm)
        yield swarm


@pytest.fixture
def deployment(swarm: Swarm) -> t.Iterator[SwarmDeployment]:
    deployment = SwarmDeployment(swarm, new_bundle())
    try:
        yield deployment
    finally:
        deployment.remove()


@pytest.fixture
def killable(deployment: SwarmDeployment) -> t.Iterator[Swarm]:
    """The swarm, whose managers all run again before the deployment is removed, with a leader and all nodes ready."""
    swarm = deployment.swarm
    try:
        yield swarm
    finally:
        for name in MANAGERS:
            if not swarm.nodes[name].answers:
                swarm.nodes[name].start()
        until(lambda: all_ready(swarm), "the swarm is whole again", 60)
