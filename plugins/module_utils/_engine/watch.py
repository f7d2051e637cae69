# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watching an instance that starts: its output and its exit."""

from __future__ import annotations

import re
import threading
import typing as t
from collections import deque

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError

TAIL_LINES = 40
# A longer line is cut: an instance that prints without line ends must not fill our memory.
_LONGEST_LINE = 8192


class Lines:
    """Makes lines of the pieces of an output, and keeps the last ones."""

    def __init__(self) -> None:
        self._last: deque[str] = deque(maxlen=TAIL_LINES)
        self._rest = b""

    @property
    def last(self) -> list[str]:
        """The last lines that are complete."""
        return list(self._last)

    def add(self, piece: bytes) -> list[str]:
        """The lines that a piece completes."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            lines.append(self._rest)
            self._rest = b""
        found = [line[:_LONGEST_LINE].decode("utf-8", "replace").rstrip("\r") for line in lines]
        self._last += found
        return found

    def end(self) -> list[str]:
        """The lines that the end of the output completes."""
        return self.add(b"\n") if self._rest else []


class Watch:
    """Reads an instance's output from its first byte on, in a thread of its own.

    Read-only attributes, each safe to read at any time: reported, exited, exit_code, and error, which is set
    when the engine could not be read from any more.

    :param output: pieces of the output, up to the instance's end.
    :param exit_code: blocks until the instance has ended and gives its exit code; None where it is not known.
    :param ready_log: a line in which this is found means that the instance reported itself ready.
    """

    def __init__(
        self,
        output: t.Iterable[bytes],
        exit_code: t.Callable[[], int | None],
        ready_log: re.Pattern[str],
    ) -> None:
        self.reported = False
        self.exited = False
        self.exit_code: int | None = None
        self.error: EventoError | None = None
        self._lines = Lines()
        self._news = threading.Event()
        self._arguments = (output, exit_code, ready_log)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def tail(self) -> list[str]:
        """The last lines of the output."""
        return self._lines.last

    @property
    def node(self) -> str | None:
        """None: there is one engine, and the instance is there."""
        return None

    @property
    def hindrance(self) -> str:
        """Empty: what has been started runs, or has ended."""
        return ""

    @property
    def ending(self) -> str:
        """Empty: the exit code says it all."""
        return ""

    def running_since(self, started: float) -> float:
        """Since when it runs, by the monotonic clock: since it was started."""
        return started

    def join(self, seconds: float) -> None:
        """Return once there is nothing more to read, or after that long."""
        self._thread.join(seconds)

    def wait(self, seconds: float) -> None:
        """Sleep until there is news, or for that long."""
        self._news.wait(seconds)
        self._news.clear()

    def _run(self) -> None:
        try:
            self._read()
        except EventoError as exc:
            self.error = exc
        self._news.set()

    def _read(self) -> None:
        output, exit_code, ready_log = self._arguments
        for piece in output:
            self._search(self._lines.add(piece), ready_log)
        self._search(self._lines.end(), ready_log)
        self.exit_code = exit_code()
        self.exited = True

    def _search(self, lines: t.Iterable[str], ready_log: re.Pattern[str]) -> None:
        if not self.reported and any(ready_log.search(line) for line in lines):
            self.reported = True
            self._news.set()
