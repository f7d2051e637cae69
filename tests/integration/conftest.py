# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the integration tests share: the lab, a stand-in Evento Server, and a bundle of their own."""

from __future__ import annotations

import typing as t
import uuid

import docker
import pytest

import lab as lab_package
from lab import Lab
from lab.server import EventoServer
from tests.integration.deployment import Deployment


@pytest.fixture(scope="session")
def lab() -> Lab:
    return lab_package.up()


@pytest.fixture(scope="session")
def engine(lab: Lab) -> t.Iterator[docker.DockerClient]:
    with lab.client() as client:
        yield client


@pytest.fixture
def server(lab: Lab) -> t.Iterator[EventoServer]:
    with lab.server() as server:
        yield server


@pytest.fixture
def deployment(lab: Lab, engine: docker.DockerClient, server: EventoServer) -> t.Iterator[Deployment]:
    bundle = {
        "id": f"test-{uuid.uuid4().hex[:10]}",
        "version": 1,
        "description": None,
        "detail": None,
        "linePrefix": None,
        "bucketType": "LocalFilesystem",
        "artifactCoordinates": "-",
        "artifactOriginalName": "demo.jar",
        "containsHandlers": True,
        "environment": {},
        "vmOptions": {"-Xmx": "64m"},
        "autorun": True,
        "deployable": True,
        "minInstances": 1,
        "maxInstances": 4,
        "updatedAt": 1732320000,
    }
    deployment = Deployment(lab, engine, server, bundle)
    deployment.publish()
    try:
        yield deployment
    finally:
        deployment.remove()
