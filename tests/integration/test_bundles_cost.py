# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task costs that finds many bundles as they are wanted: requests, CPU time, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import docker
import pytest

from lab import Lab
from tests.integration.deployment import MODULES
from tests.integration.fleet import Fleet
from tests.integration.recorder import Recorder
from tests.integration.script_image import script_image
from tests.module_process import python_path

MANY = 100
MOST_REQUESTS = 5
MOST_TIME = 1.3
MOST_MEMORY = 64 << 20
# Whatever else runs on this machine only adds to a time.
ROUNDS = 20
# The peak of this very process image: unlike ru_maxrss, it knows nothing of the process that it was forked from.
PROGRAM = f"""
import atexit, re, runpy, sys, time
peak = lambda: re.search("VmHWM:\\\\s+(\\\\d+) kB", open("/proc/self/status").read())[1]
atexit.register(lambda: sys.stderr.write(f"{{time.process_time()}} {{peak()}}"))
runpy.run_module("{MODULES}.evento_bundle", run_name="__main__")
"""


@pytest.fixture(scope="module")
def fleet(lab: Lab, engine: docker.DockerClient) -> t.Iterator[Fleet]:
    """Many bundles, each with an instance that runs."""
    fleet = Fleet(lab, engine, {"image": script_image(engine), "ready_when": "running", "ready_after": 0})
    try:
        result = fleet.run(*entries(fleet, MANY))
        assert result["msg"] == f"{MANY} bundles: 0 -> {MANY} running, started {MANY}"
        yield fleet
    finally:
        fleet.remove()


def entries(fleet: Fleet, number: int) -> list[str]:
    """Bundles as Evento Server sends them, documentation and all."""
    variables = {"SPRING_PROFILES_ACTIVE": "prod", "DB_URL": "jdbc:postgresql://db/orders", "DB_PASSWORD": "planted"}
    more = {"environment": variables, "vmOptions": {"-Xmx": "64m"}, "detail": "words " * 500}
    return [json.dumps(fleet.bundle(f"b{index}", "exec sleep 6000", **more)) for index in range(number)]


@pytest.mark.parametrize("number", [1, 10, MANY])
def test_requests(fleet: Fleet, tmp_path: Path, number: int) -> None:
    with Recorder(tmp_path, fleet.lab.docker_host) as recorder:
        for check_mode in (False, True):
            recorder.calls.clear()
            result = fleet.run(*entries(fleet, number), check_mode=check_mode, docker_host=recorder.docker_host)
            assert result["msg"] == f"{number} bundle{'s' if number > 1 else ''}: {number} running, nothing to do"
            assert len(recorder.calls) <= MOST_REQUESTS, recorder.calls
            assert recorder.writes == []


def test_time_and_memory(fleet: Fleet, tell: t.Callable[[str], None]) -> None:
    least: dict[int, float] = {}
    memory = 0
    for _round in range(ROUNDS):
        for number in (1, MANY):
            seconds, peak = cost(fleet, number)
            least[number] = min(seconds, least.get(number, seconds))
            memory = max(memory, peak)
        ratio = least[MANY] / least[1]
        if ratio <= MOST_TIME:
            break
    tell(
        f"{MANY} bundles as they are wanted: {ratio:.2f} times the CPU time of one ({MOST_TIME} allowed),"
        f" {memory / (1 << 20):.1f} MiB ({MOST_MEMORY >> 20} allowed)"
    )
    assert ratio <= MOST_TIME
    assert memory < MOST_MEMORY


def cost(fleet: Fleet, number: int) -> tuple[float, int]:
    """The CPU time of a run, in seconds, and the most memory that it took, in bytes."""
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": fleet.parameters(*entries(fleet, number))}),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": python_path()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not json.loads(finished.stdout)["changed"], finished.stdout
    seconds, kilobytes = finished.stderr.split()
    return float(seconds), int(kilobytes) * 1024
