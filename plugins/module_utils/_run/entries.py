# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of the option bundles: each is a bundle, or one with options of its own, over those of the task."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.json import Place
from ansible_collections.evento.docker.plugins.module_utils._run.arguments import Faults, Spec, nearest, read_value
from ansible_collections.evento.docker.plugins.module_utils._run.order import Order, take_order

# Of these, the one that an entry has takes the place of both of the task.
_EXCLUSIVE = (("instances", "scale_by"), ("networks", "network_mode"))
# How a sentence begins that is about the value of an option, such as networks[0].name: ...
_ABOUT_AN_OPTION = re.compile(r"(\w+)[:.\[]")

Options = dict[str, t.Any]


def take_orders(params: Options, entry_args: Spec) -> list[Order]:
    """Check all entries of bundles, each together with the task's options.

    :param params: the module's options.
    :param entry_args: the argument_spec of what an entry can have of its own.
    :raises EventoError: there are faults; the text names them all, each with its path.
    """
    orders: list[Order] = []
    faults: Faults = []
    places: dict[str, Place] = {}
    for index, entry in enumerate(params["bundles"]):
        place = Place(Place(None, "bundles"), index)
        bundle, own = _read_entry(place, entry, {**params}, entry_args, faults)
        try:
            order = take_order({**params, **_made_room(own), "bundle": bundle})
        except EventoError as exc:
            faults.append(_placed(place, str(exc), own, params))
            continue
        first = places.setdefault(order.bundle.id, place)
        if first is not place:
            faults.append(f"{place}: the bundle {order.bundle.title} is in {first} already.")
        orders.append(order)
    if faults:
        # What is wrong with the task's own options is wrong for many.
        raise EventoError(" ".join(dict.fromkeys(faults)), INVALID_INPUT)
    return orders


def _read_entry(place: Place, entry: t.Any, params: Options, entry_args: Spec, faults: Faults) -> tuple[t.Any, Options]:
    """The bundle of an entry, and the options that it has of its own."""
    if not isinstance(entry, dict) or "bundle" not in entry:
        return entry, {}
    names = {alias: name for name, option in entry_args.items() for alias in (name, *option.get("aliases", ()))}
    own: Options = {}
    for key, value in entry.items():
        if key in names and value is not None:
            found: Faults = []
            read = read_value(Place(place, key), entry_args[names[key]], value, found)
            own.update({} if found else {names[key]: read})
            faults += found
        elif key in params and key not in names and key != "bundle":
            faults.append(f"{Place(place, key)}: this is an option of the task, not of one bundle.")
        elif key not in names and key != "bundle":
            faults.append(
                f"{Place(place, str(key))}: there is no such option: did you mean {nearest(str(key), names)}?"
            )
    for pair in _EXCLUSIVE:
        if set(pair) <= set(own):
            faults.append(f"{place}: expected {' or '.join(pair)}, got both.")
    return entry["bundle"], own


def _made_room(own: Options) -> Options:
    """The options of an entry, with null for what must not stand beside them."""
    rivals = {name: None for pair in _EXCLUSIVE if set(pair) & set(own) for name in pair}
    return {**rivals, **own}


def _placed(place: Place, fault: str, own: Options, params: Options) -> str:
    """A sentence about an entry, with its path."""
    about = _ABOUT_AN_OPTION.match(fault)
    option = about[1] if about else None
    if option in own:
        return f"{place}.{fault}"
    return fault if option in params and not own else f"{place}: {fault}"
