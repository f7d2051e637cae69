# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many bundles in one task, and many instances of one bundle."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import typing as t
import uuid
from functools import partial

from tests.benchmark import plain_client
from tests.benchmark.bench import Bench
from tests.benchmark.containers import remove
from tests.benchmark.measure import Contest, Figure
from tests.integration.deployment import new_bundle
from tests.integration.recorder import Recorder

_CONVERGED = "(b) a play that finds all bundles as they should be"
_INSTANCES = "(c) from none to many instances"
_THREADS = (2, 4, 8)


def converged_bundles(bench: Bench) -> list[Figure]:
    """(b) One task for all, against a loop of docker_container."""
    few, some, many = (bench.amount(*numbers) for numbers in ((1, 1), (10, 2), (100, 3)))
    with _bundles(bench, many) as bundles, bench.deployment() as peer:
        names = [f"peer-{bundle['id']}" for bundle in bundles]
        loop = bench.peers(peer)
        ways: dict[str, t.Callable[[], object]] = {}
        for number in (few, some, many):
            ways[f"evento_bundle, {number}"] = partial(bench.play, bundles[:number])
            ways[f"loop of docker_container, {number}"] = partial(loop.docker_container, names[:number])
        contest = Contest(ways).run(bench.amount(3, 1))
        with Recorder(bench.place, bench.lab.docker_host) as recorder:
            bench.play(bundles, recorder.docker_host)
    ours = f"evento_bundle, {many}"
    return [
        *contest.figures(_CONVERGED),
        contest.compared(_CONVERGED, ours, f"loop of docker_container, {many}", 1 / 40),
        contest.compared(_CONVERGED, ours, f"evento_bundle, {few}", 1.3),
        Figure(_CONVERGED, f"requests for {many}", len(recorder.calls), "requests", 5),
    ]


@contextlib.contextmanager
def _bundles(bench: Bench, number: int) -> t.Iterator[list[dict[str, t.Any]]]:
    bundles = [new_bundle() for _number in range(number)]
    try:
        bench.play(bundles)
        yield bundles
    finally:
        for bundle in bundles:
            remove(bench.client, f"evento.bundle={bundle['id']}")


def many_instances(bench: Bench) -> list[Figure]:
    """(c) The module, as Ansible runs it, against clients that do nothing but create and start."""
    number = bench.amount(50, 3)
    with bench.deployment() as deployment:
        mark = f"peer=plain-{uuid.uuid4().hex[:8]}"

        def plain(threads: int) -> None:
            words = [bench.lab.docker_host, bench.image, str(number), mark, str(threads)]
            subprocess.run([sys.executable, plain_client.__file__, *words], check=True)

        def ours() -> None:
            result = deployment.run(instances=number, wait_timeout=300)
            assert len(result["instances"]) == number, result

        def tidy() -> None:
            bench.tidy(deployment)
            remove(bench.client, mark)

        clients = {f"plain client, {threads} threads": partial(plain, threads) for threads in _THREADS}
        contest = Contest({"evento_bundle": ours, **clients}, tidy).run(bench.amount(3, 1))
    fastest = min(clients, key=contest.seconds)
    return [
        *contest.figures(f"{_INSTANCES} ({number})"),
        contest.compared(f"{_INSTANCES} ({number})", "evento_bundle", fastest, 1.1),
    ]
