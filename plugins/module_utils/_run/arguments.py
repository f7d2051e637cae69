# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of options that Ansible would make words or numbers of: an object as a string, a boolean as a number."""

from __future__ import annotations

import typing as t

_Options = t.Mapping[str, t.Mapping[str, t.Any]]


def misfits(options: _Options, values: t.Mapping[str, t.Any], parent: str = "") -> t.Iterator[str]:
    """What is wrong with the types of values, a sentence each, with its path; the rest is left to Ansible.

    :param options: an argument_spec; of the secret options in it nothing is told.
    :param values: what was given for them, by their names or aliases.
    :param parent: the path of what the values stand in.
    """
    names = {known: name for name, option in options.items() for known in (name, *option.get("aliases", ()))}
    for given, value in values.items():
        option = options.get(names.get(given, ""), {})
        if value is not None and not option.get("no_log"):
            yield from _misfits_in(option, value, f"{parent}{given}")


def kind_of(value: t.Any) -> str:
    """What a value is, in JSON's words."""
    # Imported here, because it is needed for what is refused only.
    from ansible_collections.evento.docker.plugins.module_utils._bundle.json import from_python, kind

    return kind(from_python(value))


def _misfits_in(option: t.Mapping[str, t.Any], value: t.Any, path: str) -> t.Iterator[str]:
    type_ = option.get("type")
    if type_ == "list" and isinstance(value, list):
        element = {**option, "type": option.get("elements")}
        for index, one in enumerate(value):
            yield from _misfits_in(element, one, f"{path}[{index}]")
    elif type_ == "dict" and isinstance(value, dict):
        yield from misfits(option.get("options") or {}, value, f"{path}.")
    elif type_ in ("str", "path"):
        # YAML makes a boolean of no, which Ansible finds again among the choices.
        if isinstance(value, (list, dict)) or value is None or (isinstance(value, bool) and "choices" not in option):
            yield f"{path}: expected a string, got {kind_of(value)}."
    elif isinstance(value, bool) and type_ in ("int", "float", "list"):
        yield f"{path}: expected a {'list' if type_ == 'list' else 'number'}, got a boolean."
