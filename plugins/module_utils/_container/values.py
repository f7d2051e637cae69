# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of options: what they mean, and the words for those that mean nothing."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.json import Place, from_python, kind
from ansible_collections.evento.docker.plugins.module_utils._bundle.number import Number, scalar_text

_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,7})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9})ms)?", re.ASCII)
# As docker run --memory takes it: all units are powers of 1024.
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,9})?) ?([kmgtp]?)i?b?", re.ASCII | re.IGNORECASE)
_UNITS = ("", "k", "m", "g", "t", "p")
# The engine's numbers have 64 bits.
TOO_MUCH = 2**63


def plain_texts(option: str, values: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The values of an option that is an object, as text: booleans and numbers as in a bundle.

    :raises EventoError: a value is null, an array or an object; the text has its path.
    """
    return {name: plain_text(Place(Place(None, option), name), value) for name, value in values.items()}


def plain_text(place: Place, value: t.Any) -> str:
    """A value as text: booleans and numbers as in a bundle.

    :param place: where it stands.
    :raises EventoError: it is null, an array or an object; the text has its path.
    """
    scalar = from_python(value)
    if isinstance(scalar, str):
        return scalar
    if not isinstance(scalar, (bool, int, Number)):
        raise unusable(str(place), kind(scalar), "a plain value")
    return scalar_text(scalar)


def byte_size(option: str, text: str) -> int:
    """The bytes of a size as docker run --memory takes it, such as 512M.

    :raises EventoError: it is none; the text names the option.
    """
    match = _SIZE.fullmatch(text)
    size = round(float(match[1]) * 1024 ** _UNITS.index(match[2].lower())) if match else 0
    if not 0 < size < TOO_MUCH:
        raise unusable(option, text, "a size such as 512M")
    return size


def nanoseconds(option: str, duration: str) -> int:
    """The nanoseconds of a duration such as 1m30s.

    :raises EventoError: it is none; the text names the option.
    """
    match = _DURATION.fullmatch(duration)
    if not duration or not match:
        raise unusable(option, duration, "a duration such as 1m30s")
    hours, minutes, seconds, millis = (float(group or 0) for group in match.groups())
    return round(((hours * 60 + minutes) * 60 + seconds) * 10**9 + millis * 10**6)


def filled(path: str, name: str) -> str:
    """A name that is there; Ansible makes an empty text of null, and the engine would find out only at the start.

    :raises EventoError: it is empty; the text has its path.
    """
    if not name:
        raise unusable(path, "an empty one", "a name")
    return name


def unordered(values: t.Iterable[str] | None) -> list[str]:
    """What is a set to the engine, in an order that says nothing."""
    return sorted(set(values or ()))


def unusable(option: str, value: str, expected: str) -> EventoError:
    """The error for a value that an option cannot have."""
    return EventoError(f"{option}: expected {expected}, got {value}.", INVALID_INPUT)
