# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON read without losing anything: digits of numbers, repeated keys, the place of a fault."""

from __future__ import annotations

import json
import math
import re
import typing as t
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.number import Number, scalar_text

# Python refuses to turn a text of more than 4,300 digits into an int; nothing that Evento counts comes near to this.
_INT_DIGITS = 30
_LONGEST_PATH = 120
_STRING_OR_CONSTANT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|NaN|-?Infinity', re.DOTALL)


@dataclass(frozen=True)
class Odd:
    """What stands in an object and could stand in no JSON text.

    :param words: what it is: never the value itself.
    """

    words: str


@dataclass(frozen=True)
class Place:
    """Where in a JSON document something stands; as text its path, such as a.b[0] or a["b c"].

    :param outer: the array or object that it is in; None for the document itself.
    :param step: key or index in there.
    """

    outer: Place | None
    step: str | int

    def __str__(self) -> str:
        steps = []
        here: Place | None = self
        while here:
            steps.append(_step(here.step))
            here = here.outer
        return shortened("".join(reversed(steps)).removeprefix("."), _LONGEST_PATH)


class Object(dict[str, t.Any]):
    """A JSON object that remembers which of its keys came more than once (the last value wins)."""

    repeated: tuple[str, ...] = ()


def read_json(text: str) -> t.Any:
    """Read a JSON text: objects as Object, numbers as int or Number, all else as the json module does.

    :raises EventoError: it is no JSON; the text says where and why.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=Number,
            parse_int=lambda digits: int(digits) if len(digits) <= _INT_DIGITS else Number(digits),
            parse_constant=lambda name: _refuse_constant(name, text),
        )
    except json.JSONDecodeError as exc:
        place = f"line {exc.lineno}, column {exc.colno}"
        raise _invalid(f"it is not JSON, {exc.msg[:1].lower()}{exc.msg[1:]} at {place}") from exc
    except RecursionError as exc:
        raise _invalid("it is nested too deeply to be read") from exc


def from_python(value: t.Any) -> t.Any:
    """Give data that came as Python objects the types that read_json returns, and Odd where none fits.

    :raises EventoError: it is nested too deeply.
    """
    try:
        return _convert(value)
    except RecursionError as exc:
        raise _invalid("it is nested too deeply to be read") from exc


def repeated_keys(document: Object) -> t.Iterator[Place]:
    """The places of all keys that came more than once, in any depth, the outer ones first."""
    for place, here in walk(document):
        if isinstance(here, Object):
            yield from (Place(place, key) for key in here.repeated)


def odd_values(document: Object) -> t.Iterator[tuple[Place, Odd]]:
    """All that is Odd in there, in any depth, with its place."""
    for place, value in walk(document):
        if place and isinstance(value, Odd):
            yield place, value


def walk(document: t.Any) -> t.Iterator[tuple[Place | None, t.Any]]:
    """All values of a document, each with its place, the outer ones first.

    :param document: of dictionaries, lists and what stands in them.
    """
    todo: list[tuple[Place | None, t.Any]] = [(None, document)]
    for place, here in todo:
        yield place, here
        if isinstance(here, (dict, list)):
            steps = here.items() if isinstance(here, dict) else enumerate(here)
            todo += [(Place(place, step), child) for step, child in steps]


def is_plain_text(text: str) -> bool:
    """Whether a program can be given it as an argument or a variable: Unicode, without NUL characters."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def shortened(text: str, length: int) -> str:
    """A text with its middle left out where it is longer than length."""
    tail = length // 3
    return text if len(text) <= length else f"{text[: length - tail - 3]}...{text[-tail:]}"


def kind(value: t.Any) -> str:
    """What a JSON value is, in words: never the value itself, which may be a secret."""
    if value is None:
        return "null"
    if isinstance(value, Odd):
        return value.words
    names = ((bool, "a boolean"), ((int, float, Number), "a number"), (str, "a string"), (list, "an array"))
    return next((name for type_, name in names if isinstance(value, t.cast(t.Any, type_))), "an object")


def _object(pairs: list[tuple[str, t.Any]]) -> Object:
    result = Object(pairs)
    if len(result) != len(pairs):
        times = Counter(key for key, _value in pairs)
        result.repeated = tuple(sorted(key for key in times if times[key] > 1))
    return result


def _convert(value: t.Any) -> t.Any:
    # Loops, because each level of nesting is to cost as few of Python's stack frames as it can.
    if isinstance(value, dict):
        pairs = []
        for key, child in value.items():
            name = _name(key)
            if isinstance(name, Odd):
                # There is no text for it, so that its path shows what it is.
                pairs.append((f"({name.words})", Odd("a value whose name is no string")))
            else:
                pairs.append((name, _convert(child)))
        return _object(pairs)
    if isinstance(value, (list, tuple)):
        items = []
        for child in value:
            items.append(_convert(child))
        return items
    return _convert_scalar(value)


def _convert_scalar(value: t.Any) -> t.Any:
    if value is None or isinstance(value, bool):
        return value
    # Ansible marks strings and numbers by classes of its own: without these marks from here on.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        # Not by str(), which refuses thousands of digits.
        return int(value) if abs(value) < 10**_INT_DIGITS else Number(format(Decimal(int(value)), "f"))
    if isinstance(value, float) and math.isfinite(value):
        return Number(float.__repr__(value))
    return _odd(value)


def _name(key: t.Any) -> str | Odd:
    """A key as the json module writes it."""
    scalar = _convert_scalar(key)
    if isinstance(scalar, (str, Odd)):
        return scalar
    return "null" if scalar is None else scalar_text(scalar)


def _odd(value: t.Any) -> Odd:
    names = ((float, "a number that is not finite"), (bytes, "bytes"), ((set, frozenset), "a set"), (date, "a date"))
    words = (name for type_, name in names if isinstance(value, t.cast(t.Any, type_)))
    return Odd(next(words, "what JSON does not know"))


def _step(step: str | int) -> str:
    if isinstance(step, str) and step.isascii() and step.replace("_", "").replace(".", "").replace("-", "").isalnum():
        return f".{step}"
    return f"[{json.dumps(step)}]"


def _refuse_constant(name: str, text: str) -> t.NoReturn:
    # The reader does not say where it is; what it has passed was faultless, so that this is the first one.
    words = _STRING_OR_CONSTANT.finditer(text)
    place = next(word.start() for word in words if not word.group().startswith('"'))
    raise json.JSONDecodeError(f"Expecting a value, not {name}", text, place)


def _invalid(what: str) -> EventoError:
    return EventoError(f"Invalid bundle: {what}. Pass the bundle as Evento Server sends it.", INVALID_INPUT)
