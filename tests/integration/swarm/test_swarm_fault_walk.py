# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed before or after any call that changes the swarm, a run leaves nothing that the next one does not put right."""

from __future__ import annotations

import itertools
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lab._swarm import Swarm
from tests.form import LONG
from tests.integration.deployment import ModuleProcess, new_bundle
from tests.integration.fault_points import FaultPoint
from tests.integration.recorder import Recorder
from tests.integration.swarm.deployment import SwarmDeployment
from tests.integration.swarm.managers import make_whole

_AT_ONCE = 4
_BROKEN = "exit 9"


@dataclass(frozen=True)
class Scenario:
    """One run to kill.

    :param wish: its options.
    :param before: how many instances run before it.
    :param publishes: whether another version is published before it; `broken` whether that one crashes.
    :param ends: how many instances may run in the end.
    """

    name: str
    wish: dict[str, t.Any]
    ends: tuple[int, ...]
    before: int = 0
    publishes: bool = False
    broken: bool = False
    then: dict[str, t.Any] = field(default_factory=dict)

    def prepare(self, deployment: SwarmDeployment) -> str:
        """Bring about what the run finds; returns the version that is to run in the end."""
        if self.before:
            assert deployment.run(instances=self.before)["changed"]
        old = str(deployment.bundle["version"])
        if self.broken:
            deployment.publish(_BROKEN)
        elif self.publishes:
            deployment.publish()
        return old if self.broken else str(deployment.bundle["version"])


START_FIRST, STOP_FIRST = {"update_order": "start-first"}, {"update_order": "stop-first"}
SCENARIOS = (
    Scenario("first start", {"instances": 2}, (2,), then={"instances": 2}),
    Scenario("one more", {"scale_by": 1}, (1, 2), before=1),
    Scenario("scale down", {"instances": 1}, (1,), before=2, then={"instances": 1}),
    Scenario("new version, start-first", START_FIRST, (1,), before=1, publishes=True, then=START_FIRST),
    Scenario("new version, stop-first", STOP_FIRST, (1,), before=1, publishes=True, then=STOP_FIRST),
    Scenario("broken version, start-first", START_FIRST, (1,), before=1, broken=True, then=START_FIRST),
    Scenario("broken version, stop-first", STOP_FIRST, (1,), before=1, broken=True, then=STOP_FIRST),
    Scenario("stop", {"state": "stopped"}, (0,), before=1, then={"state": "stopped"}),
)


class Point(t.NamedTuple):
    """Where a run is killed: before or after the n-th of the calls that change something, from 1 on."""

    scenario: Scenario
    number: int
    after: bool


@pytest.mark.soak
def test_the_next_run_converges_wherever_a_run_was_killed(
    swarm: Swarm, tmp_path: Path, tell: t.Callable[[str], None]
) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        numbers = pool.map(lambda scenario: count_writes(scenario, swarm, tmp_path), SCENARIOS)
        points = [
            point for scenario, number in zip(SCENARIOS, numbers, strict=True) for point in points_of(scenario, number)
        ]
        faults = [fault for fault in pool.map(lambda point: fault_at(point, swarm, tmp_path), points) if fault]
    tell(f"swarm fault walk: {len(SCENARIOS)} scenarios, {len(points)} points, {len(faults)} not converged")
    assert not make_whole(swarm)
    assert not faults, "\n".join(faults)


def count_writes(scenario: Scenario, swarm: Swarm, directory: Path) -> int:
    deployment = SwarmDeployment(swarm, new_bundle())
    try:
        scenario.prepare(deployment)
        with Recorder(directory, swarm.docker_host) as recorder:
            parameters = deployment.parameters(docker_host=recorder.docker_host, **scenario.wish)
            ModuleProcess("evento_bundle", parameters).result()
        return len(recorder.writes)
    finally:
        deployment.remove()


def points_of(scenario: Scenario, writes: int) -> list[Point]:
    """All points in the long form, else each call once, before or after it by turns."""
    if LONG:
        return [Point(scenario, number, after) for number in range(1, writes + 1) for after in (False, True)]
    return [Point(scenario, number, number % 2 == 1) for number in range(1, writes + 1)]


def fault_at(point: Point, swarm: Swarm, directory: Path) -> str:
    """Kill a run at a point, and say what is wrong after the next one; empty where all is well."""
    scenario, number, after = point
    deployment = SwarmDeployment(swarm, new_bundle())
    try:
        version = scenario.prepare(deployment)
        call = killed_run(deployment, directory, point)
        left = deployment.names()
        result = deployment.run(**scenario.then)
        names, running = deployment.names(), sum(deployment.running().values())
        faults = []
        if result.get("failure") != ("not_ready" if scenario.broken else None):
            faults.append("the next run ended otherwise than it should")
        if len(names) != running or running not in scenario.ends:
            faults.append(f"{running} run")
        if set(deployment.versions()) - {version}:
            faults.append(f"of versions {deployment.versions()}")
        if not scenario.broken and deployment.run(**scenario.then)["changed"]:
            faults.append("the last run changed something")
        where = f"{scenario.name}, {'after' if after else 'before'} {call}, number {number}"
        return f"{where}: {'; '.join(faults)}: {left}, then {result.get('msg')!r}, then {names}" if faults else ""
    finally:
        deployment.remove()


def killed_run(deployment: SwarmDeployment, directory: Path, point: Point) -> str | None:
    """Run the module and kill it at a point; returns the call."""
    writes = itertools.count(1)

    def reached(_number: int, call: str) -> bool:
        return not call.startswith(("GET ", "HEAD ")) and next(writes) == point.number

    def kill() -> None:
        process.kill()

    host = deployment.swarm.docker_host
    with FaultPoint(directory, host, reached, kill, after=point.after, cut=True) as fault:
        parameters = deployment.parameters(docker_host=fault.docker_host, **point.scenario.wish)
        process = ModuleProcess("evento_bundle", parameters)
        process.result()
        return fault.at_call
