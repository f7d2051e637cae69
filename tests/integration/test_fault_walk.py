# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed at any call to the engine, a run leaves nothing that the next one does not put right."""

from __future__ import annotations

import contextlib
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from lab import Lab
from lab.server import EventoServer
from tests.form import LONG
from tests.integration.deployment import Deployment, new_bundle
from tests.integration.fault_points import killed_run
from tests.integration.fault_scenarios import SCENARIOS, Scenario
from tests.integration.recorder import Recorder
from tests.integration.script_image import script_image

# Points of a scenario in the short form.
_FEW = 2
# Each instance has a volume of its own, which is to go with it.
_VOLUME = b"VOLUME /opt/evento/artifact\n"
# Much of a walk is waiting, up to 5 s at a time until a leftover shows itself as one.
_AT_ONCE = 6


@dataclass(frozen=True)
class Surroundings:
    """Where the runs of a walk take place."""

    lab: Lab
    engine: docker.DockerClient
    server: EventoServer
    directory: Path
    image: str

    @contextlib.contextmanager
    def deployment(self) -> t.Iterator[Deployment]:
        deployment = Deployment(self.lab, self.engine, self.server, new_bundle(), {"image": self.image})
        try:
            yield deployment
        finally:
            deployment.remove()


@dataclass(frozen=True)
class Point:
    """Where a run is killed.

    :param number: of the call, from 1 on.
    :param after: when the engine has answered the call, else before it gets it.
    """

    scenario: Scenario
    number: int
    after: bool

    def __str__(self) -> str:
        return f"{self.scenario.name}, {'after' if self.after else 'before'} call {self.number}"


@pytest.mark.soak
def test_the_next_run_converges_wherever_a_run_was_killed(
    lab: Lab,
    engine: docker.DockerClient,
    server: EventoServer,
    tmp_path: Path,
    tell: t.Callable[[str], None],
) -> None:
    around = Surroundings(lab, engine, server, tmp_path, script_image(engine, "walk", _VOLUME))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        walks = pool.map(lambda scenario: points_of(scenario, count_calls(scenario, around)), SCENARIOS)
        points = [point for walk in walks for point in walk]
        outcomes = list(pool.map(lambda point: fault_at(point, around), points))
    faults = [fault for fault in outcomes if fault]
    # Besides the killed run and the two after it, there is the one that is counted.
    runs = 3 * len(points) + len(SCENARIOS)
    tell(f"fault walk: {len(SCENARIOS)} scenarios, {len(points)} points, {runs} runs, {len(faults)} not converged")
    assert not faults, "\n".join(faults)


def count_calls(scenario: Scenario, around: Surroundings) -> int:
    """The number of calls to the engine that the run makes when nobody kills it."""
    with around.deployment() as deployment, Recorder(around.directory, deployment.lab.docker_host) as recorder:
        scenario.prepare(deployment)
        deployment.run(docker_host=recorder.docker_host, **scenario.wish)
    return len(recorder.calls)


def points_of(scenario: Scenario, calls: int) -> list[Point]:
    """All points in the long form, else a few that are spread over the run."""
    if LONG:
        return [Point(scenario, number, after) for number in range(1, calls + 1) for after in (False, True)]
    numbers = [1 + calls * (2 * part + 1) // (2 * _FEW) for part in range(_FEW)]
    return [Point(scenario, number, number % 2 == 0) for number in numbers]


def fault_at(point: Point, around: Surroundings) -> str:
    """Kill a run at a point, and say what is wrong after the next one; empty where all is well."""
    scenario = point.scenario
    with around.deployment() as deployment:
        expected = scenario.prepare(deployment)
        used = volumes(deployment)
        call, _result = killed_run(deployment, around.directory, point.number, point.after, scenario.wish)
        used |= volumes(deployment)
        left = states(deployment)
        result = deployment.run(**scenario.next_wish)
        end = states(deployment)
        deployment.bundle = expected
        faults = [
            *faults_of_killed_run(scenario, left),
            *faults_of_next_run(scenario, result),
            *faults_of_end(scenario, deployment, end),
            *faults_of_last_run(scenario, deployment, around),
            *faults_of_volumes(deployment, used),
        ]
    if not faults:
        return ""
    return f"{point} ({call}): {'; '.join(faults)}: {left}, then {result.get('msg')!r}, then {end}"


def states(deployment: Deployment) -> list[tuple[str, str, str]]:
    """Name, state and version of each container."""
    return [(str(one.name), str(one.status), one.labels.get("evento.version", "")) for one in deployment.containers()]


def volumes(deployment: Deployment) -> set[str]:
    """The names of the containers' volumes."""
    return {mount["Name"] for one in deployment.containers() for mount in one.attrs["Mounts"]}


def faults_of_killed_run(scenario: Scenario, left: list[tuple[str, str, str]]) -> t.Iterator[str]:
    serving = sum(state == "running" for _name, state, _version in left)
    if not scenario.serving <= serving <= scenario.maximum + 1:
        yield f"{serving} ran at the kill"


def faults_of_next_run(scenario: Scenario, result: dict[str, t.Any]) -> t.Iterator[str]:
    if result.get("failure") != ("not_ready" if scenario.broken else None):
        yield "the next run ended otherwise than it should"


def faults_of_end(scenario: Scenario, deployment: Deployment, end: list[tuple[str, str, str]]) -> t.Iterator[str]:
    if len(end) not in scenario.ends:
        yield f"{len(end)} containers in the end"
    names = {f"{deployment.id}-{slot}" for slot in range(1, scenario.maximum + 2)}
    expected = ("running", str(deployment.bundle["version"]))
    yield from (f"{name} is {state}" for name, *state in end if name not in names or tuple(state) != expected)


def faults_of_last_run(scenario: Scenario, deployment: Deployment, around: Surroundings) -> t.Iterator[str]:
    """One run more has nothing to do."""
    with Recorder(around.directory, deployment.lab.docker_host) as recorder:
        result = deployment.run(docker_host=recorder.docker_host, **scenario.next_wish)
    if result.get("failed") or result["changed"] or recorder.writes:
        writes = recorder.writes
        yield f"the last run said {result['msg']!r} and made {len(writes)} writing calls: {writes[:5]}"
    elif not all(one["up_to_date"] for one in result["instances"]):
        yield "the last run leaves outdated instances"


def faults_of_volumes(deployment: Deployment, used: set[str]) -> t.Iterator[str]:
    """The volume of a container that is gone is gone, too."""
    deadline = time.monotonic() + 10
    while lost := (used - volumes(deployment)) & {one.name for one in deployment.engine.volumes.list()}:
        if time.monotonic() > deadline:
            yield f"volumes {lost} are left"
            return
        time.sleep(0.1)
