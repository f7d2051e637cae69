# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On the lab's swarm: one instance more and a roll against Docker's own commands, and a task beside very many services.

As they are typed, Docker's commands watch for five seconds more what they have started. With --detach they return at
once; then the new tasks are waited for here, and no longer. The module waits until what it replaces has ended, too.
"""

from __future__ import annotations

import contextlib
import json
import typing as t
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count

from lab._swarm import Swarm
from tests.benchmark.bench import Bench
from tests.benchmark.measure import Contest, Figure, taken_by
from tests.benchmark.programs import Programs
from tests.integration.deployment import ModuleProcess, new_bundle
from tests.integration.recorder import Recorder
from tests.integration.swarm.deployment import SERVES, SwarmDeployment, push_script_image
from tests.until import until

_MORE = "(h) on a swarm: one instance more, until it runs"
_ROLL = "(h) on a swarm: three instances replaced, until the last runs"
_CREATE = "ping play and docker service create"
_UPDATE = "ping play and docker service update"
_DETACHED = ", detached"
_SCALE = "(i) on a swarm: a task beside very many services"
_PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - evento.docker.evento_bundle: "{{ options }}"
"""
_LONGEST_TASK_SECONDS = 1800
# What a look costs, whatever it finds: the API's version, services, tasks, nodes, the image's digest and the image.
_LOOK = 6


@contextlib.contextmanager
def _swarm() -> t.Iterator[Swarm]:
    with Swarm() as swarm:
        push_script_image(swarm)
        yield swarm


def against_docker(bench: Bench) -> list[Figure]:
    """(h) By turns on one swarm, each with a play: ours with the module in it, the others' with none."""
    with _swarm() as swarm:
        ways = _Ways(bench, swarm)
        more = Contest({"evento_bundle": ways.more, **_both(_CREATE, ways.create)}, ways.tidy)
        more.run(bench.amount(5, 1))
        ways.start_three()
        roll = Contest({"evento_bundle": ways.roll, **_both(_UPDATE, ways.update)})
        roll.run(bench.amount(5, 1))
    return [
        *more.figures(_MORE),
        more.compared(_MORE, "evento_bundle", _CREATE, 1.5),
        more.compared(_MORE, "evento_bundle", _CREATE + _DETACHED),
        *roll.figures(_ROLL),
        roll.compared(_ROLL, "evento_bundle", _UPDATE, 1.5),
        roll.compared(_ROLL, "evento_bundle", _UPDATE + _DETACHED),
    ]


def _both(name: str, way: Callable[[bool], None]) -> dict[str, Callable[[], None]]:
    """A command as it is typed, and detached."""
    return {name: lambda: way(False), name + _DETACHED: lambda: way(True)}


class _Ways:
    """All ways to do each of the two things."""

    def __init__(self, bench: Bench, swarm: Swarm) -> None:
        self._swarm = swarm
        self._programs = Programs(bench.place)
        (bench.place / "swarm.yml").write_text(_PLAY)
        self._ours = SwarmDeployment(swarm, {**new_bundle(), "maxInstances": 64})
        self._peer = f"peer-{uuid.uuid4().hex[:8]}"
        self._versions = count(2)

    def more(self) -> None:
        """One more with the module."""
        self._play(scale_by=1)

    def roll(self) -> None:
        """A publish with the module."""
        self._ours.publish()
        self._play()

    def create(self, detached: bool) -> None:
        """A service with one task."""
        self._programs.ping()
        self._create(1, detached)

    def update(self, detached: bool) -> None:
        """One after the other, the new one first, as ours."""
        self._programs.ping()
        before = self._running()
        order = ["--update-order", "start-first", "--update-parallelism", "1"]
        words = [*order, "--env-add", f"VERSION={next(self._versions)}", self._peer]
        self._docker("update", f"--detach={str(detached).lower()}", *words)
        self._await_tasks(len(before), before)

    def start_three(self) -> None:
        """Of each, on which the rolls are done."""
        self._ours.run(instances=3)
        self._create(3, detached=True)

    def tidy(self) -> None:
        self._ours.remove()
        with self._swarm.client() as engine:
            for service in engine.api.services(filters={"name": self._peer}):
                engine.api.remove_service(service["ID"])

    def _create(self, replicas: int, detached: bool) -> None:
        words = [
            f"--detach={str(detached).lower()}",
            "--name",
            self._peer,
            "--restart-condition",
            "on-failure",
            "--replicas",
            str(replicas),
        ]
        image = str(self._ours.parameters()["image"])
        self._docker("create", *words, "--env", f"SCRIPT={SERVES}", image)
        self._await_tasks(replicas)

    def _play(self, **options: t.Any) -> None:
        path = self._programs.place / "swarm.json"
        path.write_text(json.dumps({"options": {**self._ours.parameters(), **options}}))
        self._programs.play("swarm.yml", "-e", f"@{path}")

    def _docker(self, *words: str) -> str:
        return self._programs.run(["docker", "--host", self._swarm.docker_host, "service", *words])

    def _running(self) -> set[str]:
        """The ids of the peer's tasks that run and are to."""
        words = ["--filter", "desired-state=running", "--format", "{{.ID}} {{.CurrentState}}", self._peer]
        lines = [line.split() for line in self._docker("ps", *words).splitlines()]
        return {task for task, state, *_since in lines if state == "Running"}

    def _await_tasks(self, number: int, old: t.Collection[str] = ()) -> None:
        def are_there() -> bool:
            running = self._running()
            return len(running) == number and running.isdisjoint(old)

        until(are_there, f"{number} new tasks of {self._peer} run", _LONGEST_TASK_SECONDS)


def at_scale(bench: Bench) -> list[Figure]:
    """(i) A task for one bundle and for many of them, alone and beside services of others; and the start of many."""
    others, many = bench.amount(1000, 5), bench.amount(200, 3)
    turns = bench.amount(3, 1)
    figures = []
    with _swarm() as swarm:
        bundles = [{**new_bundle(), "environment": {"SCRIPT": SERVES}} for _number in range(many)]
        task = _Task(bench, swarm)
        start = taken_by(lambda: figures.append(task.requests(f"{many} bundles that start", bundles, None)))
        figures.append(Figure(_SCALE, f"{many} bundles that start", start.seconds, "s"))
        for place in ("alone", f"beside {others} services"):
            if place != "alone":
                _create_others(swarm, task.image, others)
            ways = {f"{number} converged, {place}": bundles[:number] for number in (1, many)}
            contest = Contest({name: partial(task.run, some) for name, some in ways.items()}).run(turns)
            figures += contest.figures(_SCALE)
            figures += [task.requests(name, some, _LOOK) for name, some in ways.items()]
    return figures


class _Task:
    """The module for some bundles, in a process of its own as Ansible has it."""

    def __init__(self, bench: Bench, swarm: Swarm) -> None:
        self._place = bench.place
        self._docker_host = swarm.docker_host
        self._options = SwarmDeployment(swarm, new_bundle()).parameters(wait_timeout=600)
        del self._options["bundle"]

    @property
    def image(self) -> str:
        return str(self._options["image"])

    def run(self, bundles: Sequence[dict[str, t.Any]], docker_host: str | None = None) -> None:
        options = {**self._options, "bundles": list(bundles), "docker_host": docker_host or self._docker_host}
        result = ModuleProcess("evento_bundle", options).result(_LONGEST_TASK_SECONDS)
        assert "failed" not in result, result["msg"]

    def requests(self, what: str, bundles: Sequence[dict[str, t.Any]], at_most: float | None) -> Figure:
        """How many a run makes."""
        with Recorder(self._place, self._docker_host) as recorder:
            self.run(bundles, recorder.docker_host)
        return Figure(_SCALE, what, len(recorder.calls), "requests", at_most)


def _create_others(swarm: Swarm, image: str, number: int) -> None:
    """Services of which nothing runs; to the managers they are services like any other."""
    with swarm.client() as engine:
        template = {"ContainerSpec": {"Image": image, "Env": ["SOME=value"], "Labels": {"of": "others"}}}
        for one in range(number):
            engine.api.create_service(
                template, name=f"other-{one}", labels={"of": "others"}, mode={"Replicated": {"Replicas": 0}}
            )
