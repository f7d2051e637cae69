# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for what takes a moment."""

from __future__ import annotations

import time
import typing as t


def until(condition: t.Callable[[], t.Any], what: str, seconds: float = 30) -> None:
    """Return once a condition holds; that it does not within so many seconds is a failure of the test.

    :param what: what is waited for, in words.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:g} s in vain: {what}"
        time.sleep(0.05)
