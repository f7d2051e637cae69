# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo on a Docker Swarm: calls, a publish, a node that is lost, an instance that is told to exit."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

from lab import _base_image, _image, _jar, _packages, _state
from lab._ansible import ansible
from lab._errors import LabError
from lab._progress import say, step
from lab._story import BUNDLE_ID, BUNDLE_LABEL, MAX_INSTANCES, VERSION_LABEL, Story, bundle_forms
from lab._swarm import ADDRESS, Swarm
from lab.server import EventoServer

_STORE_PORT = 8000
_JAR = "demo-orders.jar"
# DemoBundle.java
_EXIT = "/tmp/told-to-exit"
_SERVICE_LABEL = "com.docker.swarm.service.name"
# A lost node is noticed after three silent heartbeats; its instance has a JVM to start elsewhere.
_NODE_LOSS_SECONDS = 60.0
# Longer than the swarm waits before it starts a failed one again.
_LEFT_ALONE_SECONDS = 7.0


def run() -> None:
    """Tell the whole story on a swarm that is there for it alone.

    Raises LabError when a step does not show what it promises.
    """
    state = _state.current()
    with _state.exclusive(state):
        _state.claim(state)
        state.cache.mkdir(exist_ok=True)
        _packages.require(engine=True)
    say("evento.docker demo: Evento Server calls its deploy script, whose settings name a Docker Swarm.\n")
    with tempfile.TemporaryDirectory(prefix="evento-demo-") as directory, _swarm() as swarm:
        _Demo(state, swarm, Path(directory)).tell()
    say("\nThe demo showed everything it promised.")


@contextlib.contextmanager
def _swarm() -> t.Iterator[Swarm]:
    with contextlib.ExitStack() as stack:
        with step("Starting a swarm of three managers and two workers, and a registry"):
            swarm = stack.enter_context(Swarm())
        yield swarm
        say()
        with step("Removing the swarm"):
            stack.close()


@dataclass(frozen=True)
class _Instance:
    """A container of the bundle, as the node that it runs on tells of it."""

    id: str
    service: str
    version: str
    node: str


class _Demo:
    """The steps, and the actors that they share."""

    def __init__(self, state: _state.State, swarm: Swarm, directory: Path) -> None:
        self._state = state
        self._swarm = swarm
        self._store = directory / "store"
        self._server = EventoServer()
        self._story = Story(directory / "deploy.yml")

    def tell(self) -> None:
        image = self._push_image()
        self._store.mkdir()
        words = ["-m", "http.server", str(_STORE_PORT), "--bind", ADDRESS, "--directory", str(self._store)]
        self._swarm.serve(sys.executable, *words)
        settings = {
            "backend": "swarm",
            "docker_host": self._swarm.docker_host,
            "managers": [manager.docker_host for manager in self._swarm.managers[1:]],
            "image": image,
            "artifact_url": f"http://{ADDRESS}:{_STORE_PORT}/{_JAR}",
        }
        self._story.set_up(**settings)
        say("  the script's settings:")
        for name, value in settings.items():
            say(f"  | {name}: {value}")
        self._steps()

    def _steps(self) -> None:
        story = self._story
        first, later = self._publish("1")
        story.title("The bundle is published, and overloaded twice: three calls")
        self._call(first, 1)
        self._call(later, 2)
        before = self._call(later, 3)
        story.promise("each is on a node of its own", len({one.node for one in before}) == MAX_INSTANCES)

        second, later = self._publish("2")
        story.title("Version 2 is published: it rolls in, and the number of instances stays")
        after = self._call(second, MAX_INSTANCES)
        story.promise("every instance is a new one", not {one.id for one in before} & {one.id for one in after})
        story.promise("all of them are version 2", {one.version for one in after} == {"2"})

        # The first manager serves the calls, and leads the swarm.
        lost = next(one.node for one in after if one.node != self._swarm.managers[0].name)
        story.title(f"Node {lost} is lost: the swarm starts its instance on another one")
        self._swarm.cut_off(lost)
        story.promise_soon(
            "three run on the other nodes",
            lambda: len([one for one in self._instances() if one.node != lost]) == MAX_INSTANCES,
            _NODE_LOSS_SECONDS,
        )
        story.promise(
            f"the module tells of the one that nobody can stop on {lost}", self._states()[lost] == "unreachable"
        )
        self._swarm.reconnect(lost)
        story.promise_soon(f"back again, {lost} ends its own", lambda: not self._on(lost), _NODE_LOSS_SECONDS)

        before = self._instances()
        leaving = before[0]
        story.title(f"Evento Server scales down: it tells {leaving.service} to exit, which ends with exit code 0")
        with self._swarm.client(leaving.node) as engine:
            engine.containers.get(leaving.id).exec_run(["touch", _EXIT])
        story.promise_soon("it has ended", lambda: leaving not in self._instances())
        with step(f"  watching for {_LEFT_ALONE_SECONDS:.0f} s"):
            time.sleep(_LEFT_ALONE_SECONDS)
        story.promise("the swarm leaves it alone", self._instances() == before[1:])

        story.title("One overload call more: its place is filled again")
        after = self._call(later, MAX_INSTANCES)
        story.promise("the others were left alone", set(before[1:]) < set(after))

        story.title("Clean-up: state: stopped")
        self._module("evento_bundle", bundle={"id": BUNDLE_ID}, state="stopped")
        with self._swarm.client() as engine:
            story.promise("services: 0", not engine.api.services())
        story.promise("running instances: 0", not self._instances())

    def _push_image(self) -> str:
        """Build the image on the first manager and put it into the swarm's registry; returns its name there."""
        docker_host = self._swarm.docker_host
        name = self._swarm.image(_image.name())
        with self._swarm.client() as engine:
            _base_image.ensure(self._state, engine)
            with step(f"Building the image {name} and pushing it to the registry"):
                _image.build_image(self._state, docker_host)
                engine.images.get(_image.name()).tag(name)
                if "error" in (told := engine.images.push(name)):
                    raise LabError(f"The image cannot be pushed:\n{told}")
        return name

    def _publish(self, version: str) -> tuple[str, str]:
        """Put a new JAR into the store and return the bundle's JSON in the two forms that the server sends."""
        with step(f"Putting version {version} into the artifact store"):
            _jar.build_jar(self._store / _JAR, _jar.classes(self._state), bundle_id=BUNDLE_ID, version=version)
        return bundle_forms(version)

    def _call(self, bundle: str, count: int) -> list[_Instance]:
        self._story.call(self._server, bundle)
        instances = self._instances()
        for one in instances:
            say(f"  {one.service:<14} {one.id[:12]}  v{one.version}  on {one.node}")
        self._story.promise(f"running instances: {count}", len(instances) == count)
        return instances

    def _instances(self) -> list[_Instance]:
        """What runs, as the nodes tell, whatever the swarm takes for running."""
        found = [one for node in self._swarm.nodes for one in self._on(node)]
        return sorted(found, key=lambda one: one.service)

    def _on(self, node: str) -> list[_Instance]:
        with self._swarm.client(node) as engine:
            containers = engine.api.containers(filters={"label": f"{BUNDLE_LABEL}={BUNDLE_ID}"})
        return [
            _Instance(one["Id"], one["Labels"][_SERVICE_LABEL], one["Labels"][VERSION_LABEL], node)
            for one in containers
        ]

    def _states(self) -> dict[str, str]:
        """What the module tells of the instances: the state of each by its node. Shows it, too."""
        shown = self._module("evento_bundle_info", id=BUNDLE_ID)
        rows = json.loads(shown.partition("=>")[2])["instances"]
        for row in rows:
            say(f"  {row['name']:<14} {row['state']}  v{row['version']}  on {row['node']}")
        return {row["node"]: row["state"] for row in rows}

    def _module(self, name: str, **options: t.Any) -> str:
        given = json.dumps({"backend": "swarm", "docker_host": self._swarm.docker_host, **options})
        with step(f"  running {name}"):
            return ansible(self._state, "ansible", ["localhost", "-m", f"evento.docker.{name}", "-a", given])
