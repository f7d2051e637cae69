# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of evento_bundle: parse, observe, plan, apply, report."""

from __future__ import annotations

import time
import typing as t
from dataclasses import replace

from ansible_collections.evento.docker.plugins.module_utils._apply.apply import Executor
from ansible_collections.evento.docker.plugins.module_utils._apply.converge import converge
from ansible_collections.evento.docker.plugins.module_utils._apply.newcomer import exit_code_in_words
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.instant import format_instant
from ansible_collections.evento.docker.plugins.module_utils._bundle.token import check_token
from ansible_collections.evento.docker.plugins.module_utils._engine.client import connect
from ansible_collections.evento.docker.plugins.module_utils._engine.engine import Engine
from ansible_collections.evento.docker.plugins.module_utils._engine.images import Image
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._plan.plan import count_once, plan
from ansible_collections.evento.docker.plugins.module_utils._plan.scene import is_stale
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import (
    Action,
    Replace,
    Start,
    Step,
    all_actions,
    predict,
)
from ansible_collections.evento.docker.plugins.module_utils._run.order import take_order
from ansible_collections.evento.docker.plugins.module_utils._run.report import (
    action_rows,
    command_lines,
    diff,
    instance_rows,
    sentence,
)

Connect = t.Callable[[t.Mapping[str, t.Any]], t.Any]


def run(
    params: dict[str, t.Any], check_mode: bool, log: t.Callable[[str], None], connect: Connect = connect
) -> dict[str, t.Any]:
    """Do what the options ask for, or in check mode find out what would be done.

    :param params: the module's options.
    :param log: writes a line to the system log.
    :param connect: makes the SDK's client for the engine that the options name.
    :returns: the module's result.
    :raises EventoError: with what was done until then in its result.
    """
    return _Run(params, check_mode, log, connect).carry_out()


class _Run:
    """One run. Making it checks the options; nothing is asked of the engine before they are all usable."""

    def __init__(
        self, params: dict[str, t.Any], check_mode: bool, log: t.Callable[[str], None], connect: Connect
    ) -> None:
        order = self._order = take_order(params)
        self._bundle, self._container, self._delivery = order.bundle, order.container, order.delivery
        self._request = order.request
        self._params = params
        self._check_mode = check_mode
        self._log = log
        self._connect = connect
        self._clean = order.scrubber()
        self._actions: t.Sequence[Action] = []
        self._image: Image | None = None
        self._starting: list[str] = []
        self._removes_itself: dict[str, bool] = {}

    def carry_out(self) -> dict[str, t.Any]:
        engine = self._engine = Engine(self._connect(self._params), self._clean)
        before = engine.observe_settled(self._bundle.id)
        if self._container and is_stale(self._bundle.updated_at, before):
            return self._result(before, before, stale=True)
        blueprint = None
        if self._container:
            self._image = self._find_image(engine)
            blueprint = self._order.blueprint(self._container, self._image)
            self._request = replace(self._request, spec=blueprint.fingerprint)
        planned = self._plan(before)
        self._check_token(planned, planned)
        if self._check_mode:
            self._actions = all_actions(planned)
            return self._result(before, predict(before, planned, self._newcomer()))
        stop_timeout, keeps_ended = self._params["stop_timeout"], not self._params["auto_remove"]
        executor = Executor(engine, self._bundle, self._request, blueprint, stop_timeout, keeps_ended, self._announce)
        self._actions = executor.done
        try:
            # All that could go wrong with the JAR shows before anything is touched.
            self._fetch(planned)
            after, stale = converge(executor, before, planned, self._prepare)
        except EventoError as exc:
            exc.result.update(self._done())
            raise
        self._starting = [one.name for one in executor.newcomers if one.starting]
        return self._result(before, after, stale)

    def _plan(self, observed: list[Instance]) -> list[Step]:
        self._request = count_once(self._request, observed, self._params["recreate"])
        steps = plan(self._request, observed)
        if not _starts(steps):
            return steps
        # The names of containers that are not ours are passed over.
        taken = self._engine.foreign_slots(self._request.slug, self._bundle.id)
        self._request = replace(self._request, blocked=taken)
        return plan(self._request, observed)

    def _find_image(self, engine: Engine) -> Image:
        name, pull = self._params["image"], self._params["pull"]
        image = engine.image(name)
        if pull == "always" or (pull == "missing" and image is None):
            if self._check_mode:
                return image or Image("not pulled yet", False, {})
            engine.pull(name)
            image = engine.image(name)
        return self._order.check_image(image)

    def _prepare(self, batch: list[Step], planned: list[Step]) -> None:
        """See to it that a batch which starts something has what it needs."""
        self._check_token(batch, planned)
        self._fetch(batch)

    def _fetch(self, steps: list[Step]) -> None:
        if self._container and self._delivery and not self._delivery.fetched and _starts(steps):
            for line in self._container.download_commands():
                self._log(line)
            self._delivery.fetch()

    def _check_token(self, steps: list[Step], planned: list[Step]) -> None:
        """Refuse to carry out what starts something that could not download any more, before it touches anything."""
        if not _starts(steps) or not self._container or not self._container.downloads_with_token:
            return
        if self._delivery and self._delivery.fetched:
            return
        first = steps[0]
        stops_before = isinstance(first, Replace) and not first.beside and not first.resumes and not self._delivery
        try:
            check_token(self._params["token"], time.time(), self._params["stop_timeout"] if stops_before else 0)
        except EventoError as exc:
            left = sum(isinstance(step, Replace) for step in planned)
            if not self._actions or not left:
                raise
            rest = f"{left} outdated instance{'s' if left > 1 else ''} of {self._bundle.title}"
            raise EventoError(f"{exc} Left for the next call: {rest}.", exc.result["failure"]) from exc

    def _commands(self, action: Action) -> list[str]:
        removes_itself = action.what == "stop" and self._goes_by_itself(action)
        return command_lines(action, self._container, self._params["stop_timeout"], removes_itself)

    def _goes_by_itself(self, action: Action) -> bool:
        """Whether the engine removes what an action stops; once it is gone, nobody could tell."""
        known = self._removes_itself
        if action.container_id not in known:
            known[action.container_id] = self._engine.removes_itself(action.container_id, action.which)
        return known[action.container_id]

    def _all_commands(self) -> t.Iterator[str]:
        download = self._container.download_commands() if self._container else []
        for action in self._actions:
            if action.what == "start":
                yield from download
                download = []
            yield from self._commands(action)

    def _announce(self, action: Action) -> None:
        for line in self._commands(action):
            self._log(line)

    def _newcomer(self) -> Instance:
        bundle = self._bundle
        return Instance(
            id="",
            name="",
            bundle_id=bundle.id,
            slot=None,
            state="running",
            health=None,
            version=bundle.version,
            updated_at=bundle.updated_at,
            spec=self._request.spec,
            created_at=int(time.time()),
            age=0,
        )

    def _done(self) -> dict[str, t.Any]:
        return {
            "changed": bool(self._actions),
            "actions": action_rows(self._actions),
            "commands": list(self._all_commands()),
            "warnings": self._order.warnings(self._image),
        }

    def _result(self, before: list[Instance], after: list[Instance], stale: bool = False) -> dict[str, t.Any]:
        note = ""
        if stale and self._bundle.updated_at is not None:
            note = f", stale: a bundle newer than that of {format_instant(self._bundle.updated_at)} runs"
        elif self._request.state == "started" and sum(one.live for one in after) >= self._request.maximum:
            note = " (maxInstances)"
        told = sentence(self._bundle.title, before, after, self._actions, note, self._check_mode)
        return {
            **self._done(),
            "stale": stale,
            "instances": instance_rows(after, self._request.spec),
            "msg": "; ".join([told, *self._further_news(before)]),
            "diff": diff(before, after, self._request.spec),
        }

    def _further_news(self, before: t.Iterable[Instance]) -> t.Iterator[str]:
        yield from (f"{name} is still starting" for name in self._starting)
        ended = [one for one in before if one.exit_code is not None]
        if ended:
            last = max(ended, key=lambda one: (one.created_at, one.slot or 0))
            labels = self._image.labels if self._image else {}
            yield f"{last.name} had exited with {exit_code_in_words(last.exit_code, labels)}"


def _starts(steps: list[Step]) -> bool:
    return any(isinstance(step, Start) for step in steps)
