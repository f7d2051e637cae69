# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time, in both forms that Evento uses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evento.docker.plugins.module_utils._bundle.instant import format_instant, parse_instant
from ansible_collections.evento.docker.plugins.module_utils._bundle.number import Number


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Number("1732320000.123456789"), 1732320000123456789),
        (1732320000, 1732320000000000000),
        ("2024-11-23T00:00:00.123456789Z", 1732320000123456789),
        ("2024-11-23T00:00:00Z", 1732320000000000000),
        ("2024-11-23T01:30:00+01:30", 1732320000000000000),
        ("2024-11-22T19:00:00.5-05:00", 1732320000500000000),
        ("2024-11-23T00:00:00", None),
        ("2024-13-23T00:00:00Z", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("0001-01-01T00:00:00+00:01", None),
        ("1732320000", None),
        (True, None),
        ([], None),
        (Number("1e999999999999999999999"), None),
        (10**20, None),
    ],
)
def test_parse(value: object, expected: int | None) -> None:
    assert parse_instant(value) == expected


@given(st.integers(-62135596800 * 10**9, 253402300799 * 10**9))
def test_format_is_the_inverse_of_parse(nanoseconds: int) -> None:
    assert parse_instant(format_instant(nanoseconds)) == nanoseconds
