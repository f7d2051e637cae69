# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many callers at once: the event stream and the end state must be what some order of the calls would give."""

from __future__ import annotations

import json
import random
import re
import typing as t
from dataclasses import dataclass

import docker
import pytest

from lab import Lab
from tests.form import LONG, amount
from tests.integration.callers import Call, call_at_once
from tests.integration.deployment import Deployment, new_bundle
from tests.integration.script_image import script_image
from tests.integration.witness import Witness

PROCESSES = 16
ROUNDS = amount(6, 60)
READY = "sleep 0.3; echo Application Started!; exec sleep 600"
# The words of the engine about names and removals, which no caller may ever see; as words, not as a part of an id.
ENGINES_WORDS = re.compile(r"\b(409|404|conflict|already in use|in progress|no such container)\b", re.I)


@dataclass
class Round:
    """What is there before, what is called, and what must be there in the end.

    :param before: instances of version 1.
    :param least: the lowest number of instances in the end; most: the highest.
    :param version: of all of them in the end; None where it is open.
    """

    before: int
    minimum: int
    maximum: int
    calls: list[Call]
    least: int
    most: int
    version: int | None = 1


def publish(version: int) -> dict[str, t.Any]:
    return {"version": version, "updatedAt": 1732320000 + version, "artifactCoordinates": f"/up/{version}.jar"}


def up(draw: random.Random) -> Round:
    maximum = draw.choice([1, 3, PROCESSES - 2, PROCESSES + 8])
    calls = [Call({"scale_by": 1}) for _number in range(PROCESSES - 1)] + [Call(wrapper=True)]
    number = min(maximum, PROCESSES)
    return Round(0, 0, maximum, calls, number, number)


def up_and_down(draw: random.Random) -> Round:
    downs = draw.randint(3, 8)
    calls = [Call({"scale_by": -1 if number < downs else 1}) for number in range(PROCESSES)]
    # Each call for fewer is counted once, when it looks: what others start after that, it takes away again.
    return Round(downs + 1, 0, 64, calls, 1, downs + 1 + PROCESSES - downs)


def down(draw: random.Random) -> Round:
    before = draw.randint(3, 8)
    calls = [Call({"scale_by": -1}) for _number in range(PROCESSES)]
    return Round(before, 0, 64, calls, 1, before - 1)


def publishes(draw: random.Random) -> Round:
    versions = [1, 1, 1, 2, 2, 3, *(draw.randint(1, 3) for _number in range(PROCESSES - 6))]
    calls = [Call({"scale_by": 1} if draw.random() < 0.7 else {}, publish(version)) for version in versions]
    calls[3].wrapper, calls[3].options = True, {}
    for call in calls[4:]:
        call.options |= draw.choice([{}, {"update_order": "start-first"}, {"update_order": "stop-first"}])
    maximum = draw.choice([2, 4, 8])
    return Round(2, 1, maximum, calls, 1, maximum, version=3)


def plain_publishes(draw: random.Random) -> Round:
    order = draw.choice([{}, {"update_order": "start-first"}, {"update_order": "stop-first"}])
    before = draw.randint(1, 3)
    maximum = before + draw.choice([0, 2])
    return Round(before, 1, maximum, [Call(order, publish(2)) for _number in range(PROCESSES)], before, before, 2)


def everything(draw: random.Random) -> Round:
    wishes: list[dict[str, t.Any]] = [
        {"scale_by": 1},
        {"scale_by": 2},
        {"scale_by": -1},
        {"scale_by": -2},
        {"instances": 2},
        {"instances": 3, "update_order": "start-first"},
        {"state": "stopped"},
        {"recreate": True},
        {},
    ]
    calls = [Call(dict(draw.choice(wishes)), publish(draw.randint(1, 2))) for _number in range(PROCESSES - 1)]
    calls.append(Call({}, publish(2), wrapper=True))
    return Round(3, 1, 4, calls, 0, 4, version=None)


KINDS = (up, up_and_down, down, publishes, plain_publishes, everything)


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient) -> str:
    return script_image(engine)


@pytest.mark.soak
def test_any_number_of_calls_at_once(
    lab: Lab, engine: docker.DockerClient, image: str, tell: t.Callable[[str], None]
) -> None:
    started = violations = 0
    options = {"image": image, "stop_timeout": 2, "env": {"SCRIPT": READY}}
    with lab.server() as server:
        for number in range(ROUNDS):
            deployment = Deployment(lab, engine, server, new_bundle(), options)
            try:
                witness, faults = play(deployment, KINDS[number % len(KINDS)](random.Random(number)))
            finally:
                deployment.remove()
            if LONG:
                print(f"round {number}: {witness.started} started, peak {witness.peak}", flush=True)
            started += witness.started
            violations += len(witness.violations)
            assert not faults, f"round {number}, {KINDS[number % len(KINDS)].__name__}: {'; '.join(faults)}"
    tell(
        f"stress: {PROCESSES} processes, {ROUNDS} rounds, {ROUNDS * PROCESSES} calls,"
        f" {started} instances started, {violations} violations"
    )


def play(deployment: Deployment, now: Round) -> tuple[Witness, list[str]]:
    """Play one round; what was seen, and what was wrong."""
    deployment.bundle.update(publish(1), minInstances=now.minimum, maxInstances=now.maximum)
    if now.before:
        result = deployment.run(instances=now.before)
        assert "failed" not in result, result["msg"]
    with Witness(deployment.lab, deployment.id, now.maximum) as witness:
        call_at_once(deployment, now.calls)
    return witness, [*witness.violations, *_answers(now), *_end(deployment, now)]


def _answers(now: Round) -> t.Iterator[str]:
    newest = max(call.changes.get("version", 1) for call in now.calls)
    for call in now.calls:
        text = json.dumps({key: value for key, value in call.result.items() if key != "invocation"})
        if call.failed or ENGINES_WORDS.search(call.result["msg"]):
            yield f"{call.options} of version {call.changes.get('version', 1)} ended with {text}"
        if call.stale and call.changes.get("version", 1) == newest:
            yield f"the newest publish was called stale: {text}"


def _end(deployment: Deployment, now: Round) -> t.Iterator[str]:
    containers = deployment.containers()
    states = [f"{one.name} {one.status} v{one.labels['evento.version']}" for one in containers]
    if not now.least <= len(containers) <= now.most:
        yield f"{now.least} to {now.most} expected, there are {states}"
    if any(one.status != "running" for one in containers):
        yield f"not all run: {states}"
    if now.version and any(one.labels["evento.version"] != str(now.version) for one in containers):
        yield f"not all are of version {now.version}: {states}"
    names = {f"{deployment.id}-{slot}" for slot in range(1, now.maximum + 2)}
    if any(one.name not in names for one in containers):
        yield f"beyond the slots: {states}"
