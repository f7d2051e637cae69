# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown of the instances: the info module's result, and the status playbook's table and page."""

from __future__ import annotations

import json
import re
import sys
import typing as t
from pathlib import Path

import docker
import pytest

from ansible_collections.evento.docker.plugins.module_utils._engine.standby import standby_name
from tests.integration.ansible_playbook import ansible_playbook
from tests.integration.deployment import Deployment, run_module


def look(deployment: Deployment, **options: t.Any) -> dict[str, t.Any]:
    return run_module("evento_bundle_info", {"docker_host": deployment.lab.docker_host, "id": deployment.id, **options})


@pytest.fixture
def network(engine: docker.DockerClient, deployment: Deployment) -> t.Iterator[str]:
    network = engine.networks.create(f"{deployment.id}-net", driver="bridge")
    try:
        yield str(network.name)
    finally:
        deployment.remove()
        network.remove()


@pytest.mark.engines
def test_ports_and_addresses_are_those_of_the_engine(deployment: Deployment, network: str) -> None:
    deployment.run(published_ports=["127.0.0.1::8080"], networks=[{"name": network}])
    [container] = deployment.containers()
    [binding] = container.attrs["NetworkSettings"]["Ports"]["8080/tcp"]
    address = container.attrs["NetworkSettings"]["Networks"][network]["IPAddress"]
    [instance] = look(deployment)["instances"]
    expected = {
        "host_ip": "127.0.0.1",
        "host_port": int(binding["HostPort"]),
        "container_port": 8080,
        "protocol": "tcp",
    }
    assert instance["published_ports"] == [expected]
    assert instance["addresses"] == {network: address}


def test_what_stands_by_is_not_shown(deployment: Deployment, engine: docker.DockerClient) -> None:
    deployment.run()
    [container] = deployment.containers()
    labels = {**container.labels, "evento.standby-of": str(container.id)}
    engine.containers.create(
        deployment.lab.image, name=standby_name(str(container.name), str(container.id)), labels=labels
    )
    assert [one["name"] for one in look(deployment)["instances"]] == [container.name]


@pytest.mark.engines
def test_up_to_date_is_told_beside_the_bundle_and_its_options(deployment: Deployment) -> None:
    deployment.run(memory="256m", instances=2)
    as_run = {"server_url": deployment.server.container_url, "memory": "256m"}
    found = look(deployment, bundle=json.dumps(deployment.bundle), **as_run)
    assert found["bundles"] == [{"id": deployment.id, "version": 1, "min_instances": 1, "max_instances": 4}]
    assert [one["up_to_date"] for one in found["instances"]] == [True, True]
    # Nobody says how it should be.
    assert [one["up_to_date"] for one in look(deployment)["instances"]] == [None, None]
    outdated = look(deployment, bundle=json.dumps(deployment.bundle), **{**as_run, "memory": "1g"})
    assert [one["up_to_date"] for one in outdated["instances"]] == [False, False]
    # An option of the entry goes before that of the task, and what is about no instance's look changes nothing.
    entry = {"bundle": json.dumps(deployment.bundle), "memory": "256m", "instances": 3}
    given = [entry, {"id": f"{deployment.id}-other"}]
    found = look(deployment, id=None, bundles=given, **{**as_run, "memory": "1g"})
    assert [(one["bundle"], one["up_to_date"]) for one in found["instances"]] == [(deployment.id, True)] * 2
    assert [one["id"] for one in found["bundles"]] == [deployment.id, f"{deployment.id}-other"]
    deployment.publish(version=2)
    found = look(deployment, bundle=json.dumps(deployment.bundle), **as_run)
    assert [one["up_to_date"] for one in found["instances"]] == [False, False]


def test_image_that_is_not_there_tells_nothing(deployment: Deployment) -> None:
    deployment.run()
    found = look(deployment, bundle=json.dumps(deployment.bundle), image="evento-test-missing:never")
    assert [one["up_to_date"] for one in found["instances"]] == [None]
    told = "cannot be told without the image evento-test-missing:never: build, load or pull it there"
    assert told in str(found["warnings"])


def test_bundle_that_is_not_usable_is_refused(deployment: Deployment) -> None:
    found = look(deployment, bundle={"id": deployment.id, "minInstances": -1})
    assert found["failure"] == "invalid_input"
    assert "minInstances" in found["msg"]


class Status:
    """Runs the playbook evento.docker.status on some hosts."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.page = directory / "status.html"

    def run(self, hosts: dict[str, dict[str, t.Any]], **variables: t.Any) -> tuple[int, str]:
        """Exit code and output."""
        inventory = {"all": {"hosts": hosts}}
        (self._directory / "hosts.json").write_text(json.dumps(inventory))
        (self._directory / "variables.json").write_text(json.dumps({"evento_bundle_hosts": "all", **variables}))
        words = ("evento.docker.status", "-i", "hosts.json", "-e", "@variables.json")
        finished = ansible_playbook(self._directory, *words)
        return finished.returncode, finished.stdout + finished.stderr


@pytest.fixture
def status(tmp_path: Path) -> Status:
    return Status(tmp_path)


def local(docker_host: str) -> dict[str, t.Any]:
    return {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "evento_bundle_docker_host": docker_host,
    }


def test_table_and_page_of_hosts_that_answer_and_others(deployment: Deployment, status: Status) -> None:
    deployment.run(published_ports=["8080"])
    hosts = {
        "here": local(deployment.lab.docker_host),
        "silent": local("unix:///nowhere/docker.sock"),
        "gone": {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_connection": "ssh"},
    }
    code, output = status.run(hosts, evento_bundle_id=deployment.id, evento_status_page=str(status.page))
    # What could not be looked at is no success.
    assert code != 0
    assert re.search(
        rf"here +{deployment.id} +1 +1 +{deployment.id}-1 +running +- +\d+ \w+ +\d+->8080/tcp, \d+\.", output
    )
    assert re.search(r"gone +- +- +- +- +unreachable", output)
    assert re.search(r"silent +- +- +- +- +failed", output)
    assert re.search('"gone: .*(refused|connect)', output)
    assert '"silent: Could not connect to the Docker engine' in output
    page = status.page.read_text()
    for words in ("here", "gone", "silent", f"{deployment.id}-1", "Could not connect to the Docker engine"):
        assert words in page


def test_deployment_is_shown_beside_what_it_should_be(deployment: Deployment, status: Status) -> None:
    deployment.run(instances=2)
    given = {
        "evento_bundle_bundles": [json.dumps(deployment.bundle), {"id": f"{deployment.id}-other", "maxInstances": 3}],
        "evento_bundle_server_url": deployment.server.container_url,
    }
    hosts = {"here": local(deployment.lab.docker_host)}
    code, output = status.run(hosts, **given)
    assert code == 0, output
    assert re.search(rf"here +{deployment.id} +1 +2 of 4 +{deployment.id}-1 +running +-", output)
    assert re.search(rf"here +{deployment.id}-other +\S+ +0 of 3 +- +none", output)
    code, output = status.run(hosts, **given, evento_bundle_memory="1g")
    assert re.search(rf"{deployment.id}-2 +running, outdated", output), output


def test_all_hosts_answer(deployment: Deployment, status: Status) -> None:
    code, output = status.run({"here": local(deployment.lab.docker_host)}, evento_bundle_id=deployment.id)
    assert code == 0, output
    assert re.search("here +- +- +- +- +none", output)
    assert not status.page.exists()


def test_hostile_id_is_shown_and_not_obeyed(deployment: Deployment, status: Status) -> None:
    trap = status.page.with_name("trap")
    hostile = "<script>x</script>{{ lookup('ansible.builtin.pipe', 'touch " + str(trap) + "') }}"
    try:
        deployment.bundle["id"] = hostile
        deployment.publish()
        deployment.run()
        hosts = {"here": local(deployment.lab.docker_host)}
        code, output = status.run(hosts, evento_status_page=str(status.page))
    finally:
        deployment.remove()
    assert code == 0, output
    assert "<script>x" in output
    assert "<script>" not in status.page.read_text()
    assert "&lt;script&gt;x" in status.page.read_text()
    assert not trap.exists()
