# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a test does: a little in `make test`, a lot in `make soak`."""

from __future__ import annotations

import os

LONG = os.environ.get("EVENTO_TEST_FORM") == "long"


def amount(short: int, long: int) -> int:
    """The number for the form that runs: rounds, examples, processes."""
    return long if LONG else short
