# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of options by the types of an argument_spec, more strictly than Ansible, which makes words of what fits none.

What Ansible takes for another way to write a value passes: a number as text, text with commas for a list.
"""

from __future__ import annotations

import difflib
import typing as t

from ansible.module_utils.common.validation import (
    check_type_bool,
    check_type_dict,
    check_type_float,
    check_type_int,
    check_type_list,
    check_type_str,
)
from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE, BOOLEANS_TRUE

from ansible_collections.evento.docker.plugins.module_utils._bundle.json import Place, kind

Spec = t.Mapping[str, t.Mapping[str, t.Any]]
Faults = list[str]


def _text(value: t.Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TypeError
    return check_type_str(value)


def _number(read: t.Callable[[t.Any], t.Any]) -> t.Callable[[t.Any], t.Any]:
    def number(value: t.Any) -> t.Any:
        if isinstance(value, bool):
            raise TypeError
        return read(value)

    return number


def _items(value: t.Any) -> list[t.Any]:
    if isinstance(value, bool):
        raise TypeError
    return check_type_list(value)


def _list_as_it_is(value: t.Any) -> list[t.Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


# How a type is read, and what was expected where that fails.
_TYPES: dict[str, tuple[t.Callable[[t.Any], t.Any], str]] = {
    "str": (_text, "a string"),
    "path": (_text, "a string"),
    "int": (_number(check_type_int), "a whole number"),
    "float": (_number(check_type_float), "a number"),
    "bool": (check_type_bool, "a boolean"),
    "list": (_items, "a list"),
    "dict": (check_type_dict, "an object"),
    "raw": (lambda value: value, "a value"),
}


def read_value(place: Place, option: t.Mapping[str, t.Any], value: t.Any, faults: Faults) -> t.Any:
    """The value of an option, of its type; in depth where the type says what is in there.

    :param place: where it stands.
    :param option: its entry in an argument_spec.
    :param value: as the user wrote it; not None.
    :param faults: gets a sentence for each fault, with the path and without the value, which may be a secret.
    """
    read, expected = _TYPES[option.get("type", "str")]
    if read is _items and option.get("elements") == "raw":
        # Text with commas in it is no list of anything but texts.
        read = _list_as_it_is
    choices = option.get("choices")
    try:
        value = read(_meant(value, choices) if choices else value)
    except (TypeError, ValueError, OverflowError):
        faults.append(f"{place}: expected {expected}, got {kind(value)}.")
        return None
    if choices and value not in choices:
        faults.append(f"{place}: expected one of {', '.join(choices)}, got {value}.")
    if isinstance(value, list) and "elements" in option:
        element = {**option, "type": option["elements"]}
        return [_read_element(Place(place, index), element, item, faults) for index, item in enumerate(value)]
    if isinstance(value, dict) and "options" in option:
        return _read_suboptions(place, option["options"], value, faults)
    return value


def nearest(name: str, known: t.Iterable[str]) -> str:
    """The one of the known names that is most like another, for a text on a mistyped one."""
    return difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)[0]


def _read_element(place: Place, element: t.Mapping[str, t.Any], item: t.Any, faults: Faults) -> t.Any:
    if item is None and element["type"] != "raw":
        faults.append(f"{place}: expected {_TYPES[element['type']][1]}, got null.")
        return None
    return read_value(place, {key: element[key] for key in element if key != "elements"}, item, faults)


def _read_suboptions(place: Place, spec: Spec, values: dict[str, t.Any], faults: Faults) -> dict[str, t.Any]:
    for name in values:
        if name not in spec:
            faults.append(
                f"{Place(place, str(name))}: there is no such option: did you mean {nearest(str(name), spec)}?"
            )
    found = {}
    for name, option in spec.items():
        value = values.get(name, option.get("default"))
        if name not in values and option.get("required"):
            faults.append(f"{Place(place, name)}: expected {_TYPES[option['type']][1]}, got nothing.")
        found[name] = None if value is None else read_value(Place(place, name), option, value, faults)
    return found


def _meant(value: t.Any, choices: t.Collection[str]) -> t.Any:
    """What was written as one of the choices and is a boolean in YAML, such as no."""
    if not isinstance(value, bool):
        return value
    words = [word for word in (BOOLEANS_TRUE if value else BOOLEANS_FALSE) if word in choices]
    return words[0] if len(words) == 1 else value
