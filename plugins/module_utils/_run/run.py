# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of evento_bundle for one bundle: parse, observe, plan, apply, report. Many bundles: see many.py."""

from __future__ import annotations

import time
import typing as t
from dataclasses import replace
from functools import partial

from ansible_collections.evento.docker.plugins.module_utils._apply.apply import Executor
from ansible_collections.evento.docker.plugins.module_utils._apply.backend import Backend
from ansible_collections.evento.docker.plugins.module_utils._apply.converge import converge
from ansible_collections.evento.docker.plugins.module_utils._apply.newcomer import Blueprint, exit_code_in_words
from ansible_collections.evento.docker.plugins.module_utils._apply.starts import Starts
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.instant import format_instant
from ansible_collections.evento.docker.plugins.module_utils._bundle.token import check_token
from ansible_collections.evento.docker.plugins.module_utils._engine.client import connect
from ansible_collections.evento.docker.plugins.module_utils._engine.images import Image
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._plan.plan import count_once, plan
from ansible_collections.evento.docker.plugins.module_utils._plan.request import Request
from ansible_collections.evento.docker.plugins.module_utils._plan.scene import is_stale
from ansible_collections.evento.docker.plugins.module_utils._plan.steps import (
    Action,
    Replace,
    Start,
    Step,
    all_actions,
    predict,
)
from ansible_collections.evento.docker.plugins.module_utils._run.backends import make_backend
from ansible_collections.evento.docker.plugins.module_utils._run.built_image import BuiltImage
from ansible_collections.evento.docker.plugins.module_utils._run.commands import Commands
from ansible_collections.evento.docker.plugins.module_utils._run.images import Images
from ansible_collections.evento.docker.plugins.module_utils._run.order import Order, take_order
from ansible_collections.evento.docker.plugins.module_utils._run.report import (
    action_rows,
    diff,
    instance_rows,
    sentence,
)

Connect = t.Callable[[t.Mapping[str, t.Any]], t.Any]
Log = t.Callable[[str], None]


def run(params: dict[str, t.Any], check_mode: bool, log: Log, connect: Connect = connect) -> dict[str, t.Any]:
    """Do what the options ask for, or in check mode find out what would be done.

    :param params: the module's options, with one bundle.
    :param log: writes a line to the system log.
    :param connect: makes the SDK's client for the engine that the options name.
    :returns: the module's result.
    :raises EventoError: with what was done until then in its result.
    """
    # Nothing is asked of the engine before all options are usable.
    order = take_order(params)
    engine = make_backend(params, connect, order.clean)
    one = BundleRun(order, engine, Images(engine, check_mode), check_mode, log)
    one.plan()
    return one.carry_out()


class BundleRun:
    """What a run does about one bundle.

    :param engine: shows what is there of this bundle.

    :ivar before: what is there; after is what is there in the end, in check mode what would be.
    """

    def __init__(
        self,
        order: Order,
        engine: Backend,
        images: Images,
        check_mode: bool,
        log: Log,
    ) -> None:
        self.order = order
        self._engine = engine
        self._images = images
        self._check_mode = check_mode
        self._log = log
        self._bundle, self._container, self._delivery = order.bundle, order.container, order.delivery
        self._request = order.request
        self._params = order.params
        self._actions: t.Sequence[Action] = []
        self._image: Image | None = None
        self._blueprint: Blueprint | None = None
        self._built: BuiltImage | None = None
        self._delivered = False
        self._starting: list[str] = []
        self._commands = Commands(engine, self._container, self._params["stop_timeout"])
        self.before: list[Instance] = []
        self.after: list[Instance] = []
        self._planned: list[Step] = []
        self._stale = False

    @property
    def is_done(self) -> bool:
        """Whether carry_out has nothing to do but to tell so."""
        return self._check_mode or not self._planned

    def plan(self, observed: list[Instance] | None = None) -> None:
        """Decide what is to be done; once more where time has passed since.

        :param observed: what is there, where somebody has looked just now.
        :raises EventoError: there is no image, or the token that is needed cannot be used.
        """
        if observed is None:
            observed = self._engine.observe(self._bundle.id)
        observed = self._engine.settled(self._bundle.id, observed)
        self.before = self.after = observed
        self._planned = []
        self._stale = self._container is not None and is_stale(self._bundle.updated_at, observed)
        if self._stale:
            return
        if self._container:
            found = self._images.find(self._params["image"], self._params["pull"])
            self._image = self.order.check_image(found)
            self._blueprint = self.order.blueprint(self._container, self._image)
            self._built = self.order.built_image(self._engine, self._image)
            self._commands.set_container(self._blueprint.container, self._built)
            self._request = replace(self._request, spec=self._blueprint.fingerprint)
        self._planned = self._plan(count_once(self._request, observed, self._params["recreate"]))
        self._check_token(self._planned, self._planned)

    def carry_out(self, starts: Starts | None = None) -> dict[str, t.Any]:
        """Do what is planned; in check mode find out what that would lead to.

        :param starts: limits those of many bundles; None where there is only this one.
        :returns: the result for this bundle.
        :raises EventoError: with what was done until then in its result.
        """
        if self.is_done:
            self._actions = all_actions(self._planned)
            if self._actions:
                self.after = predict(self.before, self._planned, self.order.newcomer(self._request.spec))
            return self._result()
        stop_timeout, keeps_ended = self._params["stop_timeout"], not self._params["auto_remove"]
        executor = Executor(
            self._engine, self._bundle, self._request, self._blueprint, stop_timeout, keeps_ended, self._announce
        )
        self._actions = executor.done
        try:
            # All that could go wrong with the JAR shows before anything is touched.
            self._deliver(executor, self._planned)
            prepare = partial(self._prepare, executor)
            self.after, self._stale = converge(executor, self.before, self._planned, prepare, starts)
        except EventoError as exc:
            exc.result.update(self._done())
            raise
        finally:
            if self._delivery:
                self._delivery.close()
        self._starting = [one.name for one in executor.newcomers if one.starting]
        return self._result()

    def _plan(self, request: Request) -> list[Step]:
        """The steps for a request, which is that of this run from then on."""
        self._request = request
        steps = plan(request, self.before)
        if not _starts(steps):
            return steps
        # The names of containers that are not ours are passed over.
        self._request = replace(request, blocked=self._engine.foreign_slots(request.slug, self._bundle.id))
        return plan(self._request, self.before)

    def _prepare(self, executor: Executor, batch: list[Step], planned: list[Step]) -> None:
        """See to it that a batch which starts something has what it needs."""
        self._check_token(batch, planned)
        self._deliver(executor, batch)

    def _deliver(self, executor: Executor, steps: list[Step]) -> None:
        """Bring the JAR, once, to where instances take it from."""
        if not (self._blueprint and self._delivery and _starts(steps)) or self._delivered:
            return
        for line in self._commands.of_delivery():
            self._log(line)
        if self._built:
            container = replace(self._blueprint.container, image=self._built.provide())
            executor.blueprint = replace(self._blueprint, container=container)
        else:
            self._delivery.fetch()
        self._delivered = True

    def _check_token(self, steps: list[Step], planned: list[Step]) -> None:
        """Refuse to carry out what starts something that could not download any more, before it touches anything."""
        if not _starts(steps) or not self._container or not self._container.downloads_with_token:
            return
        if self._delivered or (self._built and self._built.is_there):
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

    def _announce(self, action: Action) -> None:
        for line in self._commands.of(action):
            self._log(line)

    def _done(self) -> dict[str, t.Any]:
        return {
            "changed": bool(self._actions),
            "actions": action_rows(self._actions),
            "commands": list(self._commands.of_all(self._actions)),
            "warnings": self.order.warnings(self._image, self.after),
        }

    def _result(self) -> dict[str, t.Any]:
        note = ""
        if self._stale and self._bundle.updated_at is not None:
            note = f", stale: a bundle newer than that of {format_instant(self._bundle.updated_at)} runs"
        elif self._request.state == "started" and sum(one.live for one in self.after) >= self._request.maximum:
            note = " (maxInstances)"
        told = sentence(self._bundle.title, self.before, self.after, self._actions, note, self._check_mode)
        return {
            **self._done(),
            "stale": self._stale,
            "instances": instance_rows(self.after, self._request.spec),
            "msg": "; ".join([told, *self._further_news()]),
            "diff": diff(self.before, self.after, self._request.spec),
        }

    def _further_news(self) -> t.Iterator[str]:
        yield from (f"{name} is still starting" for name in self._starting)
        lost = [one for one in self.after if one.state == "unreachable"]
        yield from (f"{one.name} may still run on {one.node}, which nobody can reach" for one in lost)
        ended = [one for one in self.before if one.exit_code is not None]
        if ended:
            last = max(ended, key=lambda one: (one.created_at, one.slot or 0))
            labels = self._image.labels if self._image else {}
            yield f"{last.name} had exited with {exit_code_in_words(last.exit_code, labels)}"


def _starts(steps: list[Step]) -> bool:
    return any(isinstance(step, Start) for step in steps)
