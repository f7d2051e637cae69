# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A swarm for all tests of this directory, and a bundle that each of them deploys on it."""

from __future__ import annotations

import typing as t

import pytest

from lab._swarm import Swarm
from tests.integration.deployment import new_bundle
from tests.integration.swarm.deployment import SwarmDeployment, push_script_image
from tests.integration.swarm.managers import make_whole


@pytest.fixture(scope="session")
def swarm() -> t.Iterator[Swarm]:
    with Swarm() as swarm:
        push_script_image(swarm)
        yield swarm


@pytest.fixture
def deployment(swarm: Swarm) -> t.Iterator[SwarmDeployment]:
    """A bundle on it; when the test has ended, however many engines it killed, the swarm is whole again."""
    deployment = SwarmDeployment(swarm, new_bundle())
    try:
        yield deployment
    finally:
        crashed = make_whole(swarm)
        deployment.remove()
    assert not crashed, crashed
