# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managers that fail: the next one is asked, and a swarm without a leader ends in a clear sentence."""

from __future__ import annotations

import os
from signal import SIGKILL

from lab._swarm import MANAGERS, Swarm
from tests.integration.deployment import run_module
from tests.integration.swarm.deployment import SwarmDeployment
from tests.integration.swarm.managers import has_leader, leader, make_whole
from tests.until import until

# An instance on a manager that is killed would have to come back itself.
_ON_A_WORKER = ["node.role == worker"]


def test_the_leader_is_killed(deployment: SwarmDeployment) -> None:
    deployment.options["constraints"] = _ON_A_WORKER
    deployment.run()
    lost = leader(deployment.swarm)
    others = [deployment.swarm.nodes[name].docker_host for name in MANAGERS if name != lost]
    deployment.swarm.nodes[lost].kill()
    result = deployment.run(lost, scale_by=1, managers=others)
    assert "failed" not in result, result["msg"]
    assert "1 -> 2 running" in result["msg"]


def test_the_quorum_is_lost(deployment: SwarmDeployment) -> None:
    deployment.options["constraints"] = _ON_A_WORKER
    deployment.run()
    for name in MANAGERS[:2]:
        deployment.swarm.nodes[name].kill()
    others = [deployment.swarm.nodes[name].docker_host for name in MANAGERS[1:]]
    until(lambda: not has_leader(deployment.swarm, "m3"), "the last manager has noticed")
    result = deployment.run("m1", managers=others)
    assert result["failure"] == "engine_unreachable"
    assert "more than half of its managers" in result["msg"]
    make_whole(deployment.swarm)
    assert "1 running, nothing to do" in deployment.run("m3")["msg"]


def test_an_engine_that_ends_by_itself_is_told_and_started(swarm: Swarm) -> None:
    assert not make_whole(swarm)
    os.kill(int((swarm.root / "m2/dockerd.pid").read_text()), SIGKILL)
    until(lambda: swarm.nodes["m2"].last_words, "the engine has ended")
    assert f"engine in {swarm.root}/m2 ended by itself with -9" in make_whole(swarm)
    assert not make_whole(swarm)


def test_a_worker_is_no_manager(deployment: SwarmDeployment) -> None:
    result = deployment.run("w1")
    assert result["failure"] == "engine_unreachable"
    assert "name a manager of the swarm in docker_host" in result["msg"]


def test_the_info_module_shows_where_instances_are(deployment: SwarmDeployment) -> None:
    deployment.run(instances=2)
    host = deployment.swarm.nodes["m2"].docker_host
    shown = run_module("evento_bundle_info", {"backend": "swarm", "docker_host": host, "id": deployment.id})
    assert [row["name"] for row in shown["instances"]] == deployment.names()
    assert {row["node"] for row in shown["instances"]} <= set(deployment.swarm.nodes)
