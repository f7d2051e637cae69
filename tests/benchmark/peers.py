# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others do for the same result: the container of one bundle, started."""

from __future__ import annotations

import json
import typing as t
import uuid
from collections.abc import Sequence
from pathlib import Path

from tests.benchmark.programs import Programs
from tests.benchmark.tools import Tools
from tests.integration.deployment import WRAPPER, Deployment

# What evento.md documents, less its crash on an environment: the keys were taken for pairs.
_DOCUMENTED = """\
#!/usr/bin/env python3
import json, subprocess, sys, time
bundle, token = json.loads(sys.argv[1]), sys.argv[2]
name = "%s-%d" % (bundle["id"], time.time() * 1000)
url = "{server}/asset/bundle/%s?token=%s" % (bundle["id"], token)
command = ["docker", "--host", "{engine}", "run", "--name", name, "-d", "--rm", "-e", "APP_JAR_URL=" + url]
command += ["--label", "evento.bundle=" + bundle["id"]]
for key, value in bundle["environment"].items():
    command += ["-e", "%s=%s" % (key, value)]
command += ["{image}"]
print(command)
subprocess.run(command)
"""
_MANY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - community.docker.docker_container:
        docker_host: "{{ engine }}"
        name: "{{ item.name }}"
        image: "{{ item.image }}"
        pull: never
        auto_remove: true
        env: "{{ item.env }}"
        labels: "{{ item.labels }}"
        etc_hosts: {host.docker.internal: host-gateway}
        state: started
      loop: "{{ containers }}"
      loop_control: {label: "{{ item.name }}"}
"""


class Peers:
    """Each way of starting the bundle's container, as a program of its own.

    :param place: a directory for their files
    :param image: what runs in the containers, and in ours
    """

    def __init__(self, deployment: Deployment, tools: Tools, place: Path, image: str) -> None:
        self._deployment = deployment
        self._tools = tools
        self._place = place
        self.image = image
        self._programs = Programs(place)
        (place / "many.yml").write_text(_MANY)
        script = _DOCUMENTED
        for name, value in (("server", self._server), ("engine", self._engine), ("image", image)):
            script = script.replace(f"{{{name}}}", value)
        (place / "documented").write_text(script)
        (place / "documented").chmod(0o755)

    @property
    def _server(self) -> str:
        return self._deployment.server.container_url

    @property
    def _engine(self) -> str:
        return self._deployment.lab.docker_host

    def environment(self) -> dict[str, str]:
        """That of every container."""
        url = f"{self._server}/asset/bundle/{self._deployment.id}?token={self._deployment.server.token()}"
        return {"APP_JAR_URL": url, "VM_ARGS": "-Xmx64m"}

    def wrapper(self, **settings: t.Any) -> None:
        """One call of evento-deploy; it returns once the container has been started."""
        path = self._place / "deploy.yml"
        given = {"docker_host": self._engine, "server_url": self._server, "image": self.image, "pull": "never"}
        path.write_text(json.dumps({**given, "ready_when": "running", "ready_after": 0, **settings}))
        self._call(WRAPPER, EVENTO_DEPLOY_CONFIG=str(path))

    def documented_script(self) -> None:
        """The script of Evento's documentation, in the wrapper's place."""
        self._call(self._place / "documented")

    def _call(self, script: Path, **environ: str) -> None:
        finished = self._deployment.server.deploy(
            script, json.dumps(self._deployment.bundle), env={**self._programs.environ, **environ}, cwd=self._place
        )
        assert finished.returncode == 0, finished.stderr

    def docker_run(self) -> None:
        """The command line alone."""
        command = ["docker", "--host", self._engine, "run", "--detach", "--rm"]
        command += [
            "--label",
            f"evento.bundle={self._deployment.id}",
            "--add-host",
            "host.docker.internal:host-gateway",
        ]
        for key, value in self.environment().items():
            command += ["--env", f"{key}={value}"]
        self._programs.run([*command, self.image])

    def ping_and_docker_run(self) -> None:
        """A play that does nothing but reach its host, and the command line: what cannot be done without."""
        self._programs.ping()
        self.docker_run()

    def docker_container(self, names: Sequence[str] = ()) -> None:
        """The same play with community.docker's module, in a loop over the names (one new one if there are none)."""
        labels = {"evento.bundle": self._deployment.id}
        common = {"image": self.image, "env": {"VM_ARGS": "-Xmx64m"}, "labels": labels}
        containers = [{"name": name, **common} for name in names or [f"peer-{uuid.uuid4().hex[:8]}"]]
        if not names:
            containers[0]["env"] = self.environment()
        # Of its own for each, because several may run at once.
        variables = self._place / f"many-{uuid.uuid4().hex[:8]}.json"
        variables.write_text(json.dumps({"engine": self._engine, "containers": containers}))
        self._programs.play("many.yml", "-e", f"@{variables}", ANSIBLE_COLLECTIONS_PATH=str(self._tools.collections))

    def compose(self) -> None:
        """Docker Compose, for a project of this one service."""
        project = f"peer-{uuid.uuid4().hex[:8]}"
        service = {
            "image": self.image,
            "network_mode": "bridge",
            "environment": self.environment(),
            "labels": {"evento.bundle": self._deployment.id},
            "extra_hosts": ["host.docker.internal:host-gateway"],
        }
        path = self._place / "compose.json"
        path.write_text(json.dumps({"services": {"bundle": service}}))
        assert self._tools.compose is not None
        self._programs.run([self._tools.compose, "-p", project, "-f", path, "up", "-d"], DOCKER_HOST=self._engine)
