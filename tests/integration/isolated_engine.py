# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker engine beside that of the lab, to be killed, restarted and frozen."""

from __future__ import annotations

import os
import tempfile
import typing as t
from functools import cached_property
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM

from lab import _dockerd
from lab._namespaces import Namespaces

_SECONDS = 60.0
_NAME = "evento-engine-"


class IsolatedEngine:
    """A context manager that starts the engine, and in the end removes all that is left of it.

    Its network and mounts stay when the engine is killed, so that the next one finds the containers that live on.

    :param hostname: what it calls its machine.
    :param script: shell commands that set its machine up further, before its own mounts; $1 is its directory.
    """

    def __init__(self, hostname: str, script: str = "") -> None:
        self.directory = Path(tempfile.mkdtemp(prefix=f"{_NAME}{os.getpid()}-", dir=_dockerd.PLACE))
        self.namespaces = Namespaces(
            ("--net", "--mount", "--uts"),
            f'hostname "$2"\n{script}\n{_dockerd.OWN_MOUNTS}',
            str(self.directory),
            hostname,
        )

    @property
    def docker_host(self) -> str:
        return self._engine.docker_host

    @property
    def flags(self) -> list[str]:
        """Further flags of dockerd."""
        return []

    @cached_property
    def _engine(self) -> _dockerd.Dockerd:
        return _dockerd.Dockerd(self.directory, self.namespaces, self.flags)

    def prepare(self) -> None:
        """Set its machine up further, once, before the engine starts for the first time."""

    def __enter__(self) -> t.Self:
        # What is left of tests that were killed.
        for directory, _owner in _dockerd.abandoned(_NAME):
            _dockerd.remove(directory)
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
        if self._engine.runs:
            self.kill()
        self.namespaces.__exit__()
        _dockerd.remove(self.directory)

    def start(self) -> None:
        """Start the engine, again where it gives up, as the machine's init system does; returns once it answers."""
        self._engine.wait_until_it_answers(_SECONDS)

    def kill(self) -> None:
        """End the engine, and its containerd with it, by SIGKILL; the containers live on."""
        self._engine.end(SIGKILL)

    def stop(self) -> None:
        """End the engine as the machine's init system does; it stops the containers before."""
        self._engine.end(SIGTERM)

    def freeze(self) -> None:
        """Let the engine do nothing any more, not even answer."""
        self._engine.send(SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._engine.send(SIGCONT)
