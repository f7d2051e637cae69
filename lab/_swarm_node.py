# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One node of the lab's swarm: a Docker engine with a host name and a network of its own, to be killed and started."""

from __future__ import annotations

import json
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP

from lab import _dockerd
from lab._namespaces import Namespaces

_START_SECONDS = 60.0


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
        script = f'{_dockerd.OWN_MOUNTS}\nhostname "$2"'
        self._namespaces = Namespaces(("--uts", "--mount"), script, str(root), name, network=namespace)
        self._engine = _dockerd.Dockerd(root, self._namespaces)

    @property
    def docker_host(self) -> str:
        """The engine's address."""
        return self._engine.docker_host

    @property
    def answers(self) -> bool:
        """Whether the engine runs and answers."""
        return self._engine.answers

    @property
    def last_words(self) -> str:
        """Where the engine has ended though nobody ended it, what it said of that; else nothing."""
        return self._engine.last_words

    def begin(self) -> None:
        """Make what stays while engines come and go, and start the first one; returns at once."""
        _dockerd.furnish(self._root)
        (self._root / "daemon.json").write_text(json.dumps({"insecure-registries": [self._registry]}))
        self._namespaces.__enter__()
        self._engine.launch()

    def start(self) -> None:
        """Return once the engine answers; starts it where it has ended, as the machine's init system does."""
        self._engine.wait_until_it_answers(_START_SECONDS)

    def kill(self) -> None:
        """End the engine, and its containerd with it, by SIGKILL; the containers live on."""
        self._engine.end(SIGKILL)

    def freeze(self) -> None:
        """Let the engine do nothing any more, not even answer."""
        self._engine.send(SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._engine.send(SIGCONT)

    def end(self) -> None:
        """End all that runs of the node."""
        if self._engine.runs:
            self._engine.end(SIGKILL)
        _dockerd.end_processes(self._root)
        self._namespaces.__exit__()
