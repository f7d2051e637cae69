# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker engine to be killed, restarted and frozen, beside that of the lab, which others use at the same time.

It has a network of its own with a loopback interface and nothing else: its containers need the network mode none or
host.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import typing as t
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM

from lab import _api, _packages, _processes
from tests.until import until

_SECONDS = 60.0
_POLL = 0.02
_PLACE = Path("/var/tmp")
_NAME = "evento-engine-"

# Stays when the engine is killed, so that the next one finds the mounts of the containers that live on; ends with the
# test. Own mounts over what two engines would share: the engine's identity, containerd's sockets, the name servers
# (none, so that the look-up of an image fails at once).
_HOLD = """
set -e
mkdir -p /etc/docker /run/containerd
mount --bind "$1/etc" /etc/docker
mount --bind "$1/containerd" /run/containerd
if [ -e /etc/resolv.conf ]; then mount --bind "$1/resolv.conf" /etc/resolv.conf; fi
ip link set lo up
echo ready
exec cat
"""


class SpareEngine:
    """A context manager that starts the engine, and in the end removes all that is left of it."""

    def __init__(self) -> None:
        # Short, because there will be sockets in it.
        self._root = Path(tempfile.mkdtemp(prefix=f"{_NAME}{os.getpid()}-", dir=_PLACE))
        self._holder: subprocess.Popen[str] | None = None
        self._dockerd: subprocess.Popen[bytes] | None = None

    @property
    def docker_host(self) -> str:
        return f"unix://{self._root}/docker.sock"

    def __enter__(self) -> t.Self:
        # What is left of tests that were killed.
        for root in _PLACE.glob(f"{_NAME}*-*"):
            owner = root.name.removeprefix(_NAME).partition("-")[0]
            if not Path("/proc", owner).exists():
                _remove(root)
        try:
            self._hold()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _hold(self) -> None:
        for name in ("etc", "containerd"):
            (self._root / name).mkdir()
        (self._root / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        (self._root / "daemon.json").write_text("{}\n")
        self._holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--propagation", "slave", "sh", "-c", _HOLD, "sh", str(self._root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == "ready\n"

    def __exit__(self, *_exc: object) -> None:
        if self._dockerd:
            self.kill()
        if self._holder:
            self._holder.communicate()
        _remove(self._root)

    def start(self) -> None:
        """Start the engine, again where it gives up, as the machine's init system does; returns once it answers."""
        self._launch()
        deadline = time.monotonic() + _SECONDS
        while _api.get(self._root / "docker.sock", "/version") is None:
            if time.monotonic() > deadline:
                raise AssertionError((self._root / "log").read_text()[-4000:])
            # It does when containerd does not find the containers of the last one within 15 s.
            if self._dockerd is None or self._dockerd.poll() is not None:
                self._clear()
                self._launch()
            time.sleep(_POLL)

    def kill(self) -> None:
        """End the engine, and its containerd with it, by SIGKILL; the containers live on."""
        self._end(SIGKILL)

    def stop(self) -> None:
        """End the engine as the machine's init system does; it stops the containers before."""
        self._end(SIGTERM)

    def freeze(self) -> None:
        """Let the engine do nothing any more, not even answer."""
        assert self._dockerd is not None
        self._dockerd.send_signal(SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._dockerd is not None
        self._dockerd.send_signal(SIGCONT)

    def _launch(self) -> None:
        assert self._holder is not None
        options = {
            "config-file": self._root / "daemon.json",
            "host": self.docker_host,
            "data-root": self._root / "data",
            "exec-root": self._root / "exec",
            "pidfile": self._root / "dockerd.pid",
            "bridge": "none",
            "iptables": "false",
            "ip6tables": "false",
            "ip-forward": "false",
            # Without a bridge there is no address that host.docker.internal could have.
            "host-gateway-ip": "127.0.0.1",
        }
        enter = ["nsenter", f"--target={self._holder.pid}", "--net", "--mount"]
        dockerd = [str(_packages.find("dockerd")), *(f"--{name}={value}" for name, value in options.items())]
        with (self._root / "log").open("ab") as log:
            self._dockerd = subprocess.Popen(
                [*enter, *dockerd],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"PATH": os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/usr/bin", "/sbin", "/bin"])},
                start_new_session=True,
            )

    def _end(self, number: int) -> None:
        assert self._dockerd is not None
        self._dockerd.send_signal(number)
        self._dockerd.wait(_SECONDS)
        self._dockerd = None
        self._clear()

    def _clear(self) -> None:
        """Wait until containerd has ended, too; the containers and their shims may live on."""
        until(lambda: not self._containerd(), "the end of containerd", _SECONDS)
        # The next ones would take the process ids in these files for those of engines that run.
        (self._root / "dockerd.pid").unlink(missing_ok=True)
        (self._root / "exec/containerd/containerd.pid").unlink(missing_ok=True)

    def _containerd(self) -> list[int]:
        found = _processes.of_engine(self._root)
        return [pid for pid in found if os.path.basename(next(iter(_processes.arguments(pid)), "")) == "containerd"]


def _remove(root: Path) -> None:
    """End what lives of an engine, and remove its files."""
    while survivors := _processes.of_engine(root):
        for survivor in survivors:
            _processes.signal(survivor, SIGKILL)
        time.sleep(_POLL)
    shutil.rmtree(root)
