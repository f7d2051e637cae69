# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.smoke PROGRAMS COLLECTIONS HOME`: uses an installed collection on the lab's engine, as its users do.

The arguments are those of `Installation` in tests/sessions/package.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from pathlib import Path

import lab
from lab.server import EventoServer
from tests.sessions.environment import ROOT
from tests.sessions.package import Installation
from tests.sessions.programs import StepFailed, say

_SAMPLE = ROOT / "tests" / "integration" / "samples" / "as-sent.json"


def main(programs: str, collections: str, home: str) -> int:
    """Call the wrapper as Evento Server does, then run the module and the playbook as an operator does."""
    installation = Installation(Path(programs), Path(collections), Path(home))
    bundle = json.loads(_SAMPLE.read_text())
    running = lab.up()
    try:
        with running.server() as server:
            server.publish(bundle["id"], running.jar(bundle_id=bundle["id"]))
            _Smoke(installation, running, server, bundle["id"]).run()
    except StepFailed as exc:
        say(f"-- {exc}")
        return 1
    return 0


class _Smoke:
    """The steps; each says what it shows, and raises StepFailed when it does not."""

    def __init__(self, installation: Installation, running: lab.Lab, server: EventoServer, bundle_id: str) -> None:
        self._installation = installation
        self._lab = running
        self._server = server
        self._bundle_id = bundle_id
        self._options = {
            "docker_host": running.docker_host,
            "server_url": server.container_url,
            "image": running.image,
        }

    def run(self) -> None:
        try:
            self._wrapper()
            self._module()
            self._playbook()
        finally:
            self._remove_leftovers()

    def _wrapper(self) -> None:
        settings = self._installation.home / "deploy.yml"
        settings.write_text(json.dumps(self._options))
        script = self._installation.path / "roles" / "evento_deploy" / "files" / "evento-deploy"
        env = {**self._installation.env(), "EVENTO_DEPLOY_CONFIG": str(settings)}
        self._show("evento-deploy --self-test", self._execute([script, "--self-test"], env), running=0)
        done = self._server.deploy(script, _SAMPLE.read_text(), env=env, cwd="/")
        self._show("evento-deploy BUNDLE TOKEN", done, running=1)

    def _module(self) -> None:
        started = {**self._options, "bundle": _SAMPLE.read_text(), "token": self._server.token(), "instances": 2}
        stopped = {**self._options, "bundle": {"id": self._bundle_id}, "state": "stopped"}
        for options, running in ((started, 2), (stopped, 0)):
            words = ["ansible", "localhost", "-m", "evento.docker.evento_bundle", "-a", json.dumps(options)]
            self._show("the module", self._ansible(*words), running=running)

    def _playbook(self) -> None:
        variables = {
            **{f"evento_bundle_{name}": value for name, value in self._options.items()},
            "evento_bundle_hosts": "localhost",
            "evento_bundle_bundle": {"id": self._bundle_id, "minInstances": 1},
            "evento_bundle_token": self._server.token(),
        }
        words = ["ansible-playbook", "evento.docker.deploy", "-e", json.dumps(variables)]
        self._show("the playbook evento.docker.deploy", self._ansible(*words), running=1)

    def _ansible(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        return self._execute([self._installation.programs / program, *words], self._installation.env())

    def _execute(self, words: t.Sequence[str | Path], env: t.Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, env=env, cwd=self._installation.home, capture_output=True, text=True, check=False, timeout=180
        )

    def _show(self, what: str, done: subprocess.CompletedProcess[str], *, running: int) -> None:
        with self._lab.client() as client:
            found = client.containers.list(filters={"label": f"evento.bundle={self._bundle_id}"}, ignore_removed=True)
        if done.returncode or len(found) != running:
            raise StepFailed(
                f"{what}: exit code {done.returncode}, {len(found)} running instead of {running}\n"
                f"{done.stdout}{done.stderr}"
            )
        say(f"-- {what}: exit code 0, {running} running")

    def _remove_leftovers(self) -> None:
        with self._lab.client() as client:
            for container in client.api.containers(all=True, filters={"label": f"evento.bundle={self._bundle_id}"}):
                client.api.remove_container(container["Id"], force=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
