# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""The plan: every counting rule is here and nowhere else. Decides only: no engine, no clock."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.evento.docker.plugins.module_utils._model import Action, Instance, original_name, standby_name
from ansible_collections.evento.docker.plugins.module_utils._replacement import (
    FreeSlots,
    back_in_line,
    resume,
    start_first,
    stop_first,
)
from ansible_collections.evento.docker.plugins.module_utils._request import Request


def is_stale(updated_at: int | None, observed: t.Iterable[Instance]) -> bool:
    """Whether a newer publish of the bundle already runs.

    :param updated_at: of the bundle in hand; without it there is no telling.
    """
    known = [one.updated_at for one in observed if one.live and one.updated_at is not None]
    return updated_at is not None and any(updated_at < newer for newer in known)


def is_up_to_date(request: Request, instance: Instance) -> bool:
    """Whether an instance counts: it serves, and has the wanted fingerprint."""
    return instance.serving and instance.spec == request.spec


def must_yield(
    request: Request, updated_at: int | None, observed: t.Iterable[Instance], created: t.Mapping[str, Action]
) -> bool:
    """Whether containers that this run has created must not be started, because others were faster.

    Of runs that do this between create and start, each sees all that were created before its look. So of two
    that must not both start, at least one yields, whatever their order.

    :param updated_at: of the bundle in hand.
    :param observed: what is there after they were created.
    :param created: the action that each was created for, by its id.
    """
    others = [one for one in observed if one.live and one.id not in created]
    there = {one.id for one in others}
    replaced = {one.replaces for one in others}
    beside = [action for action in created.values() if action.beside]
    return (
        is_stale(updated_at, others)
        or len(others) + len(created) > request.maximum + bool(beside)
        or any(action.replaces not in there for action in beside)
        or any(action.replaces in replaced for action in created.values() if action.replaces)
    )


def plan(request: Request, observed: t.Sequence[Instance]) -> list[Action]:
    """Decide what to do, in the order in which to do it.

    Leftovers and surplus instances go first, then missing ones start, then outdated ones are replaced one by one.
    What belongs to one replacement has its number; the rest may be done at the same time, kind by kind.
    """
    live = [one for one in observed if one.live]
    leftover = [one for one in observed if one.leftover]
    standbys = [one for one in observed if one.standby]
    if request.state != "started":
        removals = [_removal(one) for one in _by_slot([*leftover, *standbys])]
        return removals + [Action("stop", one.name, f"state is {request.state}", one.id) for one in _by_slot(live)]

    here = [one for one in live if not one.leaving]
    halves = _halves(request, here)
    rest = [one for one in here if one.id not in halves]
    good = [one for one in rest if is_up_to_date(request, one)]
    unfinished = _unfinished(standbys, live)
    target = _target(request, len(good), len(rest) + len(unfinished))
    surplus = _expendable(request, rest)[: max(0, len(rest) - target)]
    staying = [one for one in rest if one not in surplus]
    missing = target - len(staying)
    resumed, unneeded = unfinished[:missing], unfinished[missing:]
    beside = request.update_order == "start-first" if request.update_order else target < request.maximum
    outdated = [one for one in _by_slot(staying) if one not in good]
    # A standby is there to be used where the old one goes first.
    needed = {one.id for one in outdated if not beside}
    spent = [one for one in standbys if one not in unfinished and one.standby_of not in needed]

    actions = [_back_to_standby(one) for one in resumed if one.slot is not None]
    actions += [_removal(one) for one in _by_slot([*leftover, *spent, *unneeded])]
    undone = [one for one in _by_slot(here) if one.id in halves]
    # Before what it belongs to, so that the next look does not take it for an instance of its own.
    doomed = [one for one in undone if halves[one.id] in surplus]
    actions += [_surplus_stop(request, one, target, claimed=False) for one in doomed]
    actions += [_surplus_stop(request, one, target, claimed=request.scales_down and one in good) for one in surplus]
    leaving = [Action("stop", one.name, "a run has begun to stop it", one.id) for one in live if one.leaving]
    undone = [one for one in undone if one not in doomed]
    finish = [_half_stop(request, one, halves[one.id]) for one in undone]
    # Nobody waits without need for a graceful stop, or for another run's new instance.
    has_room = len(live) - len(surplus) + missing <= request.maximum
    if not has_room:
        # In one step, or the next look finds room half way, and starts before the rest has gone.
        guarded = any(one.guarded for one in finish)
        actions += leaving + [replace(one, guarded=guarded) for one in finish]
    free = FreeSlots(request, staying + undone if has_room else staying)
    for _missing in range(missing - len(resumed)):
        slot = free.take()
        actions.append(Action("start", request.name(slot), f"{target} wanted, {len(good)} up to date", slot=slot))
    if has_room:
        actions += finish
        for one in undone:
            free.give_back(one.slot)
    actions += [resume(request, one, free, number) for number, one in enumerate(resumed, start=1)]
    for number, old in enumerate(outdated, start=1 + len(resumed)):
        in_turn = start_first if beside else stop_first
        actions += in_turn(request, old, _fault(old), free, number)
    if has_room:
        actions += leaving
    return actions + back_in_line(request, [one for one in _by_slot(staying) if one in good], free)


def _target(request: Request, good: int, running: int) -> int:
    """How many are to run, in the order of precedence of the options."""
    if request.instances is not None:
        wanted = request.instances
    elif request.scale_by:
        wanted = good + request.scale_by
        if request.scale_by > 0:
            # A publish replaces what runs, outdated instances included, and never thins it out.
            wanted = max(wanted, running)
    else:
        wanted = running
    return min(max(wanted, 1, request.minimum), request.maximum)


def _halves(request: Request, here: t.Sequence[Instance]) -> dict[str, Instance]:
    """Of each replacement that is on its way, what is to go, by its id, and what it goes in favour of.

    What was started to replace an instance counts together with that as one. The better one stays; of two equal ones
    that is the old one, which has served.
    """
    by_id = {one.id: one for one in here}
    groups: dict[str, list[Instance]] = {}
    for one in sorted(here, key=lambda one: (one.created_at, one.slot or 0)):
        first = one
        while first.replaces in by_id:
            first = by_id[first.replaces]
        groups.setdefault(first.id, []).insert(0 if one is first else len(here), one)
    found = {}
    for group in groups.values():
        best = max(group, key=lambda one: (one.serving, is_up_to_date(request, one)))
        found.update({one.id: best for one in group if one is not best})
    return found


def _half_stop(request: Request, one: Instance, stays: Instance) -> Action:
    good = is_up_to_date(request, one)
    if one.id == stays.replaces:
        why = f"{_fault(one)}, replaced by {stays.name}"
    else:
        why = f"{'up to date' if good else _fault(one)}, {stays.name} stays"
    return Action("stop", one.name, why, one.id, guarded=one.serving and not good)


def _unfinished(standbys: t.Iterable[Instance], live: t.Sequence[Instance]) -> list[Instance]:
    """The standbys of instances that were stopped for a new one which then was not started."""
    known = {one.id for one in live} | {one.replaces for one in live}
    return [one for one in _by_slot(standbys) if one.standby_of not in known]


def _back_to_standby(one: Instance) -> Action:
    """A killed run was about to start it in place of its original, whose name it has."""
    return Action("rename", one.name, "was not started", one.id, to=standby_name(one.name))


def _expendable(request: Request, here: t.Sequence[Instance]) -> list[Instance]:
    """All instances, those first that can be done without soonest: not serving, outdated, newest.

    One that another run is about to start comes last: that run would start the next one in its place.
    """
    return sorted(
        here,
        key=lambda one: (
            one.serving,
            is_up_to_date(request, one),
            one.pending,
            -one.created_at,
            -(one.slot or 0),
        ),
    )


def _by_slot(instances: t.Iterable[Instance]) -> list[Instance]:
    return sorted(instances, key=lambda one: (one.slot or 0, one.name))


def _fault(one: Instance) -> str:
    """Why an instance is not as wanted."""
    if one.health == "unhealthy":
        return "unhealthy"
    return "outdated" if one.serving else one.state


def _removal(one: Instance) -> Action:
    if one.standby:
        return Action("remove", one.name, f"left over, stood by for {original_name(one.name)}", one.id, guarded=True)
    return Action("remove", one.name, f"left over, {one.state}", one.id)


def _surplus_stop(request: Request, one: Instance, target: int, claimed: bool) -> Action:
    good = is_up_to_date(request, one)
    why = f"more than the {target} wanted, {'up to date' if good else _fault(one)}"
    return Action("stop", one.name, why, one.id, guarded=one.serving and not good, claimed=claimed)
