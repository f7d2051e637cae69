# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker Swarm on one machine: each node an engine in a network of its own, all joined by a switch, and a registry.

Nothing of it is in the machine's own network. Its managers are reached by their sockets.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
import typing as t
from pathlib import Path
from signal import SIGKILL

from lab import _dockerd, _engine, _packages
from lab._errors import LabError, run
from lab._swarm_node import Node

if t.TYPE_CHECKING:
    import docker

MANAGERS = ("m1", "m2", "m3")
WORKERS = ("w1", "w2")
_SUBNET = "10.99.0"
# Of the machine, in the swarm's network.
ADDRESS = f"{_SUBNET}.1"

_NAME = "evento-swarm-"
_REGISTRY = f"{ADDRESS}:5000"
_REGISTRY_CONFIG = """\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {root}}}, delete: {{enabled: true}}}}
http: {{addr: "0.0.0.0:5000"}}
"""
_START_SECONDS = 60.0
_POLL_SECONDS = 0.05
# How often a node tells the managers that it lives; three times that without a word, and it is down. Docker's own 5 s
# would cost each test that loses a node 15 s.
_HEARTBEAT_NANOSECONDS = 3 * 10**9


class Swarm:
    """A context manager that brings the swarm up, and in the end removes all that is left of it.

    :ivar nodes: by their names, those of MANAGERS and WORKERS.
    """

    def __init__(self, managers: t.Sequence[str] = MANAGERS, workers: t.Sequence[str] = WORKERS) -> None:
        self.root = Path(tempfile.mkdtemp(prefix=f"{_NAME}{os.getpid()}-", dir=_dockerd.PLACE))
        self._managers = tuple(managers)
        self._switch = f"evsw{os.getpid()}"
        self._services: list[subprocess.Popen[bytes]] = []
        self.nodes = {
            name: Node(self.root / name, name, f"{self._switch}-{name}", f"{_SUBNET}.{11 + number}", _REGISTRY)
            for number, name in enumerate((*managers, *workers))
        }

    @property
    def managers(self) -> list[Node]:
        """The nodes through which the swarm is asked."""
        return [self.nodes[name] for name in self._managers]

    @property
    def namespace(self) -> str:
        """The network namespace from which nodes and registry are reached by their addresses."""
        return self._switch

    @property
    def docker_host(self) -> str:
        """The address of the first manager."""
        return self.managers[0].docker_host

    def client(self, name: str | None = None) -> contextlib.AbstractContextManager[docker.DockerClient]:
        """The Docker SDK's client for a node, the first manager unless told otherwise."""
        return _engine.client(self.nodes[name].docker_host if name else self.docker_host)

    def image(self, name: str) -> str:
        """What an image of that name is called in the swarm's registry."""
        return f"{_REGISTRY}/{name}"

    def __enter__(self) -> Swarm:
        _packages.require_for_swarm()
        _remove_leftovers()
        try:
            self._connect()
            self._start_registry()
            for node in self.nodes.values():
                node.begin()
            for node in self.nodes.values():
                node.start()
            self._join()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        for node in self.nodes.values():
            node.end()
        for service in self._services:
            service.kill()
            service.wait()
        _disconnect(self._switch)
        _dockerd.remove(self.root)

    def cut_off(self, name: str) -> None:
        """Take a node off the network; its containers, and its engine, go on."""
        self._link(name, "down")

    def reconnect(self, name: str) -> None:
        """Bring a node that was cut off back to the network."""
        self._link(name, "up")

    def serve(self, *words: str | Path) -> None:
        """Run a program at ADDRESS, where all nodes reach it, until the swarm is gone."""
        with (self.root / "services.log").open("ab") as log:
            service = subprocess.Popen(
                ["nsenter", f"--net=/run/netns/{self._switch}", *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._services.append(service)

    def _link(self, name: str, state: str) -> None:
        _ip("-n", self._switch, "link", "set", f"p-{name}", state)

    def _connect(self) -> None:
        _ip("netns", "add", self._switch)
        for words in (
            "link set lo up",
            "link add br0 type bridge",
            "link set br0 up",
            f"addr add {ADDRESS}/24 dev br0",
        ):
            _ip("-n", self._switch, *words.split())
        for node in self.nodes.values():
            _ip("netns", "add", node.namespace)
            port = f"p-{node.name}"
            _ip("link", "add", "eth0", "netns", node.namespace, "type", "veth", "peer", port, "netns", self._switch)
            for words in ("link set lo up", f"addr add {node.address}/24 dev eth0", "link set eth0 up"):
                _ip("-n", node.namespace, *words.split())
            _ip("-n", self._switch, "link", "set", port, "master", "br0", "up")
            _ip("-n", node.namespace, "route", "add", "default", "via", ADDRESS)

    def _start_registry(self) -> None:
        storage = self.root / "registry"
        storage.mkdir()
        config = self.root / "registry.yml"
        config.write_text(_REGISTRY_CONFIG.format(root=storage))
        self.serve(_packages.find("docker-registry") or "docker-registry", "serve", config)

    def _join(self) -> None:
        first, *others = self.managers
        with self.client(first.name) as engine:
            engine.api.init_swarm(
                advertise_addr=first.address,
                listen_addr=f"{first.address}:2377",
                swarm_spec=engine.api.create_swarm_spec(dispatcher_heartbeat_period=_HEARTBEAT_NANOSECONDS),
            )
            tokens = engine.api.inspect_swarm()["JoinTokens"]
            for node in self.nodes.values():
                if node is first:
                    continue
                token = tokens["Manager" if node in others else "Worker"]
                with self.client(node.name) as joining:
                    joining.api.join_swarm([first.address], token, node.address, node.address)
            self._wait_until_all_are_ready(engine)

    def _wait_until_all_are_ready(self, engine: docker.DockerClient) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            states = [node["Status"]["State"] for node in engine.api.nodes()]
            if states == ["ready"] * len(self.nodes):
                return
            if time.monotonic() > deadline:
                raise LabError(f"The nodes of the swarm are {states}: try again.")
            time.sleep(_POLL_SECONDS)


def _ip(*words: str) -> str:
    return run([_packages.find("ip") or "ip", *words])


def _disconnect(switch: str) -> None:
    for line in _ip("netns", "list").splitlines():
        name = line.split()[0]
        if name == switch or name.startswith(f"{switch}-"):
            _ip("netns", "delete", name)


def _remove_leftovers() -> None:
    """Remove the swarms of processes that were killed."""
    for root, owner in _dockerd.abandoned(_NAME):
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if f"{root}/" in path.read_text(errors="replace"):
                    os.kill(int(path.parent.name), SIGKILL)
        _disconnect(f"evsw{owner}")
        _dockerd.remove(root)
    if not shutil.which("nsenter"):
        raise LabError("The program nsenter is missing; install util-linux and try again.")
