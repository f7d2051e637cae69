# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: a private Docker engine, images, a demo bundle and a stand-in Evento Server, for demo, tests and benchmarks.

EVENTO_LAB_DIR names its directory (default /var/tmp/evento-docker-lab). EVENTO_LAB_ENGINE chooses one of the engines
that it can have (default: that of the machine's own packages). With EVENTO_LAB_DOCKER_HOST the lab uses that engine
instead of its own, and starts, stops and removes nothing there but what it made itself.
"""

from __future__ import annotations

import hashlib
import shutil
import typing as t
from dataclasses import dataclass
from pathlib import Path

from lab import _base_image, _engine, _engines, _image, _jar, _network, _packages, _state
from lab._errors import LabError
from lab._progress import say

if t.TYPE_CHECKING:
    import contextlib

    import docker

    from lab.server import EventoServer

__all__ = ["Lab", "LabError", "down", "engine", "is_up", "up"]


@dataclass(frozen=True)
class Lab:
    """A lab that is up: `docker_host` is the engine's address, `image` the image's name on it,
    `base_image` that of the image that it is built on.

    `bridge_address` is the address of this machine that the engine's containers reach as host.docker.internal.
    """

    docker_host: str
    bridge_address: str
    image: str
    base_image: str
    state: _state.State

    def client(self) -> contextlib.AbstractContextManager[docker.DockerClient]:
        """The Docker SDK's client for the engine, for use in a `with` statement."""
        return _engine.client(self.docker_host)

    def jar(self, bundle_id: str = "DemoBundle", version: str | None = None, size: int | None = None) -> Path:
        """A JAR of the demo bundle, kept for the next call; see `_jar.build_jar` for the arguments."""
        # Several processes of a test run may want the same one.
        with _state.exclusive(self.state):
            compiled = _jar.classes(self.state)
            key = hashlib.sha256(repr((compiled.name, bundle_id, version, size)).encode()).hexdigest()[:16]
            path = self.state.cache / f"bundle-{key}.jar"
            if not path.exists():
                unfinished = path.with_suffix(".unfinished")
                _jar.build_jar(unfinished, compiled, bundle_id=bundle_id, version=version, size=size)
                unfinished.replace(path)
            return path

    def server(self, signing_key: str | None = None) -> EventoServer:
        """A stand-in Evento Server, not started yet, that the engine's containers can reach."""
        from lab.server import EventoServer

        host_name = _engines.KINDS[self.state.engine].host_name
        return EventoServer(self.bridge_address, signing_key=signing_key, host_name=host_name)


def is_up() -> bool:
    """Whether the private engine runs, or the user's own one has the lab's images."""
    own_engine = _state.own_engine_asked()
    if own_engine is not None:
        return _engine.has_images(own_engine, _base_image.MADE_BY_LAB)
    return _engine.is_up(_state.current())


def engine() -> str:
    """The engine of a lab that is up: product, version, and version of its API."""
    with _engine.client(_state.own_engine_asked() or _state.current().docker_host) as client:
        told = client.version()
    product = "Podman" if told["Components"][0]["Name"].startswith("Podman") else "Docker"
    return f"{product} {told['Version']}, API {told['ApiVersion']}"


def up() -> Lab:
    """Bring the lab up, or find that it is, and use it until this process ends.

    Raises LabError when something that it needs cannot be had, or another checkout works with it.
    """
    state = _state.current()
    own_engine = _state.own_engine_asked()
    with _state.exclusive(state):
        _state.claim(state)
        state.cache.mkdir(exist_ok=True)
        _packages.require(engine=own_engine is None)
        if own_engine is not None:
            _image.ensure(state, own_engine)
            return Lab(own_engine, _engine.gateway(own_engine), _image.name(), _base_image.NAME, state)
        if not _engine.is_up(state):
            _engine.start(state)
        if not _image.is_current(state):
            _image.ensure(state, state.docker_host)
        return Lab(state.docker_host, _network.network_of(state).address, _image.name(), _base_image.NAME, state)


def down(purge: bool = False) -> None:
    """Stop the private engines and everything in them; the images stay for the next `up`. With `purge`, nothing stays.

    Where EVENTO_LAB_ENGINE names an engine, only that one is stopped, except with `purge`. On the user's own engine,
    removes the lab's images. Raises LabError when another process works with the lab.
    """
    state = _state.current()
    own_engine = _state.own_engine_asked()
    if not state.root.exists():
        return
    with _state.exclusive(state):
        _state.release(state)
        if own_engine is not None:
            _engine.remove_images(own_engine, _base_image.MADE_BY_LAB)
        else:
            for one in [state] if _state.chosen_engine() and not purge else _state.all_engines(state):
                _engine.stop(one)
        if purge:
            shutil.rmtree(state.root)
            say(f"Removed {state.root}")
