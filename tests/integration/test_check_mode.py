# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode predicts exactly what the run does, whatever the state of the engine."""

from __future__ import annotations

import random
import typing as t

import docker
import pytest

from lab import Lab
from lab.server import EventoServer
from tests.form import amount
from tests.integration.deployment import Deployment, new_bundle
from tests.integration.random_state import RandomState
from tests.integration.script_image import script_image


def outcome(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """What a run tells, less what nobody can know before: the ids of new containers and when they were created."""
    known = ("changed", "stale", "actions", "commands", "diff", "failure", "warnings")
    instances = [{**row, "id": None, "created_at": None} for row in result["instances"]]
    return {**{key: result.get(key) for key in known}, "instances": instances}


def check_example(deployment: Deployment, seed: str) -> int:
    """Predict, run, run again; the number of actions."""
    with RandomState(deployment, random.Random(seed)) as state:
        options = state.request()
        predicted = deployment.run(check_mode=True, **options)
        done = deployment.run(**options)
        about = f"seed {seed}: {'; '.join(state.about)}"
        assert "failed" not in predicted, f"{about}: {predicted['msg']}"
        assert "failed" not in done, f"{about}: {done['msg']}"
        assert outcome(predicted) == outcome(done), about
        again = deployment.run(**{**options, "scale_by": None})
        assert (again["changed"], again["actions"]) == (False, []), about
        assert state.untouched(), about
    return len(done["actions"])


@pytest.mark.soak
def test_check_mode_predicts_the_run(
    lab: Lab, engine: docker.DockerClient, server: EventoServer, tell: t.Callable[[str], None]
) -> None:
    quick = {"image": script_image(engine), "ready_when": "running", "ready_after": 0, "stop_timeout": 0}
    states, actions = amount(15, 300), 0
    for number in range(states):
        deployment = Deployment(lab, engine, server, new_bundle(), dict(quick))
        try:
            actions += check_example(deployment, f"state {number}")
        finally:
            deployment.remove()
    tell(f"check mode: {states} states, {actions:,} actions, 0 predicted otherwise than done")
