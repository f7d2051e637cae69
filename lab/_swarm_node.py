# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One node of the lab's swarm: a Docker engine with a host name and a network of its own, to be killed and started."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP

from lab import _api, _dockerd, _processes
from lab._errors import LabError, run

PLACE = Path("/var/tmp")

_END_SECONDS = 60.0
_POLL_SECONDS = 0.02
# Stays when the engine is killed, so that the next one finds the mounts of the containers that live on.
_HOLD = f"""
{_dockerd.OWN_MOUNTS}
hostname "$2"
echo ready
exec cat
"""


class Node:
    """An engine that can be a node of a swarm.

    :param root: its directory.
    :param name: its host name.
    :param namespace: the name of its network namespace.
    :param address: its address there.
    :param registry: host and port of a registry that it reaches without TLS.
    """

    def __init__(self, root: Path, name: str, namespace: str, address: str, registry: str) -> None:
        self.name = name
        self.namespace = namespace
        self.address = address
        self._root = root
        self._registry = registry
        self._holder: subprocess.Popen[str] | None = None
        self._dockerd: subprocess.Popen[bytes] | None = None

    @property
    def docker_host(self) -> str:
        """The engine's address."""
        return f"unix://{self._root}/docker.sock"

    @property
    def answers(self) -> bool:
        """Whether the engine runs and answers."""
        return _api.get(self._root / "docker.sock", "/version") is not None

    def begin(self) -> None:
        """Make what stays while engines come and go, and start the first one; returns at once."""
        _dockerd.furnish(self._root)
        (self._root / "daemon.json").write_text(json.dumps({"insecure-registries": [self._registry]}))
        self._holder = subprocess.Popen(
            [
                *("nsenter", f"--net=/run/netns/{self.namespace}", "unshare", "--uts", "--mount"),
                *("--propagation", "slave", "sh", "-c", _HOLD, "sh", str(self._root), self.name),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "ready\n":
            raise LabError(f"Node {self.name} cannot be made; run as root.")
        self._launch()

    def start(self) -> None:
        """Start the engine again after it was killed; returns once it answers."""
        self._launch()
        self.wait_until_it_answers(_END_SECONDS)

    def wait_until_it_answers(self, seconds: float) -> None:
        """Return once the engine answers; starts it again where it gives up, as the machine's init system does."""
        deadline = time.monotonic() + seconds
        while not self.answers:
            if time.monotonic() > deadline:
                raise LabError(f"Node {self.name} does not start:\n{(self._root / 'log').read_text()[-4000:]}")
            # It does when containerd does not find the containers of the last one within 15 s.
            if self._dockerd is None or self._dockerd.poll() is not None:
                self._clear()
                self._launch()
            time.sleep(_POLL_SECONDS)

    def kill(self) -> None:
        """End the engine, and its containerd with it, by SIGKILL; the containers live on."""
        assert self._dockerd is not None
        self._dockerd.send_signal(SIGKILL)
        self._dockerd.wait(_END_SECONDS)
        self._dockerd = None
        self._clear()

    def freeze(self) -> None:
        """Let the engine do nothing any more, not even answer."""
        assert self._dockerd is not None
        self._dockerd.send_signal(SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._dockerd is not None
        self._dockerd.send_signal(SIGCONT)

    def end(self) -> None:
        """End all that runs of the node."""
        if self._dockerd:
            self._dockerd.kill()
            self._dockerd.wait(_END_SECONDS)
        _end_processes(self._root)
        if self._holder:
            self._holder.communicate()

    def _launch(self) -> None:
        assert self._holder is not None
        options = {
            "host": self.docker_host,
            "data-root": self._root / "data",
            "exec-root": self._root / "exec",
            "pidfile": self._root / "dockerd.pid",
        }
        enter = ["nsenter", f"--target={self._holder.pid}", "--net", "--mount", "--uts"]
        with (self._root / "log").open("ab") as log:
            self._dockerd = subprocess.Popen(
                [*enter, *_dockerd.command(self._root, options)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_dockerd.environment(),
                start_new_session=True,
            )

    def _clear(self) -> None:
        """Wait until containerd has ended, too; the containers and their shims may live on."""
        deadline = time.monotonic() + _END_SECONDS
        while self._containerd():
            if time.monotonic() > deadline:
                raise LabError(f"The containerd of node {self.name} does not end.")
            time.sleep(_POLL_SECONDS)
        # The next ones would take the process ids in these files for those of engines that run.
        (self._root / "dockerd.pid").unlink(missing_ok=True)
        (self._root / "exec/containerd/containerd.pid").unlink(missing_ok=True)

    def _containerd(self) -> list[int]:
        found = _processes.of_engine(self._root)
        return [pid for pid in found if os.path.basename(next(iter(_processes.arguments(pid)), "")) == "containerd"]


def remove(root: Path) -> None:
    """End what lives of the engines in a directory, unmount what they left there, and remove it."""
    _end_processes(root)
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for place in sorted((place for place in mounts if place.startswith(f"{root}/")), reverse=True):
        run(["umount", "--lazy", place])
    shutil.rmtree(root)


def _end_processes(root: Path) -> None:
    deadline = time.monotonic() + _END_SECONDS
    while survivors := _processes.of_engine(root):
        for survivor in survivors:
            _processes.signal(survivor, SIGKILL)
        if time.monotonic() > deadline:
            raise LabError(f"The processes {survivors} of {root} do not end; a reboot will end them.")
        time.sleep(_POLL_SECONDS)
