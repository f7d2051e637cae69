# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab prints: one line for each step, and the elapsed seconds of the long ones."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

_FIRST_SIGN = 2.0
_SIGN_EVERY = 5.0


def say(line: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Name a piece of work, show that it goes on, and print how many seconds it took.

    On a terminal the elapsed seconds count up behind the title; elsewhere a line now and then says that it goes on.
    """
    started = time.monotonic()
    ended = threading.Event()
    terminal = sys.stdout.isatty()
    print(f"{title} ...", end="" if terminal else "\n", flush=True)

    def show_life() -> None:
        wait = _FIRST_SIGN
        while not ended.wait(wait):
            elapsed = time.monotonic() - started
            if terminal:
                print(f"\r{title} ... {elapsed:.0f} s", end="", flush=True)
            else:
                say(f"  still at it after {elapsed:.0f} s: {title}")
            wait = 1.0 if terminal else _SIGN_EVERY

    ticker = threading.Thread(target=show_life, daemon=True)
    ticker.start()
    outcome = "failed after"
    try:
        yield
        outcome = "done in"
    finally:
        ended.set()
        ticker.join()
        elapsed = time.monotonic() - started
        say(f"\r{title} ... {outcome} {elapsed:.1f} s" if terminal else f"  {outcome} {elapsed:.1f} s")
