# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run for many bundles tells: the sums, and the result of each."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._base.errors import (
    ENGINE_UNREACHABLE,
    INVALID_INPUT,
    NOT_READY,
    OTHER,
    TOKEN_EXPIRED,
    EventoError,
)
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._run.order import Order
from ansible_collections.evento.docker.plugins.module_utils._run.report import enumeration, total_sentence

Result = dict[str, t.Any]

# Of several failures the last of these is that of the task: from what touched nothing up to what nobody foresaw.
_SEVERITY = (INVALID_INPUT, TOKEN_EXPIRED, NOT_READY, ENGINE_UNREACHABLE, OTHER)
_LISTS = ("instances", "actions", "commands", "failures")


class Outcome(t.NamedTuple):
    """What became of one bundle.

    :param before: what was there of it, and after what is there now; in check mode, what would be.
    :param result: of the run for this one, with failed set where it failed.
    """

    order: Order
    before: list[Instance]
    after: list[Instance]
    result: Result

    @property
    def row(self) -> Result:
        """Its entry in the result's bundles."""
        told = {name: value for name, value in self.result.items() if name not in ("diff", "warnings")}
        pruned = self.order.project_to_prune is not None
        return {"bundle": self.order.bundle.id, "pruned": pruned, "failed": False, "changed": False, **told}


def total(outcomes: t.Sequence[Outcome], check_mode: bool) -> Result:
    """The result of the task.

    :raises EventoError: a bundle failed; its result is the rest of that of the task.
    """
    results = [one.result for one in outcomes]
    sums: Result = {
        **{name: any(result.get(name) for result in results) for name in ("changed", "stale")},
        **{name: [row for result in results for row in result.get(name, ())] for name in _LISTS},
        "warnings": _by_text((one, text) for one in outcomes for text in one.result.get("warnings", ())),
        "bundles": [one.row for one in outcomes],
        "diff": {
            side: {name: row for result in results for name, row in result.get("diff", {}).get(side, {}).items()}
            for side in ("before", "after")
        },
    }
    failed = [one for one in outcomes if one.result.get("failed")]
    if failed:
        count = f"{len(failed)} of {len(outcomes)} bundle{'s' if len(outcomes) > 1 else ''} failed"
        faults = " ".join(_by_text((one, one.result["msg"]) for one in failed))
        failure = max((one.result["failure"] for one in failed), key=_SEVERITY.index)
        raise EventoError(f"{count}: {faults}", failure, **sums)
    del sums["failures"]
    return {**sums, "msg": _sentence(outcomes, sums, check_mode)}


def _by_text(told: t.Iterable[tuple[Outcome, str]]) -> list[str]:
    """What is told of bundles, each text once, with the bundles that it is about."""
    bundles: dict[str, list[str]] = {}
    for one, text in told:
        bundles.setdefault(text, []).append(one.order.bundle.title)
    return [f"{enumeration(titles)}: {text}" for text, titles in bundles.items()]


def _sentence(outcomes: t.Sequence[Outcome], sums: Result, check_mode: bool) -> str:
    pruned = [one.order.bundle.title for one in outcomes if one.order.project_to_prune is not None]
    return total_sentence(
        len(outcomes) - len(pruned),
        [instance for one in outcomes for instance in one.before],
        [instance for one in outcomes for instance in one.after],
        [row["what"] for row in sums["actions"]],
        sum(bool(one.result.get("stale")) for one in outcomes),
        pruned,
        check_mode,
    )
