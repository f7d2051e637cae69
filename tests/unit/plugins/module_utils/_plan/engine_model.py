# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine as the plan sees it: what may be found on it, what may be asked for, and what becomes of it."""

from __future__ import annotations

import hashlib
import typing as t
from dataclasses import replace

from hypothesis import strategies as st

from ansible_collections.evento.docker.plugins.module_utils._engine.standby import standby_name
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._plan.plan import count_once
from ansible_collections.evento.docker.plugins.module_utils._plan.request import Request
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Remove, Replace, Step

REQUEST = Request(slug="orders", state="started", spec="new", minimum=0, maximum=64)
SLOTS = range(1, 9)


def container_id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


NEWCOMER = Instance(
    id="",
    name="",
    bundle_id="orders",
    slot=None,
    state="running",
    health=None,
    version="1",
    updated_at=None,
    spec="new",
    created_at=9,
    age=1.0,
)


def gone(slot: int) -> str:
    """The id of an instance that is not there any more."""
    return container_id(f"gone from slot {slot}")


def standby(one: Instance, slot: int, standby_of: str) -> Instance:
    name = standby_name(f"orders-{slot}", standby_of)
    return replace(
        one,
        id=container_id(name),
        name=name,
        state="created",
        age=60.0,
        standby_of=standby_of,
        replaces="",
    )


@st.composite
def observations(draw: st.DrawFn) -> list[Instance]:
    """What a run may find: instances in any state, standbys with and without theirs, halves of replacements."""
    found: list[Instance] = []
    for slot in draw(st.lists(st.sampled_from(SLOTS), unique=True, max_size=6)):
        name = f"orders-{slot}"
        one = Instance(
            id=container_id(name),
            name=name,
            bundle_id="orders",
            slot=slot,
            state=draw(
                st.sampled_from(["running"] * 5 + ["created", "paused", "restarting", "stopping", "exited", "dead"])
            ),
            health=draw(st.sampled_from([None, None, "healthy", "starting", "unhealthy"])),
            version="1",
            updated_at=None,
            spec=draw(st.sampled_from(["new", "old"])),
            created_at=draw(st.integers(0, 3)),
            age=draw(st.sampled_from([0.0, 60.0])),
        )
        # No instance has two replacements, and none that is on its way is replaced: it goes, and the older one is
        # there to be replaced.
        replaced = {other.replaces for other in found}
        others = [other for other in found if other.id not in replaced and not other.standby_of]
        others = [other for other in others if other.replaces not in {another.id for another in found}]
        one = replace(
            one, replaces=draw(st.sampled_from(["", "", "", "", gone(slot), *(other.id for other in others)]))
        )
        found.append(one)
        if draw(st.integers(0, 5)) == 0:
            of = draw(st.sampled_from([one.id, one.id, gone(slot)]))
            found.append(standby(one, slot, of))
    return draw(st.permutations(found))


@st.composite
def situations(draw: st.DrawFn) -> tuple[Request, list[Instance]]:
    """A request, and what is found on the engine then."""
    observed = draw(observations())
    minimum = draw(st.integers(0, 4))
    maximum = draw(st.integers(max(1, minimum), 6))
    request = replace(
        REQUEST,
        state=draw(st.sampled_from(["started"] * 4 + ["stopped"])),
        minimum=minimum,
        maximum=maximum,
        instances=draw(st.none() | st.integers(max(1, minimum), maximum)),
        scale_by=draw(st.none() | st.integers(-3, 3)),
        recreate=count_once(REQUEST, observed, draw(st.booleans())).recreate,
        update_order=draw(st.sampled_from([None, "start-first", "stop-first"])),
        # A name that one of ours has belongs to nobody else.
        blocked=draw(st.frozensets(st.sampled_from(SLOTS), max_size=2)) - {one.slot for one in observed},
    )
    return request, observed


class Model:
    """An engine on which every call succeeds at once. It knows what a step does to it, and nothing of plans.

    Attributes: there, the containers; peak, the most that were live at a time, beyond those of replacements under
    way; fewest, the lowest number that served at a time.
    """

    def __init__(self, observed: t.Iterable[Instance]) -> None:
        self.there = list(observed)
        self.peak = 0
        self.fewest = self.serving
        self._created = 0

    @property
    def serving(self) -> int:
        return sum(one.serving for one in self.there)

    def carry_out(self, steps: t.Iterable[Step]) -> None:
        for step in steps:
            self._do(step)

    def _do(self, step: Step) -> None:
        if isinstance(step, Remove):
            self._take(step.one)
        elif isinstance(step, Replace):
            self._replace(step)
        else:
            self._start(step.name, step.slot)

    def _replace(self, step: Replace) -> None:
        if step.beside:
            self._start(step.name, step.slot, step.replaced_id, beside=True)
            self._take(step.old)
            return
        # A killed run may have left the standby already.
        kept = next((one for one in self.there if one.standby_of == step.replaced_id), None)
        if not step.resumes:
            self._take(step.old)
        self._start(step.name, step.slot, step.replaced_id)
        if kept:
            self._take(kept)

    def _start(self, name: str, slot: int, replaces: str = "", beside: bool = False) -> None:
        assert name not in {other.name for other in self.there}, "a name is used twice"
        self._created += 1
        new_id = container_id(f"new container {self._created}")
        self.there.append(replace(NEWCOMER, id=new_id, name=name, slot=slot, replaces=replaces))
        self.peak = max(self.peak, sum(one.live for one in self.there) - beside)

    def _take(self, one: Instance) -> None:
        assert one in self.there, "what is taken away was found"
        self.there.remove(one)
        self.fewest = min(self.fewest, self.serving)
