# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""evento-deploy told to stop, at any moment: it ends at once and wholly, and the next call goes on from there."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM, Signals

import docker
import pytest

from tests.form import LONG, amount
from tests.integration.deployment import WRAPPER, Deployment
from tests.integration.script_image import script_image
from tests.signals import default_signals
from tests.until import until

_REPORTS = "echo Application Started!; exec sleep 600"
_SILENT = "trap exit TERM; while :; do sleep 0.1; done"
_SLOW_TO_STOP = "trap 'echo stopping; sleep 1; exit' TERM; echo Application Started!; while :; do sleep 0.1; done"
_SECONDS = 30
SIGNALS = (SIGTERM, SIGINT, SIGHUP)


class Caller:
    """Calls the wrapper with the bundle as it is now, in a process group of its own, as a shell does."""

    def __init__(self, deployment: Deployment, place: Path, image: str) -> None:
        self.deployment = deployment
        self._settings: dict[str, t.Any] = {
            "docker_host": deployment.lab.docker_host,
            "server_url": deployment.server.container_url,
            "image": image,
            "instances": 2,
            "stop_timeout": 8,
        }
        self._place = place
        self._temporary = place / "tmp"
        for name in ("home", "tmp"):
            (place / name).mkdir()

    def start(self, **settings: t.Any) -> subprocess.Popen[str]:
        path = self._place / "deploy.yml"
        path.write_text(json.dumps({**self._settings, **settings}))
        return subprocess.Popen(
            [WRAPPER, json.dumps(self.deployment.bundle), self.deployment.server.token()],
            env={
                "EVENTO_DEPLOY_CONFIG": str(path),
                "HOME": str(self._place / "home"),
                "TMPDIR": str(self._temporary),
                "PATH": os.environ["PATH"],
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=default_signals,
        )

    def processes(self) -> list[str]:
        """The command lines of what a call has started; the temporary directory is in the environment of all of it."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if str(self._temporary).encode() in (process / "environ").read_bytes():
                    found.append((process / "cmdline").read_text(errors="replace").replace("\0", " "))
            except OSError:
                continue
        return found

    def files(self) -> list[Path]:
        """Files that a call has left, and directories in the temporary directory."""
        home = self._place / "home"
        return [*self._temporary.iterdir(), *(path for path in home.rglob("*") if not path.is_dir())]


@pytest.fixture
def caller(deployment: Deployment, engine: docker.DockerClient, tmp_path: Path) -> Caller:
    return Caller(deployment, tmp_path, script_image(engine, "term", b"STOPSIGNAL SIGTERM\n"))


@dataclass(frozen=True)
class Phase:
    """What the call is doing when it is told to stop; two instances of an older version run before."""

    settings: dict[str, t.Any]
    script: str
    reached: t.Callable[[Deployment], bool]


def new_one_runs(deployment: Deployment) -> bool:
    states = [(one.labels["evento.version"], one.status) for one in deployment.containers()]
    return ("2", "running") in states


def old_one_stops(deployment: Deployment) -> bool:
    return any(b"stopping" in one.logs() for one in deployment.containers() if one.labels["evento.version"] == "1")


PHASES = {
    "start-first, waiting": Phase({"update_order": "start-first"}, _SILENT, new_one_runs),
    "stop-first, waiting": Phase({"update_order": "stop-first"}, _SILENT, new_one_runs),
    "stopping": Phase({"update_order": "stop-first"}, _REPORTS, old_one_stops),
}


def in_each_phase() -> list[t.Any]:
    """Each signal in each phase in the long form, else one in each."""
    pairs = itertools.product(PHASES, SIGNALS) if LONG else zip(PHASES, SIGNALS, strict=True)
    return [pytest.param(PHASES[name], number, id=f"{name}-{number.name}") for name, number in pairs]


@pytest.mark.soak
@pytest.mark.parametrize(("phase", "number"), in_each_phase())
def test_told_to_stop(deployment: Deployment, caller: Caller, phase: Phase, number: Signals) -> None:
    deployment.publish(environment={"SCRIPT": _SLOW_TO_STOP})
    finish(caller.start())
    deployment.publish(version=2, environment={"SCRIPT": phase.script})
    process = caller.start(**phase.settings)
    until(lambda: phase.reached(deployment), "the phase", _SECONDS)

    # All of the group, as a terminal does.
    os.killpg(process.pid, number)
    assert_ends_cleanly(caller, process, number)

    deployment.publish(version=3, environment={"SCRIPT": _REPORTS})
    assert_converges(caller)


@pytest.mark.soak
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_told_to_stop_before_it_has_begun(deployment: Deployment, caller: Caller, number: Signals) -> None:
    deployment.publish(environment={"SCRIPT": _REPORTS})
    steps = amount(8, 80)
    for step in range(steps):
        process = caller.start()
        # Through the shell, the start of Python and the imports, into the run of the module.
        time.sleep(1.6 * step / steps)
        insist(process, number)
        assert_ends_cleanly(caller, process, number, begun=False)
    assert_converges(caller)


def insist(process: subprocess.Popen[str], number: Signals) -> None:
    """Send the signal until the call has ended, as somebody does who sees nothing happen."""
    deadline = time.monotonic() + _SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        os.killpg(process.pid, number)
        time.sleep(0.1)


def assert_ends_cleanly(caller: Caller, process: subprocess.Popen[str], number: Signals, begun: bool = True) -> None:
    """It ends soon, says so in one line, and leaves no process and no file.

    :param begun: whether it is known to be at work; else the signal may end it as it ends any program, or come late.
    """
    began = time.monotonic()
    stdout, stderr = process.communicate(timeout=_SECONDS)
    assert time.monotonic() - began < 25, "it would wait 45 s for the instance"
    late = not begun and process.returncode == 0
    assert (stdout != "") == late
    sentence = f"evento-deploy: error: stopped by {number.name}; the next call completes what this one began\n"
    allowed = [(128 + number, sentence)] if begun else [(128 + number, sentence), (-number, ""), (0, "")]
    assert (process.returncode, stderr) in allowed
    until(lambda: not caller.processes(), "the end of all processes")
    assert caller.files() == []


def assert_converges(caller: Caller) -> None:
    stdout = finish(caller.start())
    version = str(caller.deployment.bundle["version"])
    containers = caller.deployment.containers()
    found = [(one.status, one.labels["evento.version"]) for one in containers]
    assert found == [("running", version)] * 2, stdout
    assert "nothing to do" in finish(caller.start())


def finish(process: subprocess.Popen[str]) -> str:
    stdout, stderr = process.communicate(timeout=120)
    assert (process.returncode, stderr) == (0, "")
    return stdout
