# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""How one instance takes the place of another: which slot, in which order. Decides only: no engine, no clock."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._model import Action, Instance, original_name
from ansible_collections.evento.docker.plugins.module_utils._request import Request


class FreeSlots:
    """Hands out names that nothing holds once the actions so far are done.

    :param staying: the instances that hold a slot.
    """

    def __init__(self, request: Request, staying: t.Iterable[Instance]) -> None:
        self._request = request
        self._taken = {one.slot for one in staying}

    def take(self) -> int:
        """The lowest free slot, which is taken now."""
        slot = next(slot for slot in self._request.slots if slot not in self._taken)
        self._taken.add(slot)
        return slot

    def give_back(self, slot: int | None) -> None:
        """Make a slot free again."""
        self._taken.discard(slot)


def start_first(request: Request, old: Instance, fault: str, free: FreeSlots, number: int) -> list[Action]:
    """Start the new one beside the old.

    :param fault: why the old one is not as wanted.
    :param number: of the replacement in its plan.
    """
    slot = home = free.take()
    free.give_back(old.slot)
    if slot > request.last_slot:
        free.give_back(slot)
        home = free.take()
    name, home_name = request.name(slot), request.name(home)
    why = f"replaces {old.name}, {fault}"
    actions = [
        Action("start", name, why, slot=home, replacement=number, replaces=old.id, beside=True),
        Action("stop", old.name, f"{fault}, replaced by {name}", old.id, replacement=number),
    ]
    if name != home_name:
        why = f"takes the place of {old.name}"
        actions.append(Action("rename", name, why, to=home_name, replacement=number))
    return actions


def stop_first(request: Request, old: Instance, fault: str, free: FreeSlots, number: int) -> list[Action]:
    """Start the new one once the old is gone; parameters as for start_first."""
    free.give_back(old.slot)
    slot = free.take()
    name = request.name(slot)
    why = f"{fault}, makes room for {name}"
    return [
        Action("stop", old.name, why, old.id, replacement=number, guarded=old.serving),
        Action("start", name, f"replaces {old.name}, {fault}", slot=slot, replacement=number, replaces=old.id),
    ]


def resume(request: Request, standby: Instance, free: FreeSlots, number: int) -> Action:
    """Go on where a killed run had stopped the old instance and not started the new one."""
    slot = free.take()
    why = f"replaces {original_name(standby.name)}, stopped by a run that did not finish"
    return Action(
        "start",
        request.name(slot),
        why,
        standby.id,
        slot=slot,
        replacement=number,
        replaces=standby.standby_of,
    )


def back_in_line(request: Request, good: t.Iterable[Instance], free: FreeSlots) -> list[Action]:
    """Rename instances that a killed run left above the last slot."""
    actions = []
    for one in good:
        if one.slot is None or one.slot > request.last_slot:
            slot = free.take()
            if slot > request.last_slot:
                break
            actions.append(Action("rename", one.name, "above the last slot", one.id, to=request.name(slot)))
    return actions
