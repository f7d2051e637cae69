# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an instance is reached: published ports and networks."""

from __future__ import annotations

import socket
import typing as t
import urllib.request

import docker
import pytest

from tests.integration.deployment import Deployment
from tests.integration.script_image import script_image
from tests.until import until

QUICK: dict[str, t.Any] = {"ready_when": "running", "ready_after": 0}


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient) -> str:
    return script_image(engine)


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nothing listens on."""
    for first in range(42000, 60000, count):
        sockets = [socket.socket() for _number in range(count)]
        try:
            for offset, one in enumerate(sockets):
                one.bind(("0.0.0.0", first + offset))
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
        return first
    raise AssertionError("no free ports")


@pytest.mark.docker_engines
def test_published_port_answers(deployment: Deployment, image: str) -> None:
    port = free_ports(1)
    deployment.publish(environment={"SCRIPT": "echo it answers >/tmp/index.html; exec httpd -f -p 8080 -h /tmp"})
    deployment.run(image=image, published_ports=[f"127.0.0.1:{port}:8080", "5353/udp"], **QUICK)
    ports = deployment.containers()[0].attrs["NetworkSettings"]["Ports"]
    assert ports["8080/tcp"] == [{"HostIp": "127.0.0.1", "HostPort": str(port)}]
    assert {int(binding["HostPort"]) > 0 for binding in ports["5353/udp"]} == {True}

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                return bool(answer.read() == b"it answers\n")
        except OSError:
            return False

    until(answers, f"an answer on port {port}", 20)


def test_range_of_ports_serves_several_instances(deployment: Deployment, image: str) -> None:
    first = free_ports(3)
    options = {"image": image, "published_ports": [f"{first}-{first + 2}:8080"], **QUICK}
    result = deployment.run(instances=3, **options)
    assert "failed" not in result, result["msg"]
    bound = [one.attrs["NetworkSettings"]["Ports"]["8080/tcp"][0]["HostPort"] for one in deployment.containers()]
    assert sorted(bound) == [str(first + offset) for offset in range(3)]


@pytest.mark.engines
def test_networks_with_aliases(deployment: Deployment, engine: docker.DockerClient, image: str) -> None:
    names = [f"{deployment.id}-{letter}" for letter in "ab"]
    networks = [engine.networks.create(name) for name in names]
    try:
        wanted = [{"name": names[0], "aliases": ["orders", "orders.local"]}, {"name": names[1]}]
        deployment.options = {"image": image, "networks": wanted, **QUICK}
        deployment.run()
        (container,) = deployment.containers()
        connected = container.attrs["NetworkSettings"]["Networks"]
        assert set(connected) == set(names)
        assert {"orders", "orders.local"} <= set(connected[names[0]]["Aliases"])
        # host.docker.internal resolves here, too.
        fetched = container.exec_run(["sh", "-c", 'wget -q -O /dev/null "$APP_JAR_URL"'])
        assert fetched.exit_code == 0, fetched.output
        assert not deployment.run()["changed"]
        for other in (wanted[:1], [{"name": names[0]}, wanted[1]], list(reversed(wanted))):
            assert deployment.run(check_mode=True, networks=other)["changed"], other
    finally:
        deployment.remove()
        for network in networks:
            network.remove()
