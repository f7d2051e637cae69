# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""Carries out one replacement, and goes back to the old instance where the new one fails."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._engine import Engine
from ansible_collections.evento.docker.plugins.module_utils._errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._launch import Launcher, Started, not_ready
from ansible_collections.evento.docker.plugins.module_utils._model import Action
from ansible_collections.evento.docker.plugins.module_utils._observer import OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._readiness import NotReadyError


class Swap:
    """One replacement.

    :param take_away: carries out a stop.
    :param discard: removes an instance that did not become ready.
    :param announce: is told of each action before it takes effect.
    :param done: gets each action that was carried out.
    """

    def __init__(
        self,
        engine: Engine,
        launcher: Launcher,
        take_away: t.Callable[[Action], None],
        discard: t.Callable[[Action], None],
        announce: t.Callable[[Action], None],
        done: list[Action],
    ) -> None:
        self._engine = engine
        self._launcher = launcher
        self._take_away = take_away
        self._discard = discard
        self._announce = announce
        self._done = done

    def run(self, actions: t.Sequence[Action]) -> None:
        """Carry it out: start, stop and perhaps rename, or stop and start, or only the start of what is left of that.

        :raises OvertakenError: another run was faster.
        :raises EventoError: the new instance could not be started, or did not become ready.
        """
        start = next(action for action in actions if action.what == "start")
        if start.beside:
            old = next(action for action in actions if action.what == "stop")
            new_id = self._start(start, lambda: f"the old {old.which}, which it was to replace, still runs")
            self._take_away(old)
            for action in actions:
                if action.what == "rename":
                    self._announce(action)
                    self._engine.rename(new_id, action.which, action.to)
                    self._done.append(action)
            return
        standby, name, why_none = start.container_id, start.which, ""
        for action in actions:
            if action.what == "stop":
                name = action.which
                standby, why_none = self._prepare(action)
                self._take_away(action)
        self._start(start, lambda: self._go_back(standby, name, why_none))
        if standby:
            self._engine.clear(standby, name)

    def _prepare(self, stop: Action) -> tuple[str, str]:
        """The id of a container that can be started in place of the old one, or why there can be none."""
        try:
            return self._engine.stand_by(stop.container_id, stop.which), ""
        except OvertakenError:
            raise
        except EventoError as exc:
            return "", str(exc)

    def _start(self, action: Action, go_back: t.Callable[[], str]) -> str:
        """Start the new instance and see it ready; returns its id.

        :param go_back: makes sure that the old one runs, and says in words that follow a semicolon what became of it.
        """
        self._announce(action)
        try:
            new = self._launcher.create(action)
            self._launcher.admit({new.id: action})
            new = self._launcher.launch(new)
        except OvertakenError:
            raise
        except EventoError as exc:
            sentence = f"{str(exc).rstrip('.')}; {go_back()}."
            raise EventoError(sentence, **exc.result) from exc
        self._done.append(action)
        try:
            self._launcher.await_ready(new)
        except NotReadyError as exc:
            failure = self._launcher.failure(new, exc)
            self._discard(Action("remove", new.name, f"it {failure['reason']}", new.id))
            raise not_ready([failure], f"it was removed, and {go_back()}") from exc
        return new.id

    def _go_back(self, standby: str, name: str, why_none: str) -> str:
        old = f"the old {name}, which was stopped to make room for it,"
        if not standby:
            return f"{old} is gone: {why_none}"
        action = Action("start", name, "its replacement failed", standby)
        self._announce(action)
        try:
            self._engine.take_over(standby, name)
            has_healthcheck = self._engine.has_healthcheck(standby, name)
            started = self._launcher.relaunch(Started(standby, name, has_healthcheck=has_healthcheck))
            self._done.append(action)
            self._launcher.await_ready(started)
        except NotReadyError as exc:
            if not exc.exited:
                return f"{old} was started again, but {exc}"
            reason = f"it {self._launcher.failure(started, exc)['reason']}"
            self._discard(Action("remove", name, reason, standby))
            return f"{old} could not be brought back: {reason}"
        except EventoError as exc:
            return f"{old} could not be brought back: {exc}".rstrip(".")
        return f"{old} runs again"
