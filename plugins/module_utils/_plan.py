# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""The plan: every counting rule is here and nowhere else. Decides only: no engine, no clock."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from itertools import count, islice

from ansible_collections.evento.docker.plugins.module_utils._errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._model import Action, Instance


@dataclass(frozen=True)
class Request:
    """What is wanted.

    :param slug: what the names of the instances begin with.
    :param spec: the fingerprint of an up-to-date instance.
    :param minimum: minInstances.
    :param maximum: maxInstances.
    :param instances: the number that is asked for by name; None for none.
    :param scale_by: the number more (or fewer, when negative) than are up to date; None or 0 for none.
    :param update_order: start-first or stop-first; None leaves it to the room below the maximum.
    :param blocked: slots whose name belongs to a container that is not ours.
    """

    slug: str
    state: str
    spec: str
    minimum: int
    maximum: int
    instances: int | None = None
    scale_by: int | None = None
    update_order: str | None = None
    blocked: frozenset[int] = frozenset()

    @property
    def slots(self) -> t.Iterator[int]:
        """All slots, those within the maximum first: the last one above is for a replacement on its way."""
        return (slot for slot in count(1) if slot not in self.blocked)

    @property
    def last_slot(self) -> int:
        """The highest slot of an instance that stays."""
        return next(islice(self.slots, self.maximum - 1, None)) if self.maximum else 0


def is_stale(updated_at: int | None, observed: t.Iterable[Instance]) -> bool:
    """Whether a newer publish of the bundle already runs.

    :param updated_at: of the bundle in hand; without it there is no telling.
    """
    known = [one.updated_at for one in observed if one.live and one.updated_at is not None]
    return updated_at is not None and any(updated_at < newer for newer in known)


def check_request(request: Request) -> None:
    """:raises EventoError: the number that is asked for is outside the limits."""
    lowest = max(1, request.minimum)
    if request.instances is not None and not lowest <= request.instances <= request.maximum:
        raise EventoError(
            f"instances is {request.instances}, but the bundle allows {lowest} to {request.maximum}"
            " (minInstances, maxInstances): choose a number between them, or state stopped for none.",
            INVALID_INPUT,
        )


def is_up_to_date(request: Request, instance: Instance) -> bool:
    """Whether an instance counts: it serves, and has the wanted fingerprint."""
    return instance.serving and instance.spec == request.spec


def plan(request: Request, observed: t.Sequence[Instance]) -> list[Action]:
    """Decide what to do, in the order in which to do it.

    Leftovers and surplus instances go first, then missing ones start, then outdated ones are replaced one by one.
    What belongs to one replacement has its number; the rest may be done at the same time, kind by kind.
    """
    live = [one for one in observed if one.live]
    actions = [
        Action("remove", one.name, f"left over, {one.state}", one.id)
        for one in sorted(observed, key=lambda one: one.name)
        if one.leftover
    ]
    if request.state != "started":
        return actions + [Action("stop", one.name, f"state is {request.state}", one.id) for one in _by_slot(live)]

    good = [one for one in live if is_up_to_date(request, one)]
    target = _target(request, len(good), len(live))
    surplus = _expendable(request, live)[: max(0, len(live) - target)]
    actions += [Action("stop", one.name, _surplus_reason(request, one, target), one.id) for one in surplus]

    staying = [one for one in live if one not in surplus]
    free = _FreeSlots(request, staying)
    for _missing in range(target - len(staying)):
        slot = free.take()
        why = f"{target} wanted, {len(good)} up to date"
        actions.append(Action("start", f"{request.slug}-{slot}", why, slot=slot))
    start_first = request.update_order == "start-first" if request.update_order else target < request.maximum
    outdated = [one for one in _by_slot(staying) if one not in good]
    for number, old in enumerate(outdated, start=1):
        replace = _start_first if start_first else _stop_first
        actions += replace(request, old, free, number)
    return actions + _back_in_line(request, [one for one in staying if one in good], free)


def _target(request: Request, good: int, live: int) -> int:
    """How many are to run, in the order of precedence of the options."""
    if request.instances is not None:
        wanted = request.instances
    elif request.scale_by:
        wanted = good + request.scale_by
        if request.scale_by > 0:
            # A publish replaces what runs, outdated instances included, and never thins it out.
            wanted = max(wanted, live)
    else:
        wanted = live
    return min(max(wanted, 1, request.minimum), request.maximum)


def _expendable(request: Request, live: t.Sequence[Instance]) -> list[Instance]:
    """All instances, those first that can be done without soonest: not serving, outdated, newest."""
    return sorted(
        live,
        key=lambda one: (one.serving, is_up_to_date(request, one), -one.created_at, -(one.slot or 0)),
    )


def _by_slot(instances: t.Iterable[Instance]) -> list[Instance]:
    return sorted(instances, key=lambda one: (one.slot or 0, one.name))


def _fault(request: Request, one: Instance) -> str:
    """Why an instance is not as wanted."""
    if one.health == "unhealthy":
        return "unhealthy"
    return "outdated" if one.serving else one.state


def _surplus_reason(request: Request, one: Instance, target: int) -> str:
    state = "up to date" if is_up_to_date(request, one) else _fault(request, one)
    return f"more than the {target} wanted, {state}"


class _FreeSlots:
    """Hands out names that nothing holds once the actions so far are done."""

    def __init__(self, request: Request, staying: t.Iterable[Instance]) -> None:
        self._request = request
        self._taken = {one.slot for one in staying}

    def take(self) -> int:
        slot = next(slot for slot in self._request.slots if slot not in self._taken)
        self._taken.add(slot)
        return slot

    def give_back(self, slot: int | None) -> None:
        self._taken.discard(slot)


def _start_first(request: Request, old: Instance, free: _FreeSlots, number: int) -> list[Action]:
    fault = _fault(request, old)
    slot = home = free.take()
    free.give_back(old.slot)
    if slot > request.last_slot:
        free.give_back(slot)
        home = free.take()
    name, home_name = f"{request.slug}-{slot}", f"{request.slug}-{home}"
    actions = [
        Action("start", name, f"replaces {old.name}, {fault}", slot=home, replacement=number),
        Action("stop", old.name, f"{fault}, replaced by {name}", old.id, replacement=number),
    ]
    if name != home_name:
        why = f"takes the place of {old.name}"
        actions.append(Action("rename", name, why, to=home_name, replacement=number))
    return actions


def _stop_first(request: Request, old: Instance, free: _FreeSlots, number: int) -> list[Action]:
    free.give_back(old.slot)
    slot = free.take()
    name = f"{request.slug}-{slot}"
    fault = _fault(request, old)
    return [
        Action("stop", old.name, f"{fault}, makes room for {name}", old.id, replacement=number),
        Action("start", name, f"replaces {old.name}, {fault}", slot=slot, replacement=number),
    ]


def _back_in_line(request: Request, good: t.Iterable[Instance], free: _FreeSlots) -> list[Action]:
    """Rename instances that a killed run left above the last slot."""
    actions = []
    for one in _by_slot(good):
        if one.slot is None or one.slot > request.last_slot:
            slot = free.take()
            if slot > request.last_slot:
                break
            actions.append(Action("rename", one.name, "above the last slot", one.id, to=f"{request.slug}-{slot}"))
    return actions
