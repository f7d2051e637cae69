# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine that dies or hangs during a run: the run says so in one sentence, and the next one converges."""

from __future__ import annotations

import re
import time
import typing as t
from dataclasses import dataclass, field, replace
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from lab import Lab, _packages
from lab.server import EventoServer
from tests.form import LONG
from tests.integration.deployment import Deployment, ModuleProcess, new_bundle
from tests.integration.fault_points import FaultPoint
from tests.integration.script_image import script_image
from tests.integration.spare_engine import SpareEngine
from tests.until import until

# A JVM, too, ends with this status when it is told to end.
_SILENT = "trap 'exit 143' TERM; while :; do sleep 0.1; done"
_REPORTS = f"echo Application Started!; {_SILENT}"
_REPORTS_WITH_JAR = f"test -s /opt/evento/artifact/app.jar && {_REPORTS}"


@dataclass(frozen=True)
class Phase:
    """Where in a run the engine fails.

    :param at: the call at which it fails; a pattern.
    :param after: when the engine has answered that call, else before it gets it.
    :param script: of what the run starts.
    :param before: how many instances of an older version run before.
    """

    at: str
    after: bool = False
    script: str = _REPORTS
    before: int = 0
    options: dict[str, t.Any] = field(default_factory=dict)

    def reached(self, _number: int, call: str) -> bool:
        """Whether that call of a run is the one at which it fails."""
        return re.fullmatch(self.at, call) is not None


_SICK = {"healthcheck": {"test": "false", "interval": "200ms", "retries": 1000, "start_period": "60s"}}
_ROLL = {"update_order": "start-first"}
PHASES = {
    "first call": Phase("GET /version"),
    "first look": Phase("GET /containers/json"),
    "before the create": Phase("POST /containers/create"),
    "created": Phase("POST /containers/create", after=True),
    "before the attach": Phase("POST /containers/.*/attach"),
    "before the wait": Phase("POST /containers/.*/wait"),
    "before the start": Phase("POST /containers/.*/start"),
    "started": Phase("POST /containers/.*/start", after=True, script=_SILENT),
    "replacement started": Phase("POST /containers/.*/start", after=True, script=_SILENT, before=2, options=_ROLL),
    "waiting for the health check": Phase("GET /containers/[^/]+/json", script=_SILENT, options=_SICK),
    "before the stop": Phase("POST /containers/.*/stop", before=2, options=_ROLL),
    "stopped": Phase("POST /containers/.*/stop", after=True, before=2, options=_ROLL),
    "stopped to make room": Phase(
        "POST /containers/.*/stop", after=True, before=2, options={"update_order": "stop-first"}
    ),
}


@dataclass(frozen=True)
class Fault:
    """What becomes of the engine.

    :param strike: makes it so.
    :param mend: makes the engine answer again.
    :param cut: the connection ends with it.
    :param seconds: how long the run may take.
    """

    strike: t.Callable[[SpareEngine], None]
    mend: t.Callable[[SpareEngine], None]
    cut: bool
    seconds: float


FAULTS = {
    "killed": Fault(SpareEngine.kill, SpareEngine.start, cut=True, seconds=30),
    "hangs": Fault(SpareEngine.freeze, SpareEngine.thaw, cut=False, seconds=60),
}
# Each fault in each phase; in the short form the faults take turns.
CASES = [
    pytest.param(fault, phase, id=f"{fault_name}, {phase_name}")
    for turn, (fault_name, fault) in enumerate(FAULTS.items())
    for phase_name, phase in list(PHASES.items())[0 if LONG else turn :: 1 if LONG else len(FAULTS)]
]


@pytest.fixture(scope="module")
def spare(lab: Lab, engine: docker.DockerClient) -> t.Iterator[SpareEngine]:
    _packages.require(engine=True)
    image = script_image(engine, "spare", b"STOPSIGNAL SIGTERM\nVOLUME /opt/evento/artifact\n")
    with SpareEngine() as spare, replace(lab, docker_host=spare.docker_host).client() as client:
        client.images.load(b"".join(engine.images.get(image).save(named=True)))
        yield spare


@pytest.fixture
def deployment(lab: Lab, spare: SpareEngine, server: EventoServer) -> t.Iterator[Deployment]:
    """Its instances have no network, because the engine has none."""
    options = {"image": "evento-test-script:spare", "network_mode": "none", "stop_timeout": 20, "timeout": 2}
    lab = replace(lab, docker_host=spare.docker_host)
    with lab.client() as client:
        deployment = Deployment(lab, client, server, new_bundle(), options)
        try:
            yield deployment
        finally:
            deployment.remove()


@pytest.mark.soak
@pytest.mark.parametrize(("fault", "phase"), CASES)
def test_engine_fails_during_a_run(
    deployment: Deployment, spare: SpareEngine, tmp_path: Path, fault: Fault, phase: Phase
) -> None:
    prepare(deployment, phase)
    engine, call = deployment.lab.docker_host, phase.reached

    def strike() -> None:
        fault.strike(spare)

    try:
        with FaultPoint(tmp_path, engine, call, strike, after=phase.after, cut=fault.cut) as point:
            began = time.monotonic()
            parameters = deployment.parameters(docker_host=point.docker_host, wait_timeout=4)
            result = ModuleProcess("evento_bundle", parameters).result()
            seconds = time.monotonic() - began
            assert point.over.wait(60), "the run never came to the point"
    finally:
        fault.mend(spare)
    assert_told(result)
    assert seconds < fault.seconds
    assert_converges(deployment, phase)


@pytest.mark.parametrize("end", [SpareEngine.stop, SpareEngine.kill], ids=["stopped", "killed"])
def test_copied_jar_survives_a_restart_of_the_engine(
    deployment: Deployment, spare: SpareEngine, end: t.Callable[[SpareEngine], None]
) -> None:
    server = deployment.server
    deployment.options.update(artifact="copy", server_url=server.url, restart_policy="on-failure")
    deployment.publish(environment={"SCRIPT": _REPORTS_WITH_JAR})
    assert "failed" not in deployment.run(instances=2)
    before = {one.name: one.id for one in deployment.containers()}
    expired = server.token(lifetime=-5)
    server.stop()
    end(spare)
    spare.start()
    until(lambda: all(came_back(one) for one in deployment.containers()), "the instances come back", 60)
    assert {one.name: one.id for one in deployment.containers()} == before
    assert {one.status for one in deployment.containers()} == {"running"}
    assert not deployment.run(token=expired, timeout=60)["changed"]


def came_back(container: Container) -> bool:
    return container.logs().count(b"Application Started!") == 2


def prepare(deployment: Deployment, phase: Phase) -> None:
    deployment.options.update(phase.options)
    if phase.before:
        deployment.publish(environment={"SCRIPT": _REPORTS})
        assert deployment.run(instances=phase.before)["changed"]
    deployment.publish(version=2, environment={"SCRIPT": phase.script})


def assert_told(result: dict[str, t.Any]) -> None:
    assert (result.get("failed"), result.get("failure")) == (True, "engine_unreachable"), result
    assert re.fullmatch(r"Could not [^\n]+\.", result["msg"]), result["msg"]
    assert "Internal error" not in result["msg"]


def assert_converges(deployment: Deployment, phase: Phase) -> None:
    """With a version that works and an engine that answers, the next run leaves what is wanted, and nothing else."""
    deployment.options.pop("healthcheck", None)
    deployment.publish(version=3, environment={"SCRIPT": _REPORTS})
    wanted = max(1, phase.before)
    deployment.options.update(timeout=60, stop_timeout=1)
    result = deployment.run(instances=wanted)
    assert "failed" not in result, result["msg"]
    found = [(one.status, one.labels["evento.version"]) for one in deployment.containers()]
    assert found == [("running", "3")] * wanted
    assert not deployment.run()["changed"]
