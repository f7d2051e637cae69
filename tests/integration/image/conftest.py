# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the image share."""

from __future__ import annotations

import typing as t

import docker
import pytest

from lab import Lab
from lab.server import EventoServer
from tests.integration.image.containers import BUNDLE, Containers


@pytest.fixture
def containers(lab: Lab, engine: docker.DockerClient) -> t.Iterator[Containers]:
    made = Containers(lab, engine)
    try:
        yield made
    finally:
        made.remove()


@pytest.fixture
def published(lab: Lab, server: EventoServer) -> EventoServer:
    server.publish(BUNDLE, lab.jar())
    return server
