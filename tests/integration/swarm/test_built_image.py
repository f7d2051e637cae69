# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On a swarm, the JAR as a part of an image that the module makes and pushes to the registry."""

from __future__ import annotations

import ctypes
import json
import os
import threading
import typing as t

import pytest

from lab import Lab
from lab._swarm import Swarm
from lab.server import EventoServer
from tests.integration.deployment import new_bundle, run_module
from tests.integration.swarm.deployment import SwarmDeployment
from tests.until import until

_CLONE_NEWNET = 0x40000000
# Ready only where the JAR is there, and in no volume.
SERVES_ITS_JAR = "cat /opt/evento/app.jar > /dev/null && echo Application Started!; exec sleep 600"


def server_within(namespace: str) -> EventoServer:
    """A stand-in Evento Server in a network namespace."""
    made: list[EventoServer] = []

    def make() -> None:
        # A thread has a namespace of its own, and a socket keeps that of the thread which made it.
        file = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
        try:
            assert ctypes.CDLL(None).setns(file, _CLONE_NEWNET) == 0
        finally:
            os.close(file)
        made.append(EventoServer())

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


@pytest.fixture
def server(swarm: Swarm) -> t.Iterator[EventoServer]:
    with server_within(swarm.namespace) as server:
        yield server


@pytest.fixture
def built(lab: Lab, deployment: SwarmDeployment, server: EventoServer) -> SwarmDeployment:
    """The deployment, with JARs in images."""
    server.publish(deployment.id, lab.jar())
    deployment.publish(SERVES_ITS_JAR)
    deployment.options = {
        "artifact": "image",
        "artifact_url": None,
        "repository": deployment.swarm.image("bundles"),
        "server_url": server.url,
    }
    return deployment


def test_what_moves_to_another_node_needs_no_token(built: SwarmDeployment, server: EventoServer) -> None:
    built.bundle["maxInstances"] = 10
    token = server.token(lifetime=30)
    result = built.run(token=token, instances=4)
    assert "4 running" in result["msg"]
    assert [(one.token_in, one.status) for one in server.requests] == [("header", 200)]
    told = json.dumps([built.services(), result])
    assert token not in told
    assert "/asset/bundle/" not in json.dumps(built.services())
    images = {service["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"] for service in built.services()}
    assert len(images) == 1
    assert "@sha256:" in images.pop()

    until(lambda: server.refusal(token), "the token's end", 60)
    server.stop()
    lost = next(name for name, count in built.running().items() if count and name.startswith("w"))
    built.swarm.nodes[lost].kill()
    until(lambda: sum(built.running().values()) == 4, "another node runs it", 60)
    # What the registry holds needs neither server nor token, from whatever manager.
    result = built.run("m2", token=token)
    assert "4 running, nothing to do" in result["msg"]
    result = built.run("m2", token=token, scale_by=1)
    assert "4 -> 5 running" in result["msg"]
    assert len(server.requests) == 1


def test_a_publish_rolls_onto_another_image(built: SwarmDeployment, server: EventoServer) -> None:
    built.run(token=server.token(), instances=2)
    built.publish(SERVES_ITS_JAR)
    result = built.run("m3", token=server.token())
    assert built.versions() == ["3", "3"], result["msg"]
    assert [one.status for one in server.requests] == [200, 200]
    assert built.run("m2", token=server.token(lifetime=-5))["changed"] is False
    # A look finds the image without downloading or pushing anything.
    shown = run_module("evento_bundle_info", built.parameters())
    assert [one["up_to_date"] for one in shown["instances"]] == [True, True]
    built.publish(SERVES_ITS_JAR)
    shown = run_module("evento_bundle_info", built.parameters())
    assert [one["up_to_date"] for one in shown["instances"]] == [False, False]
    assert len(server.requests) == 2


def test_many_bundles_in_one_repository(lab: Lab, built: SwarmDeployment, server: EventoServer) -> None:
    other = SwarmDeployment(built.swarm, new_bundle())
    other.publish(SERVES_ITS_JAR)
    server.publish(other.id, lab.jar())
    options = built.parameters(project=built.id, prune=True)
    del options["bundle"]

    def run(*bundles: SwarmDeployment, token: str) -> dict[str, t.Any]:
        given = {**options, "token": token, "bundles": [json.dumps(one.bundle) for one in bundles]}
        return run_module("evento_bundle", given, prefix=built.prefix)

    try:
        result = run(built, other, token=server.token(lifetime=600))
        assert "failed" not in result, result["msg"]
        assert [len(one.names()) for one in (built, other)] == [1, 1]
        result = run(built, token=server.token(lifetime=-5))
        assert "failed" not in result, result["msg"]
        assert [len(one.names()) for one in (built, other)] == [1, 0]
        assert [one.status for one in server.requests] == [200, 200]
    finally:
        other.remove()
