# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One bundle: a trigger, triggers at once, memory, requests."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.benchmark.bench import Bench
from tests.benchmark.containers import unrelated
from tests.benchmark.measure import Contest, Figure, taken_by
from tests.benchmark.memory import Peak
from tests.integration.recorder import Recorder

_TRIGGER = "(a) one trigger, until the container has been started"
_BESIDE = "(d) a converged run beside containers of others"
_AT_ONCE = "(e) triggers at once, until the last has returned"
_MEMORY = "(f) peak memory"
_REQUESTS = "(g) requests to the engine"


def one_trigger(bench: Bench) -> list[Figure]:
    """(a) The wrapper, and what does the same without it."""
    with bench.deployment() as deployment:
        peers = bench.peers(deployment)
        ways: dict[str, Callable[[], object]] = {
            "evento-deploy": peers.wrapper,
            "play with docker_container": peers.docker_container,
            "ping play and docker run": peers.ping_and_docker_run,
            "documented script": peers.documented_script,
        }
        if bench.tools.compose:
            ways["Docker Compose"] = peers.compose
        contest = Contest(ways, lambda: bench.tidy(deployment)).run(bench.amount(9, 1))
    return [
        *contest.figures(_TRIGGER),
        contest.compared(_TRIGGER, "evento-deploy", "play with docker_container", 1.0),
        contest.compared(_TRIGGER, "evento-deploy", "ping play and docker run", 1.25),
    ]


def beside_others(bench: Bench) -> list[Figure]:
    """(d) Before, beside and after containers that are none of ours."""
    others = bench.amount(300, 3)
    turns = bench.amount(9, 1)
    with bench.deployment() as deployment:
        deployment.run()
        run = {"converged": deployment.run}
        before = Contest(run).run(turns)
        with unrelated(bench.client, bench.image, others):
            beside = Contest(run).run(turns)
        after = Contest(run).run(turns)
    alone = (before.seconds("converged") + after.seconds("converged")) / 2
    return [
        Figure(_BESIDE, "beside none", alone, "s"),
        Figure(_BESIDE, f"beside {others}", beside.seconds("converged"), "s"),
        Figure(_BESIDE, f"beside {others} / none", beside.seconds("converged") / alone, "times", 1.1),
    ]


def triggers_at_once(bench: Bench) -> list[Figure]:
    """(e) Many calls for one bundle, and calls for instances that take long to start."""
    number = bench.amount(10, 2)
    with bench.deployment() as deployment:
        peers = bench.peers(deployment)
        ways = {
            f"{number} times evento-deploy": peers.wrapper,
            f"{number} times play with docker_container": peers.docker_container,
            f"{number} times documented script": peers.documented_script,
        }
        contest = Contest(
            {name: _at_once(way, number) for name, way in ways.items()}, lambda: bench.tidy(deployment)
        ).run(bench.amount(3, 1))
    return [*contest.figures(_AT_ONCE), _slow_starts(bench)]


def _at_once(way: Callable[[], object], number: int) -> Callable[[], object]:
    def all_of_them() -> None:
        with ThreadPoolExecutor(number) as pool:
            list(pool.map(lambda _turn: way(), range(number)))

    return all_of_them


def _slow_starts(bench: Bench) -> Figure:
    """Eight calls with the wrapper's own wait, for instances that take 15 s: how long the slowest takes to return."""
    number = bench.amount(8, 2)
    environment = {"DEMO_BEHAVIOUR": "slow", "DEMO_DELAY": "15"}
    with bench.deployment(environment=environment) as deployment:
        peers = bench.peers(deployment, bench.lab.image)

        def call(_turn: int) -> float:
            return taken_by(lambda: peers.wrapper(ready_when="reported")).seconds

        with ThreadPoolExecutor(number) as pool:
            slowest = max(pool.map(call, range(number)))
    return Figure(_AT_ONCE, f"slowest of {number}, each for an instance that takes 15 s", slowest, "s", 8)


def memory(bench: Bench) -> list[Figure]:
    """(f) Of a call that starts an instance."""
    with bench.deployment() as deployment, Peak(f"HOME={bench.place}") as peak:
        bench.peers(deployment).wrapper()
    return [
        Figure(_MEMORY, "module", peak.module, "MiB", 64),
        Figure(_MEMORY, "evento-deploy with all that it starts", peak.tree, "MiB"),
    ]


def requests(bench: Bench) -> list[Figure]:
    """(g) Of a call that starts an instance, and of one that finds all as it should be."""
    figures = []
    with bench.deployment() as deployment:
        for what in ("a first start", "a converged run"):
            with Recorder(bench.place, bench.lab.docker_host) as recorder:
                deployment.run(docker_host=recorder.docker_host)
            figures.append(Figure(_REQUESTS, what, len(recorder.calls), "requests"))
    return figures
