# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is there, and what it means for a request. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance, Phase
from ansible_collections.evento.docker.plugins.module_utils._plan.request import Request

_SAME_PUBLISH = 10**6


def is_stale(updated_at: int | None, observed: t.Iterable[Instance]) -> bool:
    """Whether a newer publish of the bundle already runs.

    :param updated_at: of the bundle, nanoseconds since 1970; without it there is no telling.
    """
    known = [one.updated_at for one in observed if one.live and one.updated_at is not None]
    return updated_at is not None and any(newer - updated_at > _SAME_PUBLISH for newer in known)


def is_up_to_date(request: Request, instance: Instance) -> bool:
    """Whether an instance counts: it serves, and has the wanted fingerprint."""
    return instance.serving and instance.spec == request.spec


@dataclass(frozen=True)
class Scene:
    """What is there, by what it means for a request, each group by slot.

    Of a replacement that is under way, what was started counts together with what it is to replace as one: the better
    one of them.

    :param whole: runs and stays, or is to be replaced.
    :param good: those of them that are up to date and serve.
    :param halves: what is under way to be replaced, or is not needed as a replacement, and what stays instead.
    :param unfinished: standbys of instances that a run stopped for a new one which it then did not start.
    :param standbys: all others.
    :param ended: is of no use any more.
    :param stopping: was told to end, and makes no room for another.
    """

    whole: list[Instance]
    good: list[Instance]
    halves: list[tuple[Instance, Instance]]
    unfinished: list[Instance]
    standbys: list[Instance]
    ended: list[Instance]
    stopping: list[Instance]


def classify(request: Request, observed: t.Iterable[Instance]) -> Scene:
    """Sort what is there."""
    ordered = sorted(observed, key=lambda one: (one.slot or 0, one.name))
    standbys = [one for one in ordered if one.phase is Phase.STANDBY]
    told = [one for one in ordered if one.phase is Phase.STOPPING]
    # What has a standby ends to make room for a new one, and counts until that is there.
    replaced = {one.standby_of for one in standbys}
    live = [one for one in ordered if one.live or (one in told and one.id in replaced)]
    halves = _halves(request, live, standbys)
    whole = [one for one in live if one not in [half for half, _stays in halves]]
    stopping = [one for one in told if one not in live]
    known = {one.id for one in [*live, *stopping]} | {one.replaces for one in live}
    to_come_back = [stays for _half, stays in halves]
    unfinished = [one for one in standbys if one in to_come_back or one.standby_of not in known]
    return Scene(
        whole=whole,
        good=[one for one in whole if is_up_to_date(request, one)],
        halves=halves,
        unfinished=unfinished,
        standbys=[one for one in standbys if one not in unfinished],
        ended=[one for one in ordered if one.phase is Phase.ENDED],
        stopping=stopping,
    )


def _halves(
    request: Request, live: t.Iterable[Instance], standbys: t.Iterable[Instance]
) -> list[tuple[Instance, Instance]]:
    by_id = {one.id: one for one in live}
    kept = {one.standby_of: one for one in standbys if one.standby_of not in by_id}

    def first(one: Instance) -> str:
        return first(by_id[one.replaces]) if one.replaces in by_id else one.id

    def rank(one: Instance) -> tuple[bool, bool, bool]:
        # Of two that are up to date, the new one was wanted; of two that are not, the old one has served.
        good = is_up_to_date(request, one)
        return one.serving, good, good == (one.replaces in by_id)

    def stays(one: Instance) -> Instance:
        best = bests[first(one)]
        # What was started in place of an instance that can be brought back, and does not serve, is none of its own.
        return kept.get(best.replaces, best) if best.live and not best.serving else best

    bests = {first(one): one for one in sorted(live, key=rank)}
    return [(one, stays(one)) for one in live if stays(one) is not one]
