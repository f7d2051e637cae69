# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Points in time as Evento sends them."""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from ansible_collections.evento.docker.plugins.module_utils._bundle.number import Number

_NANOS = 10**9
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST = int((datetime(1, 1, 1, tzinfo=timezone.utc) - _EPOCH).total_seconds())
_LAST = int((datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc) - _EPOCH).total_seconds())
# The date and time of RFC 3339, section 5.6.
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:([Zz])|([+-])(\d\d):?(\d\d))", re.ASCII
)


def parse_instant(value: t.Any) -> int | None:
    """Nanoseconds since 1970 of an ISO 8601 text or a JSON number of epoch seconds; None for anything else.

    Evento Server sends the number; its documentation shows the text.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Number)):
        seconds = value.decimal if isinstance(value, Number) else Decimal(value)
        # The size first: int() of a number such as 1e999999999 would take all memory.
        if seconds is None or seconds.adjusted() >= 15 or not _FIRST <= seconds <= _LAST:
            return None
        return int(seconds * _NANOS)
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, _utc, sign, off_hours, off_minutes = match.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=timezone.utc
        )
    except ValueError:
        return None
    whole = moment - _EPOCH
    if sign:
        offset = timedelta(hours=int(off_hours), minutes=int(off_minutes))
        whole += -offset if sign == "+" else offset
    since_epoch = whole.days * 86400 + whole.seconds
    if not _FIRST <= since_epoch <= _LAST:  # an offset leads out of the calendar
        return None
    return since_epoch * _NANOS + int((fraction or "0")[:9].ljust(9, "0"))


def format_instant(nanoseconds: int) -> str:
    """The ISO 8601 text of a point in time, in UTC, with all nine decimals: the inverse of parse_instant."""
    seconds, fraction = divmod(nanoseconds, _NANOS)
    return f"{(_EPOCH + timedelta(seconds=seconds)).isoformat()[:19]}.{fraction:09d}Z"
