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
        self._lines: deque[str] = deque(maxlen=TAIL_LINES)
        self._news = threading.Event()
        self._arguments = (output, exit_code, ready_log)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def tail(self) -> list[str]:
        """The last lines of the output."""
        return list(self._lines)

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
        rest = b""
        for piece in output:
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                self._add(line, ready_log)
            if len(rest) > _LONGEST_LINE:
                self._add(rest, ready_log)
                rest = b""
        if rest:
            self._add(rest, ready_log)
        self.exit_code = exit_code()
        self.exited = True

    def _add(self, line: bytes, ready_log: re.Pattern[str]) -> None:
        text = line[:_LONGEST_LINE].decode("utf-8", "replace").rstrip("\r")
        self._lines.append(text)
        if not self.reported and ready_log.search(text):
            self.reported = True
            self._news.set()
