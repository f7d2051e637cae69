# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""evento-deploy as Evento Server calls it, with a swarm in its settings file."""

from __future__ import annotations

import json
from pathlib import Path

from lab._swarm import MANAGERS
from tests.integration.swarm.deployment import TOKEN, SwarmDeployment
from tests.integration.swarm.managers import has_leader, leader
from tests.until import until

STORE = "http://store.example/app.jar"


def test_calls_of_evento_server(deployment: SwarmDeployment, tmp_path: Path) -> None:
    """The first, one more, a publish, the maximum, and one that comes late."""
    deployment.bundle["maxInstances"] = 3

    def call() -> tuple[str, list[str]]:
        finished = deployment.call(tmp_path, artifact_url=STORE, stop_timeout=2)
        assert (finished.returncode, finished.stderr) == (0, "")
        *commands, message = finished.stdout.splitlines()
        return message.removeprefix(f"{deployment.id} "), [" ".join(command.split()[:3]) for command in commands]

    one, two, three = (f"{deployment.id}-{slot}" for slot in (1, 2, 3))
    assert call() == (f"v1: 0 -> 1 running, started {one}", ["docker service create"])
    assert call() == (f"v1: 1 -> 2 running, started {two}", ["docker service create"])
    late = dict(deployment.bundle)
    deployment.publish()
    message, commands = call()
    assert message.startswith("v2: 2 -> 2 running")
    assert commands.count("docker service create") == 2
    assert deployment.versions() == ["2", "2"]
    assert call()[0].startswith("v2: 2 -> 3 running")
    assert len(deployment.names()) == 3
    assert call() == ("v2: 3 running (maxInstances), nothing to do", [])
    before = deployment.services()
    deployment.bundle = late
    message, commands = call()
    assert "stale" in message
    assert commands == []
    assert deployment.services() == before
    assert {one, two, three} >= set(deployment.names())
    assert sum(deployment.running().values()) == 3


def test_a_token_that_ends_before_the_swarm_needs_it_again(deployment: SwarmDeployment, tmp_path: Path) -> None:
    """Evento Server's token is of use for a minute: the operator has to say what is to be without it."""
    refused = deployment.call(tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "set artifact: image, or artifact_url, or reschedule: false" in refused.stderr
    assert deployment.services() == []
    taken = deployment.call(tmp_path, reschedule=False)
    assert (taken.returncode, taken.stderr) == (0, "")
    assert TOKEN not in taken.stdout
    [service] = deployment.services()
    assert service["Spec"]["TaskTemplate"]["RestartPolicy"]["Condition"] == "none"


def test_it_tests_itself(deployment: SwarmDeployment, tmp_path: Path) -> None:
    tested = deployment.command(tmp_path, "--self-test", artifact_url="http://localhost:1/app.jar")
    assert (tested.returncode, "works" in tested.stdout) == (0, True), tested.stderr
    assert "nothing answers at localhost:1" in tested.stderr
    refused = deployment.command(tmp_path, "--self-test")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "reschedule: false" in refused.stderr


def test_a_manager_that_does_not_answer(deployment: SwarmDeployment, tmp_path: Path) -> None:
    """The leader's, so that the others have to find a new one meanwhile."""
    lost = leader(deployment.swarm)
    hosts = {name: deployment.swarm.nodes[name].docker_host for name in MANAGERS}
    deployment.swarm.nodes[lost].kill()
    others = [host for name, host in hosts.items() if name != lost]
    finished = deployment.call(tmp_path, docker_host=hosts[lost], managers=others, artifact_url=STORE)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "0 -> 1 running" in finished.stdout


def test_no_manager_answers(deployment: SwarmDeployment, tmp_path: Path) -> None:
    nobody = [f"unix://{tmp_path}/{name}.sock" for name in MANAGERS]
    finished = deployment.call(tmp_path, docker_host=nobody[0], managers=nobody[1:], artifact_url=STORE)
    assert (finished.returncode, finished.stdout) == (3, "")
    assert "No manager of the swarm can be reached" in finished.stderr.splitlines()[0]


def test_too_few_managers_are_left(deployment: SwarmDeployment, tmp_path: Path) -> None:
    for name in MANAGERS[:2]:
        deployment.swarm.nodes[name].kill()
    until(lambda: not has_leader(deployment.swarm, "m3"), "the last manager has noticed")
    hosts = [deployment.swarm.nodes[name].docker_host for name in MANAGERS]
    for settings in ({"docker_host": hosts[0], "managers": hosts[1:]}, {"docker_host": hosts[2]}):
        finished = deployment.call(tmp_path, artifact_url=STORE, **settings)
        assert (finished.returncode, finished.stdout) == (3, ""), json.dumps(settings)
        assert "more than half of its managers run" in finished.stderr.splitlines()[0]
        assert TOKEN not in finished.stderr
