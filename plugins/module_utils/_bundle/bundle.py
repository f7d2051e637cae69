# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bundle: Evento's JSON in, a validated Bundle out. Knows Evento, not Docker."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.instant import parse_instant
from ansible_collections.evento.docker.plugins.module_utils._bundle.json import (
    Object,
    Place,
    from_python,
    kind,
    odd_values,
    read_json,
    repeated_keys,
    shortened,
)
from ansible_collections.evento.docker.plugins.module_utils._bundle.number import Number, scalar_text

# Evento's defaults: com.evento.server.domain.model.core.Bundle, v1.15.
_DEFAULT_MIN = 0
_DEFAULT_MAX = 64
_JAVA_INT_MAX = 2**31 - 1
# Buckets that hold nothing to download. Only LocalFilesystem does; an unknown one may, in a later Evento.
_EMPTY_BUCKETS = ("Ephemeral", "LibraryOnly", "None")
# One message holds this many faults, and this much of a value: what is longer has not been typed, and nobody reads it.
_MOST_FAULTS = 50
_LONGEST_SHOWN = 80
# What a template makes of a number: Ansible turns what it fills in into text.
_WHOLE_NUMBER = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True)
class Bundle:
    """One Evento bundle, as far as running it is concerned.

    :param version: the number in full; empty where it was not given.
    :param artifact: the artifact's coordinates on Evento Server; empty where they were not given.
    :param environment: variable -> value, both as the container gets them.
    :param vm_options: option -> value, as typed in Evento Server's web page.
    :param updated_at: nanoseconds since 1970; None where it was not given.
    """

    id: str
    version: str
    artifact: str
    environment: dict[str, str]
    vm_options: dict[str, str]
    min_instances: int
    max_instances: int
    updated_at: int | None

    @property
    def title(self) -> str:
        """Id and version for messages, on one line whatever the id holds."""
        name = shortened(self.id if self.id.isprintable() else json.dumps(self.id), _LONGEST_SHOWN)
        return f"{name} v{shortened(self.version, _LONGEST_SHOWN)}" if self.version else name


def parse_bundle(raw: t.Any, starting: bool, has_artifact: bool = False) -> Bundle:
    """Read and check a bundle.

    :param raw: the JSON text, or the object that it describes; only in the latter a number may be a text of digits.
    :param starting: instances are wanted, so that limits and artifact must allow one.
    :param has_artifact: the artifact does not come from Evento Server.
    :raises EventoError: the bundle is faulty; the text names every fault with its JSON path.
    """
    data = read_json(raw) if isinstance(raw, str) else from_python(raw)
    if not isinstance(data, Object):
        raise EventoError(f"Invalid bundle: expected a JSON object, got {kind(data)}.", INVALID_INPUT)
    reader = _Reader(data, from_text=isinstance(raw, str))
    bundle = Bundle(
        id=reader.text("id", required=True),
        version=reader.number_text("version"),
        artifact=reader.text("artifactCoordinates"),
        environment=reader.strings("environment", names="variable"),
        vm_options=reader.strings("vmOptions", names="option"),
        min_instances=reader.limit("minInstances", _DEFAULT_MIN),
        max_instances=reader.limit("maxInstances", _DEFAULT_MAX),
        updated_at=reader.instant("updatedAt"),
    )
    bucket, deployable = reader.text("bucketType"), reader.flag("deployable", True)
    if bundle.min_instances > bundle.max_instances:
        reader.fault("minInstances", f"at most maxInstances ({bundle.max_instances})", str(bundle.min_instances))
    if starting:
        if bundle.max_instances == 0:
            reader.fault("maxInstances", "at least 1 to start an instance", "0")
        if not has_artifact and not deployable:
            reader.fault("deployable", "true, or there is nothing to download", "false")
        if not has_artifact and bucket in _EMPTY_BUCKETS:
            reader.fault("bucketType", "LocalFilesystem, or there is nothing to download", bucket)
    reader.finish()
    return bundle


class _Reader:
    """Takes typed values out of a JSON object and collects every fault on the way."""

    def __init__(self, data: Object, from_text: bool) -> None:
        self.data = data
        self.from_text = from_text
        self.faults: list[str] = []
        self.more_faults = 0
        self.places: set[str] = set()
        # Only a text has them.
        for place in repeated_keys(data) if from_text else ():
            self._add(place, "expected once, came more than once")

    def fault(self, place: str | Place, expected: str, got: str) -> None:
        self._add(place, f"expected {expected}, got {got}")

    def finish(self) -> None:
        # No text has them.
        for place, odd in () if self.from_text else odd_values(self.data):
            if str(place) not in self.places:
                self.fault(place, "a JSON value", odd.words)
        if self.faults:
            more = f"; and {self.more_faults} more" if self.more_faults else ""
            raise EventoError(f"Invalid bundle: {'; '.join(self.faults)}{more}.", INVALID_INPUT)

    def text(self, key: str, required: bool = False) -> str:
        value = self.data.get(key)
        if value is None and not required:
            return ""
        if not isinstance(value, str):
            self.fault(key, "a string", kind(value) if key in self.data else "nothing")
            return ""
        if required and not value:
            self.fault(key, "a string", "an empty one")
        if required and "\0" in value:
            self.fault(key, "a string without NUL characters", "one with")
        self._check_text(key, value)
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.data.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(key, "a boolean", kind(value))
            return default
        return value

    def number_text(self, key: str) -> str:
        value = self._number(key, _WHOLE_NUMBER)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, (int, Number)):
            self.fault(key, "a number", kind(value))
            return ""
        return scalar_text(value)

    def limit(self, key: str, default: int) -> int:
        value = self._number(key, _WHOLE_NUMBER)
        if value is None:
            return default
        whole = _whole(value)
        if whole is None or not 0 <= whole <= _JAVA_INT_MAX:
            # A number is no secret here, and a long one would only hide what is wrong.
            got = shortened(scalar_text(value), _LONGEST_SHOWN) if kind(value) == "a number" else kind(value)
            self.fault(key, f"a whole number from 0 to {_JAVA_INT_MAX}", got)
            return default
        return whole

    def instant(self, key: str) -> int | None:
        value = self._number(key, _NUMBER)
        parsed = parse_instant(value)
        if value is not None and parsed is None:
            self.fault(key, "epoch seconds or an ISO 8601 time with its zone", kind(value))
        return parsed

    def strings(self, key: str, names: str) -> dict[str, str]:
        value = self.data.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fault(key, "an object", kind(value))
            return {}
        result = {}
        for name, entry in value.items():
            path = Place(Place(None, key), name)
            if not name or "\0" in name or (names == "variable" and "=" in name):
                self.fault(path, f"the name of {'a variable' if names == 'variable' else 'an option'}", "no such name")
            self._check_text(path, name)
            if isinstance(entry, (bool, int, Number)):
                result[name] = scalar_text(entry)
            elif isinstance(entry, str):
                self._check_text(path, entry)
                if "\0" in entry:
                    self.fault(path, "a string without NUL characters", "one with")
                result[name] = entry
            else:
                self.fault(path, "a string", kind(entry))
        return result

    def _number(self, key: str, as_text: re.Pattern[str]) -> t.Any:
        value = self.data.get(key)
        if not self.from_text and isinstance(value, str) and as_text.fullmatch(value):
            return Number(value)
        return value

    def _add(self, place: str | Place, fault: str) -> None:
        self.places.add(str(place))
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(f"{place}: {fault}")
        else:
            self.more_faults += 1

    def _check_text(self, path: str | Place, value: str) -> None:
        try:
            value.encode()
        except UnicodeEncodeError:
            self.fault(path, "Unicode text", "text with half of a character")


def _whole(value: t.Any) -> int | None:
    if isinstance(value, Number):
        number = value.decimal
        # The size first: int() of a number such as 1e999999999 would take all memory.
        whole = number is not None and number.adjusted() < 15 and number == number.to_integral_value()
        return int(number) if number is not None and whole else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
