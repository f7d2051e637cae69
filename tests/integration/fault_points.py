# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that strike at one call of a run to the engine."""

from __future__ import annotations

import itertools
import threading
import typing as t
from pathlib import Path

from tests.integration.deployment import Deployment, ModuleProcess
from tests.integration.relay import Relay


class FaultPoint(Relay):
    """Strikes once: at the first call for which `at` holds, before it is passed on or when the engine has answered it.

    That call is at_call from then on, and the event over is set once what happens has happened.

    :param at: is given the number of a call, from 1 on, and the call.
    :param fault: what happens.
    :param after: when the engine has answered the call and the client has not seen the answer, else before the call.
    :param cut: whether nothing is passed on any more from then on.
    """

    def __init__(
        self,
        directory: Path,
        engine: str,
        at: t.Callable[[int, str], bool],
        fault: t.Callable[[], None],
        *,
        after: bool,
        cut: bool,
    ) -> None:
        super().__init__(directory, engine)
        self.over = threading.Event()
        self.at_call: str | None = None
        self._at = at
        self._fault = fault
        self._after = after
        self._cut = cut
        self._numbers = itertools.count(1)
        self._one_by_one = threading.RLock()
        self._struck = False

    def admit(self, call: str) -> bool:
        with self._one_by_one:
            if self.at_call is None and self._at(next(self._numbers), call):
                self.at_call = call
                if not self._after:
                    self._strike()
            return not (self._struck and self._cut)

    def answered(self, call: str) -> None:
        with self._one_by_one:
            if call == self.at_call and not self._struck:
                self._strike()

    def _strike(self) -> None:
        self._struck = True
        self._fault()
        self.over.set()


def killed_run(
    deployment: Deployment, directory: Path, number: int, after: bool, options: dict[str, t.Any]
) -> tuple[str | None, dict[str, t.Any]]:
    """Run the module and kill it with SIGKILL at one of its calls, which the engine completes if it got it.

    :param number: of the call, from 1 on.
    :param after: whether the engine gets the call.
    :returns: the call, None where the run made fewer, and then its result.
    """

    def reached(at: int, _call: str) -> bool:
        return at == number

    def kill() -> None:
        process.kill()

    with FaultPoint(directory, deployment.lab.docker_host, reached, kill, after=after, cut=True) as point:
        process = ModuleProcess("evento_bundle", deployment.parameters(docker_host=point.docker_host, **options))
        result = process.result()
        point.settle()
    return point.at_call, result
