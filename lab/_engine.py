# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private Docker engine: a dockerd of our own, beside which the machine's own engine keeps running untouched."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import time
import typing as t
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL, SIGTERM

from lab import _api, _debian, _dockerd, _engines, _network, _podman, _processes
from lab._errors import LabError
from lab._program import Program
from lab._progress import say, step
from lab._state import State

if t.TYPE_CHECKING:
    import docker

_START_SECONDS = 30.0
_LAUNCH_SECONDS = 5.0
_STOP_SECONDS = 15.0
_POLL_SECONDS = 0.02
_LOG_TAIL_LINES = 15
_NAMESPACE = "evento-lab"
_PREDEFINED = ("bridge", "host", "none")


def is_up(state: State) -> bool:
    """Whether the engine runs and answers."""
    return _process(state) is not None and _api.get(state.socket, "/version") is not None


def start(state: State) -> None:
    """Start the engine, empty of containers; first ends what is left of one that was killed.

    Raises LabError when the machine does not let it start, with the end of the engine's log.
    """
    if os.geteuid() != 0:
        raise LabError("The lab's own engine needs root; run as root, or name another one in EVENTO_LAB_DOCKER_HOST.")
    _network.check_free(state)
    _end(state)
    _network.ensure_bridge(state)
    kind = _engines.KINDS[state.engine]
    usr = _debian.programs(state, kind.release, kind.packages) if kind.release else None
    with step("Starting the lab's Docker engine"):
        _launch(state, usr)
        _wait_until_it_answers(state)
    clear(state.docker_host)


def stop(state: State) -> None:
    """Stop the engine and everything in it, and remove its bridges. Images stay."""
    if is_up(state):
        with step("Stopping the lab's Docker engine"):
            clear(state.docker_host)
            _end(state)
        return
    _end(state)


def clear(docker_host: str) -> None:
    """Remove all containers and networks of the private engine."""
    with client(docker_host) as engine:
        for container in engine.api.containers(all=True):
            engine.api.remove_container(container["Id"], force=True, v=True)
        for network in engine.api.networks():
            if network["Name"] not in _PREDEFINED:
                engine.api.remove_network(network["Id"])


@contextlib.contextmanager
def client(docker_host: str) -> Iterator[docker.DockerClient]:
    """The Docker SDK's client for the engine. Raises LabError for what the engine refuses or does not answer."""
    import docker
    import requests

    try:
        with contextlib.closing(docker.DockerClient(base_url=docker_host)) as connected:
            yield connected
    except (docker.errors.DockerException, requests.RequestException) as exc:
        raise LabError(f"The Docker engine at {docker_host} failed: {exc}") from exc


def gateway(docker_host: str) -> str:
    """The address of this machine on the engine's default bridge, or the loopback address if it is not here.

    An engine in a virtual machine hands host.docker.internal on to the loopback address.
    """
    with client(docker_host) as engine:
        config = engine.api.inspect_network("bridge")["IPAM"]["Config"]
    address = next((entry["Gateway"] for entry in config if "." in entry.get("Gateway", "")), "127.0.0.1")
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return "127.0.0.1"
    return str(address)


def has_images(docker_host: str, label: str) -> bool:
    """Whether the engine has images with the label."""
    with client(docker_host) as engine:
        return bool(engine.api.images(filters={"label": label}))


def remove_images(docker_host: str, label: str) -> None:
    """Remove the images with the label and the containers that were made from them."""
    with client(docker_host) as engine:
        for container in engine.api.containers(all=True, filters={"label": label}):
            engine.api.remove_container(container["Id"], force=True, v=True)
        # An image is newer than the one that it is built on and goes first.
        for image in sorted(engine.api.images(filters={"label": label}), key=lambda found: -int(found["Created"])):
            engine.api.remove_image(image["Id"], force=True)


def _launch(state: State, usr: Path | None) -> None:
    network = _network.network_of(state)
    state.data.mkdir(parents=True, exist_ok=True)
    if _engines.KINDS[state.engine].podman:
        _podman.furnish(state, network)
        program = _podman.program(state, network)
    else:
        # With a network of the last run in its store and address pools of its own, dockerd deletes the interface
        # docker0, which is that of the machine's own engine.
        shutil.rmtree(state.data / "network", ignore_errors=True)
        _dockerd.furnish(state.runtime)
        program = _docker(state, network, None if usr is None else _debian.DOCKERD)
    program.launch(state.pid, state.log, usr)


def _docker(state: State, network: _network.Network, dockerd: str | None) -> Program:
    options = {
        "host": state.docker_host,
        "data-root": state.data,
        "exec-root": state.runtime,
        "pidfile": state.runtime / "dockerd.pid",
        "containerd-namespace": _NAMESPACE,
        "containerd-plugins-namespace": f"{_NAMESPACE}-plugins",
        "bridge": network.bridge,
        "default-address-pool": f"base={network.pool},size=26",
        # Nothing answers there, so that a container's look-up of an unknown name fails at once too.
        "dns": network.address,
        "iptables": "false",
        "ip6tables": "false",
        "ip-forward": "false",
        "ip-masq": "false",
        "userland-proxy": "true",
    }
    words = _dockerd.command(state.runtime, options, dockerd)
    return Program(words, _dockerd.environment(), _dockerd.OWN_MOUNTS, [str(state.runtime)])


def _wait_until_it_answers(state: State) -> None:
    seen = started = time.monotonic()
    while not is_up(state):
        now = time.monotonic()
        if _process(state) is not None:
            seen = now
        # Not at once: a process has no arguments yet while it turns into another program.
        if now > started + _START_SECONDS or now > seen + _LAUNCH_SECONDS:
            tail = "\n".join(state.log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:])
            _end(state)
            raise LabError(f"The lab's Docker engine does not start; see the end of {state.log}:\n{tail}")
        time.sleep(_POLL_SECONDS)


def _pid(state: State) -> int | None:
    try:
        return int(state.pid.read_text())
    except (OSError, ValueError):
        return None


def _process(state: State) -> int | None:
    """The engine's process id while it lives, as dockerd or as the shell that is about to become it.

    The number in the file alone proves nothing after a reboot.
    """
    pid = _pid(state)
    # The options --data-root of dockerd and --root of Podman.
    ours = pid is not None and any(word.endswith(f"root={state.data}") for word in _processes.arguments(pid))
    return pid if ours else None


def _end(state: State) -> None:
    """End the engine and whatever a killed one has left: containerd, containers, bridges, runtime files."""
    pid = _process(state)
    if pid is not None:
        _processes.signal(pid, SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while _process(state) is not None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
    if _processes.of_engine(state.runtime):
        say("Ending what is left of the lab's engine")
    deadline = time.monotonic() + _STOP_SECONDS
    while survivors := _processes.of_engine(state.runtime):
        for survivor in survivors:
            _processes.signal(survivor, SIGKILL)
        if time.monotonic() > deadline:
            raise LabError(f"The lab's processes {survivors} do not end; a reboot will end them.")
        time.sleep(_POLL_SECONDS)
    _network.remove_bridges(state)
    state.pid.unlink(missing_ok=True)
    state.socket.unlink(missing_ok=True)
    shutil.rmtree(state.runtime, ignore_errors=True)
