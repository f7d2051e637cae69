# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""One run of evento_bundle: parse, observe, plan, apply, report."""

from __future__ import annotations

import time
import typing as t
from dataclasses import replace
from pathlib import PurePosixPath

from ansible_collections.evento.docker.plugins.module_utils._apply import Executor
from ansible_collections.evento.docker.plugins.module_utils._artifact import DIRECTORY
from ansible_collections.evento.docker.plugins.module_utils._bundle import Bundle, parse_bundle
from ansible_collections.evento.docker.plugins.module_utils._client import connect
from ansible_collections.evento.docker.plugins.module_utils._container import ContainerSpec, container_spec, slug
from ansible_collections.evento.docker.plugins.module_utils._converge import converge, foreign_slots
from ansible_collections.evento.docker.plugins.module_utils._delivery import Delivery
from ansible_collections.evento.docker.plugins.module_utils._engine import Engine
from ansible_collections.evento.docker.plugins.module_utils._errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._images import Image
from ansible_collections.evento.docker.plugins.module_utils._instant import format_instant
from ansible_collections.evento.docker.plugins.module_utils._labels import JAVA_ARGUMENT_FILE, VM_ARGS_FORMAT
from ansible_collections.evento.docker.plugins.module_utils._launch import Blueprint, Launcher
from ansible_collections.evento.docker.plugins.module_utils._model import Action, Instance
from ansible_collections.evento.docker.plugins.module_utils._plan import is_stale, must_yield, plan
from ansible_collections.evento.docker.plugins.module_utils._readiness import readiness
from ansible_collections.evento.docker.plugins.module_utils._report import (
    action_rows,
    command_lines,
    diff,
    instance_rows,
    predict,
    sentence,
)
from ansible_collections.evento.docker.plugins.module_utils._request import Request, check_request
from ansible_collections.evento.docker.plugins.module_utils._secrets import Scrubber
from ansible_collections.evento.docker.plugins.module_utils._token import check_token


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
        self._params = params
        self._check_mode = check_mode
        self._log = log
        self._connect = connect
        starting = params["state"] == "started"
        self._bundle: Bundle = parse_bundle(params["bundle"], starting, has_artifact=bool(params["artifact_url"]))
        self._container: ContainerSpec | None = None
        if starting:
            self._container = container_spec(self._bundle, params, params["token"])
        self._delivery: Delivery | None = None
        if self._container and self._container.copies:
            self._delivery = Delivery(self._container.artifact)
        self._readiness = readiness(params)
        self._request = Request(
            slug=slug(self._bundle.id),
            state=params["state"],
            spec="",
            minimum=self._bundle.min_instances,
            maximum=self._bundle.max_instances,
            instances=params["instances"],
            scale_by=params["scale_by"],
            update_order=params["update_order"],
        )
        if starting:
            check_request(self._request)
        self._clean = Scrubber(self._secrets())
        self._actions: t.Sequence[Action] = []
        self._warnings = self._container.warnings if self._container else []

    def carry_out(self) -> dict[str, t.Any]:
        engine = Engine(self._connect(self._params), self._clean)
        before = engine.observe_settled(self._bundle.id)
        if self._container and is_stale(self._bundle.updated_at, before):
            return self._result(before, before, stale=True)
        image = self._image(engine) if self._container else None
        blueprint = self._blueprint(image)
        self._request = replace(self._request, spec=blueprint.fingerprint if blueprint else "")
        planned = self._planned(engine, before)
        if planned:
            self._check_token(planned, planned)
        if self._check_mode:
            self._actions = planned
            return self._result(before, predict(before, planned, self._newcomer()))
        launcher = None
        if blueprint:
            launcher = Launcher(engine, blueprint, self._clean, lambda created: self._may_start(engine, created))
        executor = Executor(engine, launcher, self._params["stop_timeout"], self._announce)
        self._actions = executor.done
        try:
            # All that could go wrong with the JAR shows before anything is touched.
            self._fetch(planned)
            after, stale = converge(engine, executor, self._bundle, self._request, before, planned, self._prepare)
        except EventoError as exc:
            exc.result.update(self._done())
            raise
        return self._result(before, after, stale)

    def _planned(self, engine: Engine, before: t.Sequence[Instance]) -> list[Action]:
        """The plan, which passes over the names of containers that are not ours."""
        while True:
            planned = plan(self._request, before)
            foreign = foreign_slots(engine, self._bundle.id, planned)
            if not foreign:
                return planned
            self._request = replace(self._request, blocked=self._request.blocked | foreign)

    def _secrets(self) -> t.Iterator[str]:
        yield self._params["token"] or ""
        yield from self._bundle.environment.values()
        yield from self._bundle.vm_options.values()
        if self._container:
            yield from self._container.environment.values()
            yield from self._container.artifact.secrets

    def _image(self, engine: Engine) -> Image:
        name, pull = self._params["image"], self._params["pull"]
        image = engine.image(name)
        if pull == "always" or (pull == "missing" and image is None):
            if self._check_mode:
                return image or Image("not pulled yet", False, {})
            engine.pull(name)
            image = engine.image(name)
        if image is None:
            raise EventoError(
                f"There is no image {name} on the Docker host: build or load it there,"
                " for example with the role evento.docker.evento_bundle, or set pull."
            )
        if self._delivery and not any(PurePosixPath(DIRECTORY).is_relative_to(path) for path in image.volumes):
            raise EventoError(
                f"Image {name} has no volume for {DIRECTORY}, where artifact: copy puts the JAR: set artifact to url,"
                " or use the image of the role evento.docker.evento_bundle."
            )
        return image

    def _blueprint(self, image: Image | None) -> Blueprint | None:
        if image is None or self._container is None:
            return None
        if self._container.vm_args_need_quotes and image.labels.get(VM_ARGS_FORMAT) != JAVA_ARGUMENT_FILE:
            self._warnings.append(
                f"vmOptions hold spaces, quotes or the like, and image {self._params['image']} does not say"
                " that it understands quotes in VM_ARGS: the JVM may get other options than those meant."
            )
        check = self._params["healthcheck"]
        own_check = check and check["test"] not in ("NONE", ["NONE"])
        return Blueprint(
            container=self._container,
            fingerprint=self._container.fingerprint(image.id),
            image_labels=image.labels,
            has_healthcheck=bool(own_check) if check else image.has_healthcheck,
            readiness=self._readiness,
            delivery=self._delivery,
        )

    def _prepare(self, step: t.Sequence[Action], actions: t.Sequence[Action]) -> None:
        """See to it that a step which starts something has what it needs."""
        self._check_token(step, actions)
        self._fetch(step)

    def _fetch(self, actions: t.Sequence[Action]) -> None:
        if self._container and self._delivery and not self._delivery.fetched and _starts(actions):
            for line in self._container.download_commands():
                self._log(line)
            self._delivery.fetch()

    def _check_token(self, step: t.Sequence[Action], actions: t.Sequence[Action]) -> None:
        """Refuse a step that starts what could not download any more, before it touches anything."""
        if not _starts(step) or not self._container or not self._container.downloads_with_token:
            return
        if self._delivery and self._delivery.fetched:
            return
        stops_before = step[0].what == "stop" and step[0].replacement and not self._delivery
        try:
            check_token(self._params["token"], time.time(), self._params["stop_timeout"] if stops_before else 0)
        except EventoError as exc:
            left = len({action.replacement for action in actions if action.replacement})
            if not self._actions or not left:
                raise
            rest = f"{left} outdated instance{'s' if left > 1 else ''} of {self._bundle.title}"
            raise EventoError(f"{exc} Left for the next call: {rest}.", exc.result["failure"]) from exc

    def _commands(self, action: Action) -> list[str]:
        removes_itself = self._params["restart_policy"] == "no"
        return command_lines(action, self._container, self._params["stop_timeout"], removes_itself)

    def _all_commands(self) -> t.Iterator[str]:
        download = self._container.download_commands() if self._container else []
        for action in self._actions:
            if action.what == "start":
                yield from download
                download = []
            yield from self._commands(action)

    def _may_start(self, engine: Engine, created: dict[str, Action]) -> bool:
        return not must_yield(self._request, self._bundle.updated_at, engine.observe(self._bundle.id), created)

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
            "warnings": self._warnings,
        }

    def _result(self, before: list[Instance], after: list[Instance], stale: bool = False) -> dict[str, t.Any]:
        note = ""
        if stale and self._bundle.updated_at is not None:
            note = f", stale: a bundle newer than that of {format_instant(self._bundle.updated_at)} runs"
        elif self._request.state == "started" and len(after) >= self._request.maximum:
            note = " (maxInstances)"
        return {
            **self._done(),
            "stale": stale,
            "instances": instance_rows(after, self._request.spec),
            "msg": sentence(self._bundle.title, before, after, self._actions, note, self._check_mode),
            "diff": diff(before, after, self._request.spec),
        }


def _starts(actions: t.Iterable[Action]) -> bool:
    return any(action.what == "start" for action in actions)
