# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a new instance is ready, and when it has failed to become so."""

from __future__ import annotations

import re
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.evento.docker.plugins.module_utils._apply.backend import Watch
from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError

_HEALTH_POLL = 0.25


@dataclass(frozen=True)
class Readiness:
    """What an instance must show before it counts as ready.

    :param when: reported or running.
    :param log: a line of the log in which this is found is the report.
    :param after: seconds that it must run, for running.
    :param timeout: seconds within which it must report.
    :param added: seconds after which one that replaces nothing is left to start by itself; None for never.
    """

    when: str
    log: re.Pattern[str]
    after: float
    timeout: float
    added: float | None = None


class NotReadyError(Exception):
    """An instance did not become ready; the text continues its name to a sentence.

    :param exited: whether it has ended.
    """

    def __init__(self, reason: str, exited: bool = False) -> None:
        super().__init__(reason)
        self.exited = exited


def readiness(params: t.Mapping[str, t.Any]) -> Readiness | None:
    """The module's options as a Readiness; None where it does not wait.

    :raises EventoError: an option is not usable.
    """
    for name, least in (("wait_timeout", 1), ("wait_added", 0), ("ready_after", 0)):
        if params[name] is not None and params[name] < least:
            raise EventoError(f"{name}: expected at least {least} (seconds), got {params[name]}.", INVALID_INPUT)
    try:
        log = re.compile(params["ready_log"])
    except re.error as exc:
        raise EventoError(
            f"ready_log: expected a regular expression, got one with a fault: {exc}.", INVALID_INPUT
        ) from exc
    # Where nothing is to be seen, an instance is ready once the engine has started it.
    if not params["wait"] or (params["ready_when"] == "running" and params["ready_after"] <= 0):
        return None
    timeout, added = params["wait_timeout"], params["wait_added"]
    # As long as a replacement is watched, or longer: then it is no shorter wait, and has the same end.
    added = None if added is None or added >= timeout else added
    return Readiness(params["ready_when"], log, params["ready_after"], timeout, added)


def await_ready(
    wanted: Readiness,
    watch: Watch,
    started: float,
    health: t.Callable[[], str | None] | None,
    patience: float | None = None,
    clock: t.Callable[[], float] = time.monotonic,
) -> bool:
    """Wait until an instance is ready; False where it is not, and nobody has to wait for it any longer.

    :param started: when it started, by the clock.
    :param health: asks for its health; None where it has no health check.
    :param patience: seconds after its start for which it is waited for; None for as long as it may take.
    :raises NotReadyError: it ended, is unhealthy, or did not report in time.
    :raises EventoError: the engine does not tell any more.
    """
    while True:
        now = clock()
        elapsed = now - started
        since = watch.running_since(started)
        pause = _seconds_to_wait(wanted, watch, elapsed, None if since is None else now - since, health)
        if pause is None:
            return True
        if patience is not None:
            if elapsed >= patience:
                return False
            pause = min(pause, patience - elapsed)
        watch.wait(pause)


def _seconds_to_wait(
    wanted: Readiness, watch: Watch, elapsed: float, ran: float | None, health: t.Callable[[], str | None] | None
) -> float | None:
    """How long it can take until there is something new to see; None once the instance is ready.

    :param ran: seconds that it has been running; None where it does not yet.
    """
    if watch.error:
        raise watch.error
    if watch.exited:
        raise NotReadyError("exited", exited=True)
    if ran is None and elapsed >= wanted.timeout:
        raise NotReadyError(f"does not run after {wanted.timeout:g} s: {watch.hindrance}")
    if wanted.when == "running":
        return wanted.timeout - elapsed if ran is None else None if ran >= wanted.after else wanted.after - ran
    state = health() if health else None
    if state == "healthy" or (health is None and watch.reported):
        return None
    if state == "unhealthy":
        raise NotReadyError("became unhealthy")
    if elapsed >= wanted.timeout:
        sign = "a healthy health check" if health else f"a log line with {wanted.log.pattern!r}"
        raise NotReadyError(
            f"still runs, but did not report itself ready within {wanted.timeout:g} s:"
            f" ready_when: reported waits for {sign}; ready_when: running does not"
        )
    left = wanted.timeout - elapsed
    return min(left, _HEALTH_POLL) if health else left
