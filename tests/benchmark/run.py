# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs, as ratios against a peer measured in the same run: make bench."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

import lab as lab_package
from lab import Lab
from lab.server import EventoServer
from tests.integration.deployment import WRAPPER, Deployment, new_bundle

# More of what is quick, because a few milliseconds matter there.
CALLS, RUNS = 9, 25
EMPTY_PLAY = "- hosts: localhost\n  gather_facts: false\n  tasks: []\n"


def seconds(what: t.Callable[[], t.Any]) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def compare(
    turns: int, ours: t.Callable[[], t.Any], peer: t.Callable[[], t.Any], after_each: t.Callable[[], t.Any]
) -> list[tuple[float, float]]:
    """What both took, in seconds, measured by turns so that both see the same machine; a first turn only warms up."""
    rows = []
    for turn in range(turns + 1):
        row = []
        for call in (ours, peer):
            row.append(seconds(call))
            after_each()
        if turn:
            rows.append((row[0], row[1]))
    return rows


def show(what: str, rows: list[tuple[float, float]], at_most: float) -> bool:
    """Print the medians; whether that of the turns' ratios, which a machine of changing speed disturbs least, keeps
    its bound."""
    ours, peer = (statistics.median(column) for column in zip(*rows, strict=True))
    ratio = statistics.median(ours / peer for ours, peer in rows)
    verdict = "ok" if ratio <= at_most else "TOO SLOW"
    print(f"{what}: {ours:.2f} s against {peer:.2f} s, {ratio:.2f} times (at most {at_most}): {verdict}", flush=True)
    return ratio <= at_most


def one_call(deployment: Deployment, work: Path) -> bool:
    """A wrapper call that starts one instance against an empty local play and docker run -d."""
    settings = work / "deploy.yml"
    settings.write_text(
        json.dumps(
            {
                "docker_host": deployment.lab.docker_host,
                "server_url": deployment.server.container_url,
                "ready_when": "running",
                "ready_after": 0,
            }
        )
    )
    play = work / "empty.yml"
    play.write_text(EMPTY_PLAY)
    environment = {"PATH": os.environ["PATH"], "HOME": str(work), "LC_ALL": "C.UTF-8"}

    def call() -> None:
        env = {**environment, "EVENTO_DEPLOY_CONFIG": str(settings)}
        finished = deployment.server.deploy(WRAPPER, json.dumps(deployment.bundle), env=env)
        assert finished.returncode == 0, finished.stderr

    def peer() -> None:
        playbook = Path(sys.executable).with_name("ansible-playbook")
        subprocess.run([playbook, play], env=environment, check=True, capture_output=True)
        url = f"{deployment.server.container_url}/asset/bundle/{deployment.id}?token={deployment.server.token()}"
        command = ["docker", "--host", deployment.lab.docker_host, "run", "--detach", "--rm"]
        command += ["--label", f"evento.bundle={deployment.id}", "--add-host", "host.docker.internal:host-gateway"]
        command += ["--env", f"APP_JAR_URL={url}", "--env", "VM_ARGS=-Xmx64m", deployment.lab.image]
        subprocess.run(command, env=environment, check=True, capture_output=True)

    rows = compare(CALLS, call, peer, deployment.remove)
    return show("One wrapper call against an empty local play and docker run -d", rows, at_most=2.0)


def converged(one: Deployment, twenty: Deployment) -> bool:
    """A run that finds nothing to do, with 20 instances and with 1."""
    for deployment, instances in ((one, 1), (twenty, 20)):
        result = deployment.run(instances=instances, wait_timeout=300)
        assert len(result["instances"]) == instances, result

    def run(deployment: Deployment, instances: int) -> None:
        assert not deployment.run(instances=instances)["changed"]

    rows = compare(RUNS, lambda: run(twenty, 20), lambda: run(one, 1), lambda: None)
    return show("A converged module run with 20 instances against one with 1", rows, at_most=1.1)


def main() -> int:
    """Run all; 1 where a ratio is above its bound."""
    lab: Lab = lab_package.up()
    results = []
    with lab.client() as client, lab.server() as server, tempfile.TemporaryDirectory() as work:
        results.append(measure(lab, client, server, lambda a, _b: one_call(a, Path(work))))
        results.append(measure(lab, client, server, converged))
    return 0 if all(results) else 1


def measure(
    lab: Lab, client: t.Any, server: EventoServer, benchmark: t.Callable[[Deployment, Deployment], bool]
) -> bool:
    """Give a benchmark two bundles, and remove their containers in the end."""
    deployments = [Deployment(lab, client, server, {**new_bundle(), "maxInstances": 64}) for _number in range(2)]
    try:
        for deployment in deployments:
            deployment.publish()
        return benchmark(*deployments)
    finally:
        for deployment in deployments:
            deployment.remove()


if __name__ == "__main__":
    sys.exit(main())
