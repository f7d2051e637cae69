# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers of JSON, with all their digits, and the one text of each."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

# Numbers are written out up to this many zeros, which is enough for any of Java and Python.
_MOST_ZEROS = 400


@dataclass(frozen=True)
class Number:
    """A JSON number that is no plain int, as the text wrote it."""

    text: str

    @property
    def decimal(self) -> Decimal | None:
        """The exact value; None where its exponent is beyond what Python's decimal numbers hold."""
        try:
            return Decimal(self.text)
        except InvalidOperation:
            return None


def scalar_text(value: bool | int | float | Number) -> str:
    """The text of a boolean or a finite number as a program gets it: the same for each way to write one value.

    A number is written out in full, with neither zeros nor a sign that say nothing: 1.5 for 1.50, 1000 for 1e3.
    """
    if isinstance(value, (bool, int)):
        return json.dumps(value)
    number = value if isinstance(value, Number) else Number(repr(value))
    # Beyond what can be calculated with it stays as it is: only a JSON text can hold such a number.
    return number.text if number.decimal is None else _written_out(number.decimal)


def _written_out(number: Decimal) -> str:
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    significant = text.rstrip("0")
    zeros = t.cast(int, exponent) + len(text) - len(significant)
    if not significant:
        return "0"
    minus = "-" if sign else ""
    point = len(significant) + zeros
    # 1e999999999 would take all memory.
    if abs(zeros) > _MOST_ZEROS + len(significant):
        return f"{minus}{significant}e{zeros}"
    if zeros >= 0:
        return minus + significant + "0" * zeros
    if point > 0:
        return f"{minus}{significant[:point]}.{significant[point:]}"
    return f"{minus}0.{'0' * -point}{significant}"
