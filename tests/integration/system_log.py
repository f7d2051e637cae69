# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A system log of our own, for programs that write to /dev/log."""

from __future__ import annotations

import socket
from pathlib import Path

# In a mount namespace of its own, so that the machine's /dev stays as it is. $1 is our socket, the rest the program.
_ENTER = """
set -e
mount -t tmpfs tmpfs /mnt
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /mnt/
ln -s /proc/self/fd /mnt/fd
mkdir -m 1777 /mnt/shm
touch /mnt/log
mount --bind "$1" /mnt/log
mount --move /mnt /dev
shift
exec "$@"
"""


class SystemLog:
    """A context manager; text holds what was logged. Start programs with the words of prefix before them."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "log.sock"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    @property
    def prefix(self) -> list[str]:
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", _ENTER, "sh", str(self._path)]

    @property
    def text(self) -> str:
        """What has come in since the last time."""
        lines = []
        while True:
            try:
                lines.append(self._socket.recv(1 << 20, socket.MSG_DONTWAIT).decode(errors="replace"))
            except BlockingIOError:
                return "\n".join(lines)

    def __enter__(self) -> SystemLog:
        self._socket.bind(str(self._path))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._socket.close()
