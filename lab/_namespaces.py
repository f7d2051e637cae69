# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Linux namespaces that last as long as this process wants them."""

from __future__ import annotations

import subprocess
import typing as t

from lab._errors import LabError, run


class Namespaces:
    """A context manager that holds namespaces of their own; they end with it, or with this process, however that ends.

    :param kinds: what of the machine there is to be anew, as flags of unshare and nsenter: --net, --mount, --uts.
    :param script: shell commands that set it up, after the loopback interface.
    :param arguments: $1 and so on of the script.
    :param network: the name of a network namespace that is there already, to be in.
    """

    def __init__(self, kinds: t.Sequence[str], script: str = "", *arguments: str, network: str = "") -> None:
        self._kinds = kinds
        self._network = network
        self._script = f"set -e\nip link set lo up\n{script}\necho ready\nexec cat"
        self._arguments = arguments
        self._holder: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """The process that is in them."""
        assert self._holder is not None
        return self._holder.pid

    def __enter__(self) -> t.Self:
        enter = ["nsenter", f"--net=/run/netns/{self._network}"] if self._network else []
        enter += ["unshare", *self._kinds, *(["--propagation", "slave"] if "--mount" in self._kinds else [])]
        self._holder = subprocess.Popen(
            [*enter, "sh", "-c", self._script, "sh", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "ready\n":
            raise LabError("Namespaces cannot be made; run as root.")
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._holder:
            self._holder.communicate()

    def command(self, *words: str) -> list[str]:
        """The words that run a command in them."""
        network = ["--net"] if self._network else []
        return ["nsenter", f"--target={self.pid}", *network, *self._kinds, *words]

    def run(self, *words: str) -> str:
        """Run a command in them to its end; what it prints."""
        return run(self.command(*words))
