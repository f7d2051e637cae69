# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many callers at once, through all managers: what runs anywhere never exceeds what the bundle allows."""

from __future__ import annotations

import typing as t

from lab._swarm import MANAGERS
from tests.integration.callers import Call, call_at_once
from tests.integration.swarm.deployment import SwarmDeployment
from tests.integration.swarm.witness import SwarmWitness

CALLERS = 16


def through_all_managers(deployment: SwarmDeployment, calls: t.Sequence[Call]) -> None:
    for number, call in enumerate(calls):
        manager = MANAGERS[number % len(MANAGERS)]
        call.options["docker_host"] = deployment.swarm.nodes[manager].docker_host
    call_at_once(deployment, calls)


def test_one_more_from_everybody(deployment: SwarmDeployment, tell: t.Callable[[str], None]) -> None:
    deployment.bundle["maxInstances"] = 10
    calls = [Call({"scale_by": 1}) for _number in range(CALLERS)]
    with SwarmWitness(deployment.swarm, deployment.id) as witness:
        through_all_managers(deployment, calls)
    assert not [call.result["msg"] for call in calls if call.failed]
    tell(f"swarm race: {CALLERS} callers through 3 managers, {witness.started} started, peak {witness.peak} of 10")
    assert witness.peak == 10
    assert sorted(deployment.running().values()) == [2, 2, 2, 2, 2]
    assert sum(call.result["changed"] for call in calls) == 10
    assert sum("(maxInstances), nothing to do" in call.result["msg"] for call in calls) == CALLERS - 10


def test_the_newest_publish_wins(deployment: SwarmDeployment, tell: t.Callable[[str], None]) -> None:
    assert "failed" not in deployment.run(instances=4)
    calls = [
        Call({"scale_by": 1}, {"version": version, "updatedAt": 1732320000 + version})
        for version in (1, 2, 3) * (CALLERS // 3)
    ]
    with SwarmWitness(deployment.swarm, deployment.id) as witness:
        through_all_managers(deployment, calls)
    tell(f"swarm publishes: {len(calls)} callers, 3 versions, peak {witness.peak} of 4, fewest {witness.fewest}")
    assert not [call.result["msg"] for call in calls if call.failed]
    assert deployment.versions() == ["3"] * 4, [call.result["msg"] for call in calls]
    # One more where it is there to replace another.
    assert witness.peak <= 5
