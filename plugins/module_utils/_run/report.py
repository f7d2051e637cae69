# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run tells: the module's result. Made of names and numbers only, never of values or of raw engine data."""

from __future__ import annotations

import typing as t
from dataclasses import asdict
from datetime import datetime, timezone

from ansible_collections.evento.docker.plugins.module_utils._bundle.instant import format_instant
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance, Phase
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Action

_DONE = {"start": "started", "stop": "stopped", "remove": "removed"}
_PREDICTED = {what: f"would {what}" for what in _DONE}
_MOST_NAMES = 100


def instance_rows(instances: t.Iterable[Instance], spec: str) -> list[dict[str, t.Any]]:
    """The instances of a bundle as results show them, in the order of their slots.

    :param spec: the fingerprint of an up-to-date one; empty where there is none to compare with.
    """
    return [{**_row(one), "up_to_date": _up_to_date(one, spec)} for one in _sorted(instances)]


def info_rows(instances: t.Iterable[Instance], specs: t.Mapping[str, str]) -> list[dict[str, t.Any]]:
    """The instances of any bundles as the info module shows them: without what only stands by for one.

    :param specs: the fingerprint of an up-to-date one by the id of its bundle, of bundles of which it is known.
    """
    return [
        {
            "bundle": one.bundle_id,
            **_row(one),
            "up_to_date": _up_to_date(one, specs.get(one.bundle_id, "")),
            "updated_at": None if one.updated_at is None else format_instant(one.updated_at),
            "published_ports": [asdict(port) for port in one.ports],
            "addresses": dict(one.addresses),
        }
        for one in _sorted(instances)
        if one.phase is not Phase.STANDBY
    ]


def _sorted(instances: t.Iterable[Instance]) -> list[Instance]:
    return sorted(instances, key=lambda one: (one.bundle_id, one.slot or 0, one.name))


def _row(one: Instance) -> dict[str, t.Any]:
    return {
        "name": one.name,
        "id": one.id or None,
        "state": one.state,
        "health": one.health,
        "node": one.node,
        "exit_code": one.exit_code,
        "version": version_row(one.version),
        "slot": one.slot,
        "created_at": f"{datetime.fromtimestamp(one.created_at, timezone.utc):%Y-%m-%dT%H:%M:%SZ}",
    }


def version_row(version: str) -> int | str | None:
    """A bundle's version as results show it."""
    # What is longer is a number of no Evento, and Python refuses to read a very long one.
    return int(version) if version.isdecimal() and len(version) < 20 else version or None


def _up_to_date(one: Instance, spec: str) -> bool | None:
    return one.serving and one.spec == spec if spec else None


def action_rows(actions: t.Iterable[Action]) -> list[dict[str, str]]:
    """The actions as results show them."""
    return [{"what": action.what, "which": action.which, "why": action.why} for action in actions]


def sentence(
    title: str,
    before: t.Iterable[Instance],
    after: t.Iterable[Instance],
    actions: t.Sequence[Action],
    note: str = "",
    predicted: bool = False,
) -> str:
    """What happened, in one sentence.

    :param title: of the bundle.
    :param note: what else there is to say about the number that runs.
    :param predicted: nothing has been done yet.
    """
    was, now = (sum(one.live for one in instances) for instances in (before, after))
    if not actions:
        return f"{title}: {now} running{note}, nothing to do"
    parts = []
    for what, done in (_PREDICTED if predicted else _DONE).items():
        names = [one.which for one in actions if one.what == what]
        if names:
            parts.append(f"{done} {enumeration(names)}")
    return f"{title}: {was} -> {now} running{note}, {', '.join(parts)}"


def total_sentence(
    bundles: int,
    before: t.Iterable[Instance],
    after: t.Iterable[Instance],
    done: t.Sequence[str],
    stale: int,
    pruned: t.Sequence[str],
    predicted: bool = False,
) -> str:
    """What happened to many bundles, in one sentence.

    :param bundles: how many were wanted.
    :param done: what of each action.
    :param stale: of how many a newer publish runs.
    :param pruned: the titles of those that were not wanted any more.
    :param predicted: nothing has been done yet.
    """
    was, now = (sum(one.live for one in instances) for instances in (before, after))
    words = _PREDICTED if predicted else _DONE
    parts = [f"{word} {done.count(what)}" for what, word in words.items() if what in done]
    parts += [f"{'would prune' if predicted else 'pruned'} {enumeration(pruned)}"] if pruned else []
    title = f"{bundles} bundle{'' if bundles == 1 else 's'}"
    note = f", {stale} stale" if stale else ""
    if not parts:
        return f"{title}: {now} running{note}, nothing to do"
    return f"{title}: {was} -> {now} running{note}, {', '.join(parts)}"


def enumeration(names: t.Sequence[str]) -> str:
    """Names in a sentence, the first of them where they are very many."""
    shown = (
        [*names] if len(names) <= _MOST_NAMES else [*names[: _MOST_NAMES - 1], f"{len(names) - _MOST_NAMES + 1} more"]
    )
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)


def diff(
    before: t.Iterable[Instance], after: t.Iterable[Instance], spec: str
) -> dict[str, dict[str, dict[str, t.Any]]]:
    """Before and after for diff mode: what matters of each instance, by name."""
    shown = ("state", "health", "version", "up_to_date")

    def side(instances: t.Iterable[Instance]) -> dict[str, dict[str, t.Any]]:
        return {row["name"]: {key: row[key] for key in shown} for row in instance_rows(instances, spec)}

    return {"before": side(before), "after": side(after)}
