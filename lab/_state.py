# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lab keeps its files, and the locks that keep two users of it apart."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab import _engines
from lab._errors import LabError

CHECKOUT = Path(__file__).resolve().parent.parent
_DEFAULT_ROOT = "/var/tmp/evento-docker-lab"

# The lock that says "a process of this checkout works with the lab"; held by its open file until the process ends.
_usage: dict[Path, int] = {}


@dataclass(frozen=True)
class State:
    """The lab's directory, one of the engines that it can have, and what lies where."""

    root: Path
    engine: str = _engines.DEFAULT

    @property
    def home(self) -> Path:
        """What is this engine's alone lies there."""
        return self.root if self.engine == _engines.DEFAULT else self.root / "engines" / self.engine

    @property
    def socket(self) -> Path:
        """The engine's socket."""
        return self.home / "docker.sock"

    @property
    def data(self) -> Path:
        """The engine's images and containers."""
        return self.home / "data"

    @property
    def runtime(self) -> Path:
        """What means nothing once the engine has ended: process ids, sockets, namespaces."""
        return self.home / "exec"

    @property
    def pid(self) -> Path:
        """The engine's process id."""
        return self.home / "engine.pid"

    @property
    def log(self) -> Path:
        """The engine's own log."""
        return self.home / "engine.log"

    @property
    def cache(self) -> Path:
        """What can be made again and takes time: the base image's archive, compiled classes, JARs, other releases."""
        return self.root / "cache"

    @property
    def docker_host(self) -> str:
        """The private engine's address."""
        return f"unix://{self.socket}"


def current() -> State:
    """The state in EVENTO_LAB_DIR, else in the default directory, with the engine that EVENTO_LAB_ENGINE names.

    Raises LabError when there is no such engine, or EVENTO_LAB_DOCKER_HOST names another.
    """
    engine = chosen_engine() or _engines.DEFAULT
    if engine not in _engines.KINDS:
        raise LabError(f"EVENTO_LAB_ENGINE is {engine}; the lab has these engines: {', '.join(_engines.KINDS)}.")
    if chosen_engine() and own_engine_asked():
        raise LabError("EVENTO_LAB_ENGINE and EVENTO_LAB_DOCKER_HOST each name an engine; set only one of them.")
    return State(Path(os.environ.get("EVENTO_LAB_DIR") or _DEFAULT_ROOT).resolve(), engine)


def chosen_engine() -> str | None:
    """The name in EVENTO_LAB_ENGINE, where it is set."""
    return os.environ.get("EVENTO_LAB_ENGINE") or None


def all_engines(state: State) -> list[State]:
    """The states of all engines that this lab has had."""
    states = [State(state.root, engine) for engine in _engines.KINDS]
    return [one for one in states if one.home.exists()]


def own_engine_asked() -> str | None:
    """The address of the user's own engine where EVENTO_LAB_DOCKER_HOST asks for it."""
    return os.environ.get("EVENTO_LAB_DOCKER_HOST") or None


@contextlib.contextmanager
def exclusive(state: State) -> Iterator[None]:
    """Hold the lab while it is brought up or down; waits for another process that does either."""
    lock = _locked(state.root / "lock", fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


def _locked(path: Path, how: int) -> int:
    """Open and lock the file; starts over when a purge has deleted it meanwhile."""
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except PermissionError as exc:
            raise LabError(
                f"{path} cannot be written; run as root, or set EVENTO_LAB_DIR to a directory of yours."
            ) from exc
        fcntl.flock(lock, how)
        if path.exists() and path.stat().st_ino == os.fstat(lock).st_ino:
            return lock
        os.close(lock)


def claim(state: State) -> None:
    """Say that this checkout works with the lab, until this process ends. Call it inside `exclusive`.

    Processes of one checkout share the lab. Another checkout gets it only when none of them runs, because both would
    give the same names to different images and containers. Raises LabError when another checkout works with it.
    """
    path = state.root / "in-use"
    lock = _usage.get(path)
    if lock is None:
        lock = _locked(path, fcntl.LOCK_SH)
    holder = os.pread(lock, 4096, 0).decode()
    if holder != str(CHECKOUT):
        if not _upgraded(lock):
            os.close(lock)
            _usage.pop(path, None)
            raise LabError(f"The checkout {holder} works with the lab in {state.root}; try again when it has ended.")
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(CHECKOUT).encode(), 0)
        fcntl.flock(lock, fcntl.LOCK_SH)
    _usage[path] = lock


def release(state: State) -> None:
    """Make sure that no other process works with the lab, then give up the own claim. Call it inside `exclusive`.

    Raises LabError when another process does.
    """
    path = state.root / "in-use"
    lock = _usage.pop(path, None)
    if lock is None:
        lock = _locked(path, fcntl.LOCK_SH)
    free = _upgraded(lock)
    os.close(lock)
    if not free:
        raise LabError(f"Another process works with the lab in {state.root}; try again when it has ended.")


def _upgraded(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
