# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done with the instances of a bundle: every counting rule. Decides only: no engine, no clock."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from itertools import count

from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance, Phase
from ansible_collections.evento.docker.plugins.module_utils._plan.request import Request
from ansible_collections.evento.docker.plugins.module_utils._plan.scene import Scene, classify, is_stale, is_up_to_date
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Remove, Replace, Start, Step


def must_yield(
    request: Request, updated_at: int | None, observed: t.Iterable[Instance], created: t.Mapping[str, Start]
) -> bool:
    """Whether containers that this run has created must not be started, because others were faster.

    Of runs that do this between create and start, each sees all that were created before its look. So of two
    that must not both start, at least one yields, whatever their order.

    :param updated_at: of the bundle in hand.
    :param observed: what is there after they were created.
    :param created: the step that each was created for, by its id.
    """
    others = [one for one in observed if one.takes_room and one.id not in created]
    replacements = [step for step in created.values() if isinstance(step, Replace)]
    beside = {step.replaced_id for step in replacements if step.beside}
    return (
        is_stale(updated_at, others)
        or len(others) + len(created) > request.maximum + bool(beside)
        or not beside <= {one.id for one in others if one.live}
        or any(one.replaces == step.replaced_id for one in others for step in replacements)
    )


def count_once(request: Request, observed: t.Sequence[Instance], recreate: bool = False) -> Request:
    """Settle what would never end if it were counted at every look: what to recreate, and a negative scale_by.

    :param recreate: whether all that is there is to be replaced, but for what is about to replace something itself.
    """
    if recreate:
        live = {one.id for one in observed if one.live}
        ids = frozenset(one.id for one in observed if one.live and one.replaces not in live)
        request = replace(request, recreate=ids)
    if request.instances is not None or (request.scale_by or 0) >= 0:
        return request
    return replace(request, instances=_target(request, classify(request, observed)), scale_by=None)


def plan(request: Request, observed: t.Iterable[Instance]) -> list[Step]:
    """Decide what to do, in the order in which to do it.

    What is of no use and what is too many goes first, then what is missing starts, then what is outdated is replaced
    one by one. What goes only once another run's new instance is ready is waited for as late as there is room.
    """
    if request.state != "started":
        return _stop_all(request, observed)
    scene = classify(request, observed)
    target = _target(request, scene)
    surplus = _expendable(request, scene.whole)[: max(0, len(scene.whole) - target)]
    staying = [one for one in scene.whole if one not in surplus]
    old = [one for one in staying if one not in scene.good or one.id in request.recreate]
    missing = max(0, target - len(staying))
    resumed, unneeded = scene.unfinished[:missing], scene.unfinished[missing:]
    beside = _goes_beside(request, target)
    going_first = [one for one in old if not beside or one.phase is Phase.STOPPING]
    # A standby is there to be used where the old one goes first.
    spent = [one for one in scene.standbys if one.standby_of not in [other.id for other in going_first]]

    # What goes, at once or once another run's new instance is ready.
    removals = [_removal(request, one, staying) for one in [*scene.ended, *spent, *unneeded]]
    # What belongs to a surplus one goes with it, or the next look would take it for an instance of its own.
    doomed = [half for half, stays in scene.halves if stays in surplus]
    removals += [Remove(one, f"more than the {target} wanted, {_condition(request, one)}") for one in doomed + surplus]
    removals += [_end(request, half, stays) for half, stays in scene.halves if half not in doomed]
    at_once, waiting = ([one for one in removals if bool(one.after) is waits] for waits in (False, True))
    # Whoever told it to end may have been killed since.
    told = [Remove(one, "told to end already") for one in scene.stopping if one.holds_name]
    ending = len(scene.stopping)
    if missing and len(staying) + ending + missing > request.maximum:
        at_once, told, ending = [*at_once, *told], [], ending - len(told)

    # What comes, each in the lowest slot that is free by then.
    kept = [step.one for step in waiting if step.one.live]
    has_room = len(staying) + len(kept) + ending + missing <= request.maximum
    kept = kept if has_room else []
    taken = {*request.blocked, *(one.slot for one in [*staying, *kept]), *(step.one.slot for step in told)}
    slots = [_take_slot(taken) for _new in range(missing - len(resumed))]
    starts = [Start(request.name(slot), slot, f"{target} wanted, {len(scene.good)} up to date") for slot in slots]
    taken -= {one.slot for one in kept}
    added: list[Step] = [*starts, *waiting] if has_room else [*waiting, *starts]
    resumptions = [_resume(request, one, taken) for one in resumed]
    replacements = [_replacement(request, one, taken, one not in going_first) for one in old]
    # A relative call does not wait for what holds it up in nothing.
    told = told if request.scale_by is None else []
    return [*at_once, *added, *resumptions, *replacements, *told]


def _stop_all(request: Request, observed: t.Iterable[Instance]) -> list[Step]:
    there = sorted(observed, key=lambda one: (one.takes_room, one.slot or 0, one.name))
    staying = [one for one in there if one.holds_name and one.phase is not Phase.GOING]
    why = request.unwanted or f"state is {request.state}"
    return [Remove(one, why) if one.takes_room else _removal(request, one) for one in staying]


def _target(request: Request, scene: Scene) -> int:
    """How many are to run, in the order of precedence of the options."""
    # One that a run did not finish to replace is one.
    running = len(scene.whole) + len(scene.unfinished)
    if request.instances is not None:
        wanted = request.instances
    elif request.scale_by:
        wanted = len(scene.good) + request.scale_by
        if request.scale_by > 0:
            # A publish replaces what runs, outdated instances included, and never thins it out.
            wanted = max(wanted, running)
    else:
        wanted = running
    return min(max(wanted, 1, request.minimum), request.maximum)


def _goes_beside(request: Request, target: int) -> bool:
    if request.update_order:
        return request.update_order == "start-first"
    return request.side_by_side and target < request.maximum


def _expendable(request: Request, instances: t.Iterable[Instance]) -> list[Instance]:
    """Sort instances, those first that can be done without soonest: not serving, outdated, newest.

    One that another run is about to start comes last: that run would start the next one in its place.
    """

    def worth(one: Instance) -> tuple[int, ...]:
        up_to_date, starting = is_up_to_date(request, one), one.phase is Phase.STARTING
        return one.serving, up_to_date, starting, -one.created_at, -(one.slot or 0)

    return sorted(instances, key=worth)


def _take_slot(taken: set[int | None]) -> int:
    slot = next(slot for slot in count(1) if slot not in taken)
    taken.add(slot)
    return slot


def _replacement(request: Request, old: Instance, taken: set[int | None], beside: bool) -> Replace:
    if not beside:
        taken.discard(old.slot)
    slot = _take_slot(taken)
    if beside:
        taken.discard(old.slot)
    why = "recreate is true" if is_up_to_date(request, old) else _condition(request, old)
    return Replace(request.name(slot), slot, why, old, old.name, beside)


def _resume(request: Request, standby: Instance, taken: set[int | None]) -> Replace:
    """Go on where a killed run had stopped the old instance and not started the new one."""
    slot, why = _take_slot(taken), "stopped by a run that did not finish"
    return Replace(request.name(slot), slot, why, standby, _original(request, standby))


def _end(request: Request, half: Instance, stays: Instance) -> Remove:
    """End a replacement that is under way."""
    if stays.phase is Phase.STANDBY:
        return Remove(half, f"{_condition(request, half)}, started by a run that did not finish")
    if half.replaces == stays.id:
        return Remove(half, f"{_condition(request, half)}, {stays.name} stays")
    # That it has started is not enough: whoever started it may have died before it was ready.
    after = stays if half.serving and stays.replaces else None
    return Remove(half, f"{_condition(request, half)}, replaced by {stays.name}", after)


def _removal(request: Request, one: Instance, successors: t.Iterable[Instance] = ()) -> Remove:
    """Remove what does not run; the standby of an instance only once what replaces that one is ready."""
    if one.phase is not Phase.STANDBY:
        return Remove(one, f"left over, {one.state}")
    good = [other for other in successors if other.replaces == one.standby_of and is_up_to_date(request, other)]
    return Remove(one, f"left over from the replacement of {_original(request, one)}", good[0] if good else None)


def _original(request: Request, standby: Instance) -> str:
    return standby.name if standby.slot is None else request.name(standby.slot)


def _condition(request: Request, one: Instance) -> str:
    """What an instance is like, in words."""
    if is_up_to_date(request, one):
        return "up to date"
    if one.health == "unhealthy":
        return "unhealthy"
    return "outdated" if one.serving else one.state
