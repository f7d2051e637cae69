# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done with the instances of a bundle: every counting rule. Decides only: no engine, no clock."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance, Phase
from ansible_collections.evento.docker.plugins.module_utils._plan.request import Request
from ansible_collections.evento.docker.plugins.module_utils._plan.scene import Scene, classify, is_stale, is_up_to_date
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Batch, Remove, Replace, Start, Step


def must_yield(
    request: Request,
    updated_at: int | None,
    observed: t.Iterable[Instance],
    created: t.Mapping[str, Start | Replace],
) -> bool:
    """Whether containers that this run has created must not be started, because others were faster.

    Of runs that do this between create and start, each sees all that were created before its look. So of two
    that must not both start, at least one yields, whatever their order.

    :param updated_at: of the bundle in hand.
    :param observed: what is there after they were created.
    :param created: the step that each was created for, by its id.
    """
    others = [one for one in observed if one.live and one.id not in created]
    there = {one.id for one in others}
    replaced = {one.replaces for one in others}
    replacements = [step for step in created.values() if isinstance(step, Replace)]
    beside = [step for step in replacements if step.beside]
    return (
        is_stale(updated_at, others)
        or len(others) + len(created) > request.maximum + bool(beside)
        or any(step.replaced_id not in there for step in beside)
        or any(step.replaced_id in replaced for step in replacements)
    )


def count_once(request: Request, observed: t.Iterable[Instance]) -> Request:
    """Make a plain number of a negative scale_by: counted at every look, it would never end."""
    if request.instances is not None or (request.scale_by or 0) >= 0:
        return request
    scene = classify(request, observed)
    return replace(request, instances=_target(request, scene), scale_by=None)


def plan(request: Request, observed: t.Iterable[Instance]) -> list[Batch]:
    """Decide what to do, in the order in which to do it.

    What is of no use and what is too many goes first, then what is missing starts, then what is outdated is replaced
    one by one. Replacements under way are finished once there is nothing that can be done without them.
    """
    scene = classify(request, observed)
    if request.state != "started":
        return _non_empty([_stop_all(request, scene)])
    target = _target(request, scene)
    surplus = _expendable(scene)[: max(0, len(scene.good) + len(scene.outdated) - target)]
    good, outdated = ([one for one in group if one not in surplus] for group in (scene.good, scene.outdated))
    missing = max(0, target - len(good) - len(outdated))
    resumed, unneeded = scene.unfinished[:missing], scene.unfinished[missing:]
    beside = _goes_beside(request, target)
    # A standby is there to be used where the old one goes first.
    awaited = set() if beside else {one.id for one in outdated}
    spent = [one for one in scene.standbys if one.standby_of not in awaited]

    successors = {one.replaces: one for one in good if one.replaces}
    removals = [_removal(request, one, successors) for one in _by_slot([*scene.ended, *spent, *unneeded])]
    # What belongs to a surplus one goes with it, or the next look would take it for an instance of its own.
    doomed = [half for half, stays in scene.halves if stays in surplus]
    room = [Remove(one, f"more than the {target} wanted, {_condition(request, one)}") for one in [*doomed, *surplus]]
    halves = [(half, stays) for half, stays in scene.halves if half not in doomed]
    finish: Batch = [_finish(request, half, stays) for half, stays in halves]

    # Nobody waits without need for a graceful stop, or for another run's new instance.
    live = len(good) + len(outdated) + len(halves)
    has_room = live + missing <= request.maximum
    kept = [half for half, _stays in halves] if has_room else []
    slots = _FreeSlots(request, [*good, *outdated, *kept])
    why = f"{target} wanted, {len(scene.good)} up to date"
    starts = [Start(request.name(slot), slot, why) for slot in slots.take(missing - len(resumed))]
    at_once: Batch = [*(step for step in removals if not step.after), *room]
    later: Batch = [step for step in removals if step.after]
    order: list[Batch] = (
        [[*at_once, *starts], [*later, *finish]] if has_room else [at_once, [*later, *finish], [*starts]]
    )
    slots.free(kept)
    order += [[_resume(request, one, slots)] for one in resumed]
    order += [[_replacement(request, one, slots, beside)] for one in outdated]
    return _non_empty(order)


def plan_around(
    request: Request, observed: t.Sequence[Instance], foreign_slots: t.Callable[[], frozenset[int]]
) -> tuple[Request, list[Batch]]:
    """A plan that passes over the names of containers that are not ours, and the request that says which.

    :param foreign_slots: finds the slots whose names such containers have; asked only where something starts.
    """
    batches = plan(request, observed)
    if not any(isinstance(step, (Start, Replace)) for batch in batches for step in batch):
        return request, batches
    request = replace(request, blocked=foreign_slots())
    return request, plan(request, observed)


def _non_empty(batches: t.Iterable[Batch]) -> list[Batch]:
    return [batch for batch in batches if batch]


def _stop_all(request: Request, scene: Scene) -> Batch:
    idle = _by_slot([*scene.ended, *scene.unfinished, *scene.standbys])
    live = _by_slot([*scene.good, *scene.outdated, *(half for half, _stays in scene.halves)])
    removals: Batch = [_removal(request, one, {}) for one in idle]
    return removals + [Remove(one, f"state is {request.state}") for one in live]


def _target(request: Request, scene: Scene) -> int:
    """How many are to run, in the order of precedence of the options."""
    if request.instances is not None:
        wanted = request.instances
    elif request.scale_by:
        wanted = len(scene.good) + request.scale_by
        if request.scale_by > 0:
            # A publish replaces what runs, outdated instances included, and never thins it out.
            wanted = max(wanted, scene.running)
    else:
        wanted = scene.running
    return min(max(wanted, 1, request.minimum), request.maximum)


def _goes_beside(request: Request, target: int) -> bool:
    if request.update_order:
        return request.update_order == "start-first"
    return request.side_by_side and target < request.maximum


def _expendable(scene: Scene) -> list[Instance]:
    """All instances, those first that can be done without soonest: not serving, outdated, newest.

    One that another run is about to start comes last: that run would start the next one in its place.
    """
    return sorted(
        [*scene.good, *scene.outdated],
        key=lambda one: (
            one.serving,
            one in scene.good,
            one.phase is Phase.STARTING,
            -one.created_at,
            -(one.slot or 0),
        ),
    )


class _FreeSlots:
    """Hands out slots that nothing holds, the lowest first.

    :param staying: the instances that hold a slot.
    """

    def __init__(self, request: Request, staying: t.Iterable[Instance]) -> None:
        self._request = request
        self._taken = {one.slot for one in staying}

    def take(self, number: int = 1) -> list[int]:
        found = [slot for slot, _number in zip(self._untaken(), range(number))]
        self._taken.update(found)
        return found

    def free(self, instances: t.Iterable[Instance]) -> None:
        self._taken -= {one.slot for one in instances}

    def _untaken(self) -> t.Iterator[int]:
        return (slot for slot in self._request.slots if slot not in self._taken)


def _replacement(request: Request, old: Instance, slots: _FreeSlots, beside: bool) -> Replace:
    if beside:
        [slot] = slots.take()
        slots.free([old])
    else:
        slots.free([old])
        [slot] = slots.take()
    return Replace(request.name(slot), slot, old, old.name, _condition(request, old), beside)


def _resume(request: Request, standby: Instance, slots: _FreeSlots) -> Replace:
    """Go on where a killed run had stopped the old instance and not started the new one."""
    [slot] = slots.take()
    return Replace(
        request.name(slot), slot, standby, _original(request, standby), "stopped by a run that did not finish"
    )


def _finish(request: Request, half: Instance, stays: Instance) -> Step:
    """End a replacement that is under way."""
    if half.replaces == stays.id:
        return Remove(half, f"{_condition(request, half)}, {stays.name} stays")
    # That it has started is not enough: whoever started it may have died before it was ready.
    after = stays if half.serving and stays.replaces else None
    return Remove(half, f"{_condition(request, half)}, replaced by {stays.name}", after)


def _removal(request: Request, one: Instance, successors: t.Mapping[str, Instance]) -> Remove:
    if one.phase is Phase.STANDBY:
        after = successors.get(one.standby_of)
        return Remove(one, f"left over from the replacement of {_original(request, one)}", after)
    return Remove(one, f"left over, {one.state}")


def _original(request: Request, standby: Instance) -> str:
    return standby.name if standby.slot is None else request.name(standby.slot)


def _condition(request: Request, one: Instance) -> str:
    """What an instance is like, in words."""
    if is_up_to_date(request, one):
        return "up to date"
    if one.health == "unhealthy":
        return "unhealthy"
    return "outdated" if one.serving else one.state


def _by_slot(instances: t.Iterable[Instance]) -> list[Instance]:
    return sorted(instances, key=lambda one: (one.slot or 0, one.name))
