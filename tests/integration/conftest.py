# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the integration tests share: the lab, a stand-in Evento Server, and a bundle of their own."""

from __future__ import annotations

import contextlib
import typing as t
from pathlib import Path

import docker
import pytest

import lab as lab_package
from lab import Lab
from lab.server import EventoServer
from tests.integration.deployment import Deployment, new_bundle
from tests.integration.hosts import Fleet
from tests.integration.registry import Registry


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
    deployment = Deployment(lab, engine, server, new_bundle())
    deployment.publish()
    try:
        yield deployment
    finally:
        deployment.remove()


@pytest.fixture(scope="session")
def fleet(lab: Lab, engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Fleet]:
    """Three hosts that have the lab's image; who breaks one mends it."""
    with Fleet(3, tmp_path_factory.mktemp("fleet")) as fleet:
        for host in fleet.hosts:
            host.load(lab.image, engine)
        yield fleet


@pytest.fixture
def everywhere(lab: Lab, fleet: Fleet) -> t.Iterator[list[Deployment]]:
    """One bundle, as a deployment for each of the hosts."""
    with EventoServer(fleet.address) as server, contextlib.ExitStack() as stack:
        bundle = new_bundle()
        deployments = [
            Deployment(lab, stack.enter_context(host.client()), server, bundle, {"server_url": server.url})
            for host in fleet.hosts
        ]
        deployments[0].publish()
        try:
            yield deployments
        finally:
            for deployment in deployments:
                deployment.remove()


@pytest.fixture
def copied(deployment: Deployment) -> Deployment:
    """The deployment, with JARs that the module copies."""
    deployment.options = {"artifact": "copy", "server_url": deployment.server.url}
    return deployment


@pytest.fixture
def registry(engine: docker.DockerClient, tmp_path: Path) -> t.Iterator[Registry]:
    with Registry(engine, tmp_path) as registry:
        registry.push("first")
        yield registry
