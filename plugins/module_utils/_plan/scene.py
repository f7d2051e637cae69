# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is there, and what it means for a request. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance, Phase
from ansible_collections.evento.docker.plugins.module_utils._plan.request import Request

# One publish reaches us in two forms, in nanoseconds and rounded to microseconds; floats on the way lose some more.
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
    """What is there, by what it means for a request.

    Of a replacement that is under way, what was started counts together with what it is to replace as one: the better
    one of them, or of two equal ones the old one, which has served.

    :param good: counts: up to date and serving.
    :param outdated: runs, and is to be replaced: of another fingerprint, or faulty.
    :param halves: what is under way to be replaced, or is not needed as a replacement, and what stays instead.
    :param unfinished: standbys of instances that a run stopped for a new one which it then did not start.
    :param standbys: all others.
    :param ended: is of no use any more.
    """

    good: list[Instance]
    outdated: list[Instance]
    halves: list[tuple[Instance, Instance]]
    unfinished: list[Instance]
    standbys: list[Instance]
    ended: list[Instance]

    @property
    def running(self) -> int:
        """How many instances there are; one that a run did not finish to replace is one."""
        return len(self.good) + len(self.outdated) + len(self.unfinished)


def classify(request: Request, observed: t.Iterable[Instance]) -> Scene:
    """Sort what is there, each group by slot."""
    ordered = sorted(observed, key=lambda one: (one.slot or 0, one.name))
    live = [one for one in ordered if one.live]
    halves = _halves(request, live)
    whole = [one for one in live if one.id not in {half.id for half, _stays in halves}]
    known = {one.id for one in live} | {one.replaces for one in live}
    standbys = [one for one in ordered if one.phase is Phase.STANDBY]
    unfinished = [one for one in standbys if one.standby_of not in known]
    return Scene(
        good=[one for one in whole if is_up_to_date(request, one)],
        outdated=[one for one in whole if not is_up_to_date(request, one)],
        halves=halves,
        unfinished=unfinished,
        standbys=[one for one in standbys if one not in unfinished],
        ended=[one for one in ordered if one.phase is Phase.ENDED],
    )


def _halves(request: Request, live: t.Sequence[Instance]) -> list[tuple[Instance, Instance]]:
    by_id = {one.id: one for one in live}
    groups: dict[str, list[Instance]] = {}
    for one in sorted(live, key=lambda one: (one.created_at, one.slot or 0)):
        first = one
        while first.replaces in by_id:
            first = by_id[first.replaces]
        groups.setdefault(first.id, []).insert(0 if one is first else len(live), one)
    best = {
        one.id: max(group, key=lambda one: (one.serving, is_up_to_date(request, one)))
        for group in groups.values()
        for one in group
    }
    return [(one, best[one.id]) for one in live if best[one.id] is not one]
