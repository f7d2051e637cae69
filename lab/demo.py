# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: Evento Server's two-argument call, from the first instance to the clean-up. Each step checks itself."""

from __future__ import annotations

import json
import tempfile
import typing as t
from pathlib import Path

import lab
from lab._ansible import ansible
from lab._progress import say, step
from lab._story import BUNDLE_ID, BUNDLE_LABEL, MAX_INSTANCES, SCRIPT, VERSION_LABEL, Story, bundle_forms
from lab.server import EventoServer

if t.TYPE_CHECKING:
    from docker.models.containers import Container

_STARTED = "Application Started!"
# Evento Server v1.15 calls 4 to 11 s too early at its start.
_SECONDS_TOO_EARLY = 5


def run() -> None:
    """Tell the whole story on the lab; takes the lab down again if it was down before.

    Raises LabError when a step does not show what it promises.
    """
    was_up = lab.is_up()
    say("evento.docker demo: Evento Server publishes a bundle and calls its deploy script; we watch the engine.\n")
    try:
        with tempfile.TemporaryDirectory(prefix="evento-demo-") as directory:
            running = lab.up()
            _Demo(running, running.server(), Path(directory)).tell()
    finally:
        if not was_up:
            lab.down()
    say("\nThe demo showed everything it promised.")


class _Demo:
    """The steps, and the actors that they share."""

    def __init__(self, running: lab.Lab, server: EventoServer, directory: Path) -> None:
        self._lab = running
        self._server = server
        self._story = Story(directory / "deploy.yml")

    def tell(self) -> None:
        self._story.set_up(
            docker_host=self._lab.docker_host, server_url=self._server.container_url, image=self._lab.image
        )
        try:
            self._server.start()
            self._remove_leftovers()
            self._steps()
        finally:
            self._remove_leftovers()
            self._server.stop()

    def _steps(self) -> None:
        first, later = self._publish("1")
        self._story.title("The bundle is published: Evento Server calls [script, bundle JSON, token]")
        say(f"  script  {SCRIPT}")
        say(f"  bundle  {first}")
        say(f"  token   a JWT that is good for 60 s, such as {self._server.token()[:20]}...")
        before = self._call(first, count=1)
        self._show_log(before[0])

        self._story.title("The instance is overloaded: the server calls again, with a new token")
        say(f"  updatedAt is now what the server's database kept of it: {later.rpartition(':')[2].rstrip('}')}")
        after = self._call(later, count=2)
        self._story.promise("the first instance was left alone", _ids(before) < _ids(after))

        self._story.title(f"More calls, up to maxInstances ({MAX_INSTANCES})")
        before = self._call(later, count=MAX_INSTANCES)

        self._story.title("One call more, at maxInstances")
        after = self._call(later, count=MAX_INSTANCES)
        self._story.promise("nothing changed", _ids(before) == _ids(after))

        second, later = self._publish("2")
        self._story.title("Version 2 is published: it rolls in, and the number of instances stays")
        after = self._call(second, count=MAX_INSTANCES)
        self._story.promise("every instance is a new one", not _ids(before) & _ids(after))
        versions = {instance.labels[VERSION_LABEL] for instance in after}
        self._story.promise("all of them are version 2, says their label", versions == {"2"})
        self._story.promise_soon("so says their log", lambda: all("Version 2" in _log(instance) for instance in after))

        self._story.title("An operator stops the bundle with the module, state: stopped")
        self._stop()

        self._story.title(f"Evento Server starts again: it calls {_SECONDS_TOO_EARLY} s before its HTTP port answers")
        self._start_server_late("2")
        self._show_log(self._call(later, count=1)[0])

        self._story.title("Clean-up")
        self._stop()

    def _start_server_late(self, version: str) -> None:
        """Have a new server, which knows what is published, where the old one was."""
        self._server.stop()
        self._server = EventoServer(self._lab.bridge_address, self._server.port)
        self._server.publish(BUNDLE_ID, self._jar(version))
        self._server.start(after=_SECONDS_TOO_EARLY)

    def _jar(self, version: str) -> Path:
        return self._lab.jar(bundle_id=BUNDLE_ID, version=version)

    def _publish(self, version: str) -> tuple[str, str]:
        """Give the server a new JAR and return the bundle's JSON in the two forms that it sends."""
        self._server.publish(BUNDLE_ID, self._jar(version))
        return bundle_forms(version)

    def _call(self, bundle: str, count: int) -> list[Container]:
        """Call the script as the server does; show what runs then."""
        self._story.call(self._server, bundle)
        instances = self._instances()
        for instance in instances:
            say(f"  {instance.name:<14} {instance.short_id}  {instance.status}  v{instance.labels[VERSION_LABEL]}")
        self._story.promise(f"running instances: {count}", len(instances) == count)
        return instances

    def _show_log(self, instance: Container) -> None:
        self._story.promise_soon("the bundle started", lambda: _STARTED in _log(instance))
        say(f"  the log of {instance.name}:")
        for line in _log(instance).splitlines():
            say(f"  | {line}")

    def _stop(self) -> None:
        options = {"bundle": {"id": BUNDLE_ID}, "state": "stopped", "docker_host": self._lab.docker_host}
        with step("  running the module"):
            ansible(
                self._lab.state,
                "ansible",
                ["localhost", "-m", "evento.docker.evento_bundle", "-a", json.dumps(options)],
            )
        self._story.promise("running instances: 0", not self._instances())

    def _instances(self) -> list[Container]:
        with self._lab.client() as client:
            found = client.containers.list(filters={"label": f"{BUNDLE_LABEL}={BUNDLE_ID}"}, ignore_removed=True)
        return sorted(found, key=lambda instance: str(instance.name))

    def _remove_leftovers(self) -> None:
        with self._lab.client() as client:
            for container in client.api.containers(all=True, filters={"label": f"{BUNDLE_LABEL}={BUNDLE_ID}"}):
                client.api.remove_container(container["Id"], force=True, v=True)


def _ids(instances: list[Container]) -> set[str]:
    return {str(instance.id) for instance in instances}


def _log(instance: Container) -> str:
    return instance.logs().decode(errors="replace")
