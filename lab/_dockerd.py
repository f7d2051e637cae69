# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to run a dockerd beside another one."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from signal import SIGKILL

from lab import _api, _processes
from lab._errors import LabError, run
from lab._namespaces import Namespaces
from lab._packages import find

# For the directories of engines: short, because there will be sockets in them.
PLACE = Path("/var/tmp")

_END_SECONDS = 60.0
_POLL_SECONDS = 0.02
_SAID_CHARACTERS = 4000

# For a shell in a mount namespace of its own, whose $1 is a directory that `furnish` has filled. Own mounts over what
# two engines would share: the key that is the engine's identity, the directory where a dockerd looks for a containerd
# to join, and the name servers (none: image look-ups fail at once instead of after a time-out).
OWN_MOUNTS = """
set -e
mkdir -p /etc/docker /run/containerd
mount --bind "$1/etc" /etc/docker
mount --bind "$1/run-containerd" /run/containerd
if [ -e /etc/resolv.conf ]; then mount --bind "$1/resolv.conf" /etc/resolv.conf; fi
"""


def furnish(directory: Path) -> None:
    """Make what OWN_MOUNTS mounts, and the engine's configuration file, which says nothing."""
    for name in ("etc", "run-containerd"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    (directory / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    (directory / "daemon.json").write_text("{}\n")


def command(furnished: Path, options: Mapping[str, object], program: str | None = None) -> list[str]:
    """The words that start dockerd.

    :param furnished: the directory that `furnish` has filled.
    :param options: its options without the dashes.
    :param program: where another dockerd than the machine's lies.
    """
    given = {"config-file": furnished / "daemon.json", **options}
    return [program or str(find("dockerd")), *(f"--{name}={value}" for name, value in given.items())]


def environment() -> dict[str, str]:
    """All that dockerd gets to see of the environment: where it finds its programs."""
    return {"PATH": os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin", "/sbin", "/bin"])}


class Dockerd:
    """A dockerd in namespaces that outlive it: killed and started again, it finds the containers that live on.

    :param directory: has all of it; `furnish` has filled it.
    :param namespaces: where it runs.
    :param flags: further flags of dockerd.
    """

    def __init__(self, directory: Path, namespaces: Namespaces, flags: Sequence[str] = ()) -> None:
        self._directory = directory
        self._namespaces = namespaces
        self._flags = flags
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def docker_host(self) -> str:
        """The engine's address."""
        return f"unix://{self._directory}/docker.sock"

    @property
    def runs(self) -> bool:
        """Whether it was launched and has not been ended."""
        return self._process is not None

    @property
    def last_words(self) -> str:
        """Where it has ended though nobody ended it, its exit code and what it said of that; else nothing."""
        code = None if self._process is None else self._process.poll()
        return (
            ""
            if code is None
            else f"The Docker engine in {self._directory} ended by itself with {code}:\n{self._said()}"
        )

    @property
    def answers(self) -> bool:
        """Whether it runs and answers."""
        return _api.get(self._directory / "docker.sock", "/version") is not None

    def launch(self) -> None:
        """Start it; returns at once."""
        options = {
            "host": self.docker_host,
            "data-root": self._directory / "data",
            "exec-root": self._directory / "exec",
            "pidfile": self._directory / "dockerd.pid",
        }
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._namespaces.command(*command(self._directory, options), *self._flags),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=environment(),
                start_new_session=True,
            )

    def wait_until_it_answers(self, seconds: float) -> None:
        """Return once it answers; starts it where it has ended or gives up, as the machine's init system does."""
        deadline = time.monotonic() + seconds
        while not self.answers:
            if time.monotonic() > deadline:
                raise LabError(f"The Docker engine in {self._directory} does not start:\n{self._said()}")
            # It does when containerd does not find the containers of the last one within 15 s.
            if self._process is None or self._process.poll() is not None:
                self._clear()
                self.launch()
            time.sleep(_POLL_SECONDS)

    def send(self, number: int) -> None:
        """Send a signal to it."""
        assert self._process is not None
        self._process.send_signal(number)

    def end(self, number: int) -> None:
        """End it, and its containerd with it, by a signal; the containers may live on."""
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(_END_SECONDS)
        self._process = None
        self._clear()

    def _said(self) -> str:
        """The end of its log, or, where it crashed, the beginning of what it said of that."""
        log = (self._directory / "log").read_text(errors="replace")
        # So the crash of a Go program begins; what follows, all that it did at the time, can be long.
        crash = max(log.rfind("\npanic: "), log.rfind("\nfatal error: "))
        return log[-_SAID_CHARACTERS:] if crash < 0 else log[crash + 1 :][:_SAID_CHARACTERS]

    def _clear(self) -> None:
        deadline = time.monotonic() + _END_SECONDS
        while self._containerd():
            if time.monotonic() > deadline:
                raise LabError(f"The containerd of the engine in {self._directory} does not end.")
            time.sleep(_POLL_SECONDS)
        # The next ones would take the process ids in these files for those of engines that run.
        (self._directory / "dockerd.pid").unlink(missing_ok=True)
        (self._directory / "exec/containerd/containerd.pid").unlink(missing_ok=True)

    def _containerd(self) -> list[int]:
        found = _processes.of_engine(self._directory)
        return [pid for pid in found if os.path.basename(next(iter(_processes.arguments(pid)), "")) == "containerd"]


def abandoned(prefix: str) -> Iterator[tuple[Path, str]]:
    """The directories PLACE/<prefix><process id>-... of processes that have ended, and the process ids."""
    for directory in PLACE.glob(f"{prefix}*-*"):
        owner = directory.name.removeprefix(prefix).partition("-")[0]
        if not Path("/proc", owner).exists():
            yield directory, owner


def remove(directory: Path) -> None:
    """End what lives of the engines in a directory, unmount what they left there, and remove it."""
    end_processes(directory)
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for place in sorted((place for place in mounts if place.startswith(f"{directory}/")), reverse=True):
        run(["umount", "--lazy", place])
    shutil.rmtree(directory)


def end_processes(directory: Path) -> None:
    """End what lives of the engines in a directory, their containers included."""
    deadline = time.monotonic() + _END_SECONDS
    while survivors := _processes.of_engine(directory):
        for survivor in survivors:
            _processes.signal(survivor, SIGKILL)
        if time.monotonic() > deadline:
            raise LabError(f"The processes {survivors} of {directory} do not end; a reboot will end them.")
        time.sleep(_POLL_SECONDS)
