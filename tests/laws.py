# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties that are tried with a few examples in `make test` and with very many in `make soak`."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy

from tests.form import amount

_PART = 500


def law(
    *strategies: SearchStrategy[t.Any], short: int, long: int
) -> t.Callable[[t.Callable[..., None]], t.Callable[[], None]]:
    """Make a test of a function that checks one example, with the same examples in every run.

    :param strategies: where its arguments come from.
    :param short: how many examples the short form tries; long likewise.
    """

    def decorate(check: t.Callable[..., None]) -> t.Callable[[], None]:
        # In parts, because hypothesis keeps all that it has drawn in a run, and some examples are long.
        def test() -> None:
            for first in range(0, amount(short, long), _PART):
                examples = min(_PART, amount(short, long) - first)
                some = settings(max_examples=examples, derandomize=False, suppress_health_check=list(HealthCheck))
                seed(first)(some(given(*strategies)(check)))()

        return pytest.mark.soak(test)

    return decorate
