# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker engine beside that of the lab, to be killed, restarted and frozen."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import typing as t
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM

from lab import _api, _dockerd, _processes
from tests.integration.namespaces import Namespaces
from tests.until import until

_SECONDS = 60.0
_POLL = 0.02
_PLACE = Path("/var/tmp")
_NAME = "evento-engine-"


class IsolatedEngine:
    """A context manager that starts the engine, and in the end removes all that is left of it.

    Its network and mounts stay when the engine is killed, so that the next one finds the containers that live on.

    :param hostname: what it calls its machine.
    :param script: shell commands that set its machine up further, before its own mounts; $1 is its directory.
    """

    def __init__(self, hostname: str, script: str = "") -> None:
        # Short, because there will be sockets in it.
        self.directory = Path(tempfile.mkdtemp(prefix=f"{_NAME}{os.getpid()}-", dir=_PLACE))
        self.namespaces = Namespaces(
            ("--net", "--mount", "--uts"),
            f'hostname "$2"\n{script}\n{_dockerd.OWN_MOUNTS}',
            str(self.directory),
            hostname,
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def docker_host(self) -> str:
        return f"unix://{self.directory}/docker.sock"

    @property
    def flags(self) -> list[str]:
        """Further flags of dockerd."""
        return []

    def prepare(self) -> None:
        """Set its machine up further, once, before the engine starts for the first time."""

    def __enter__(self) -> t.Self:
        # What is left of tests that were killed.
        for directory in _PLACE.glob(f"{_NAME}*-*"):
            owner = directory.name.removeprefix(_NAME).partition("-")[0]
            if not Path("/proc", owner).exists():
                _remove(directory)
        try:
            _dockerd.furnish(self.directory)
            self.namespaces.__enter__()
            self.prepare()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._process:
            self.kill()
        self.namespaces.__exit__()
        _remove(self.directory)

    def start(self) -> None:
        """Start the engine, again where it gives up, as the machine's init system does; returns once it answers."""
        self._launch()
        deadline = time.monotonic() + _SECONDS
        while _api.get(self.directory / "docker.sock", "/version") is None:
            if time.monotonic() > deadline:
                raise AssertionError((self.directory / "log").read_text()[-4000:])
            # It does when containerd does not find the containers of the last one within 15 s.
            if self._process is None or self._process.poll() is not None:
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
        assert self._process is not None
        self._process.send_signal(SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(SIGCONT)

    def _launch(self) -> None:
        options = {
            "host": self.docker_host,
            "data-root": self.directory / "data",
            "exec-root": self.directory / "exec",
            "pidfile": self.directory / "dockerd.pid",
        }
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.namespaces.command(*_dockerd.command(self.directory, options), *self.flags),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_dockerd.environment(),
                start_new_session=True,
            )

    def _end(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(_SECONDS)
        self._process = None
        self._clear()

    def _clear(self) -> None:
        """Wait until containerd has ended, too; the containers and their shims may live on."""
        until(lambda: not self._containerd(), "the end of containerd", _SECONDS)
        # The next ones would take the process ids in these files for those of engines that run.
        (self.directory / "dockerd.pid").unlink(missing_ok=True)
        (self.directory / "exec/containerd/containerd.pid").unlink(missing_ok=True)

    def _containerd(self) -> list[int]:
        found = _processes.of_engine(self.directory)
        return [pid for pid in found if os.path.basename(next(iter(_processes.arguments(pid)), "")) == "containerd"]


def _remove(directory: Path) -> None:
    """End what lives of an engine, and remove its files."""
    while survivors := _processes.of_engine(directory):
        for survivor in survivors:
            _processes.signal(survivor, SIGKILL)
        time.sleep(_POLL)
    shutil.rmtree(directory)
