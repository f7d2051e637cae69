# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A publish on a swarm: a roll, and one that goes wrong in each way, with old instances that serve throughout."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.swarm.deployment import SERVES, SwarmDeployment
from tests.integration.swarm.witness import SwarmWitness

ORDERS = ("start-first", "stop-first")


@pytest.mark.parametrize("order", ORDERS)
def test_a_new_version_replaces_one_by_one(deployment: SwarmDeployment, order: str) -> None:
    first = deployment.run(instances=3)
    assert [row["state"] for row in first["instances"]] == ["running"] * 3
    assert {row["node"] for row in first["instances"]} <= set(deployment.swarm.nodes)
    deployment.publish()
    with SwarmWitness(deployment.swarm, deployment.id) as witness:
        result = deployment.run(update_order=order)
    assert "failed" not in result, result["msg"]
    assert deployment.versions() == ["2"] * 3
    assert (witness.fewest, witness.peak) == ((3, 4) if order == "start-first" else (2, 3))
    assert deployment.run()["changed"] is False


class Broken(t.NamedTuple):
    """A version that does not work.

    :param says: what the failure tells of it.
    """

    script: str
    options: dict[str, t.Any]
    says: str


BROKEN = {
    "exits": Broken("echo no database; exit 9", {}, "exited with code 9 (the script was told to fail) before"),
    "hangs": Broken("echo still thinking; exec sleep 600", {"wait_timeout": 4}, "did not report itself ready"),
    "unhealthy": Broken(
        SERVES,
        {"healthcheck": {"test": ["CMD", "/bin/cat", "/nowhere"], "interval": "1s", "retries": 1}},
        "became unhealthy",
    ),
    "cannot start": Broken(SERVES, {"volumes": ["/nowhere/at/all:/data"]}, "bind source path does not exist"),
    "has no place": Broken(SERVES, {"constraints": ["node.hostname==nowhere"], "wait_timeout": 4}, "no suitable node"),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_publish_leaves_the_old_ones_serving(deployment: SwarmDeployment, kind: str, order: str) -> None:
    broken = BROKEN[kind]
    deployment.run(instances=3)
    names = deployment.names()
    deployment.publish(broken.script)
    with SwarmWitness(deployment.swarm, deployment.id) as witness:
        result = deployment.run(update_order=order, **broken.options)
    assert result["failed"]
    assert broken.says in result["msg"]
    assert witness.fewest >= (3 if order == "start-first" else 2)
    assert deployment.versions() == ["1"] * 3
    assert deployment.names() == names
    assert sum(deployment.running().values()) == 3
    [failure] = result["failures"]
    if kind == "exits":
        assert failure["exit_code"] == 9
        assert failure["logs"] == ["no database"]
        assert failure["node"] in deployment.swarm.nodes


def test_an_image_that_is_not_there_is_refused_before_anything_is_touched(deployment: SwarmDeployment) -> None:
    deployment.run()
    with SwarmWitness(deployment.swarm, deployment.id) as witness:
        result = deployment.run(image=deployment.swarm.image("script:none"))
    assert result["failed"]
    assert "push it to a registry" in result["msg"] or "check the" in result["msg"]
    assert (witness.started, witness.fewest) == (0, 1)
