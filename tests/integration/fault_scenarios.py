# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is doing when it is killed, and where the next one has to get to."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.evento.docker.plugins.module_utils._plan.model import LEFTOVER_AFTER
from tests.integration.deployment import Deployment
from tests.integration.script_image import await_health

_REPORTS = {"SCRIPT": "echo Application Started!; exec sleep 600"}
_REPORTS_WITH_JAR = {"SCRIPT": "test -s /opt/evento/artifact/app.jar && echo Application Started!; exec sleep 600"}
_CRASHES = {"SCRIPT": "exit 9"}
_IMMEDIATE = {"ready_when": "running", "ready_after": 0}
# Sick as soon as somebody makes it so.
_HEALTHCHECK = {"test": "test ! -e /tmp/sick", "interval": "200ms", "retries": 1}


@dataclass(frozen=True)
class Scenario:
    """One run to kill.

    :param wish: the options of the run.
    :param before: how many instances run before it.
    :param publish: what is published between those and the run.
    :param disturb: done to the engine before the run.
    :param maximum: maxInstances.
    :param options: of every run.
    :param then: the options of the next run, where they are not those of the run.
    :param ends: how many instances may run after the next run.
    :param serving: how many instances, at least, serve at the moment of the kill.
    :param copied: whether the instances get their JAR from the module.
    :param broken: whether what is published crashes, so that the instances of before have to stay.
    """

    name: str
    wish: dict[str, t.Any]
    ends: tuple[int, ...]
    serving: int
    before: int = 0
    publish: dict[str, t.Any] | None = None
    disturb: t.Callable[[Deployment], None] | None = None
    maximum: int = 4
    options: dict[str, t.Any] = field(default_factory=dict)
    then: dict[str, t.Any] | None = None
    copied: bool = False
    broken: bool = False

    @property
    def next_wish(self) -> dict[str, t.Any]:
        return self.wish if self.then is None else self.then

    def prepare(self, deployment: Deployment) -> dict[str, t.Any]:
        """Bring about what the run finds; returns the bundle that is to run in the end."""
        deployment.options.update(self.options)
        if self.copied:
            deployment.options.update(artifact="copy", server_url=deployment.server.url)
        script = _REPORTS_WITH_JAR if self.copied else _REPORTS
        deployment.publish(maxInstances=self.maximum, environment=script)
        if self.before:
            assert deployment.run(instances=self.before)["changed"]
        if self.disturb:
            self.disturb(deployment)
        old = dict(deployment.bundle)
        if self.publish is not None:
            deployment.publish(**self.publish)
        return old if self.broken else dict(deployment.bundle)


def _leave_containers(deployment: Deployment) -> None:
    """One that has ended and one that was never started, and is not about to be."""
    api = deployment.engine.api
    labels = {"evento.managed-by": "evento.docker", "evento.bundle": deployment.id}
    image = deployment.options["image"]
    names = [f"{deployment.id}-{slot}" for slot in (2, 3)]
    ids = [api.create_container(image, name=name, labels=labels, environment=_CRASHES)["Id"] for name in names]
    api.start(ids[0])
    api.wait(ids[0])
    # The engine dates containers in whole seconds.
    time.sleep(LEFTOVER_AFTER + 1)


def _make_sick(deployment: Deployment) -> None:
    sick = deployment.containers()[0]
    sick.exec_run(["touch", "/tmp/sick"])
    await_health(sick, "unhealthy")


_NEW = {"version": 2}
_BROKEN = {"version": 2, "environment": _CRASHES}
_AT_MAXIMUM: dict[str, t.Any] = {"before": 2, "maximum": 2}

SCENARIOS = (
    Scenario("first start", {"instances": 3}, (3,), 0),
    Scenario("first start, nothing to wait for", {"instances": 3}, (3,), 0, options=_IMMEDIATE),
    Scenario("scale up", {"instances": 3}, (3,), 1, before=1),
    Scenario("one more", {"scale_by": 1}, (1, 2), 1, before=1, then={}),
    Scenario("scale down", {"instances": 1}, (1,), 1, before=3),
    Scenario("one less", {"scale_by": -1}, (2, 3), 2, before=3, then={}),
    Scenario("new version, start-first", {}, (2,), 2, before=2, publish=_NEW),
    Scenario(
        "new version, start-first at maximum", {"update_order": "start-first"}, (2,), 2, publish=_NEW, **_AT_MAXIMUM
    ),
    Scenario("new version, stop-first at maximum", {}, (2,), 1, publish=_NEW, **_AT_MAXIMUM),
    Scenario("recreate, start-first", {"recreate": True}, (2,), 2, before=2, then={}),
    Scenario("recreate, stop-first at maximum", {"recreate": True}, (2,), 1, then={}, **_AT_MAXIMUM),
    Scenario("stop", {"state": "stopped"}, (0,), 0, before=2),
    Scenario("leftovers", {}, (1,), 1, before=1, disturb=_leave_containers),
    Scenario("unhealthy instance", {}, (2,), 2, before=2, disturb=_make_sick, options={"healthcheck": _HEALTHCHECK}),
    Scenario("broken version, start-first", {}, (2,), 2, before=2, publish=_BROKEN, broken=True),
    Scenario("broken version, stop-first", {}, (2,), 1, publish=_BROKEN, broken=True, **_AT_MAXIMUM),
    Scenario("copied JAR, first start", {"instances": 2}, (2,), 0, copied=True),
    Scenario("copied JAR, stop-first at maximum", {}, (2,), 1, publish=_NEW, copied=True, **_AT_MAXIMUM),
    Scenario("copied JAR, broken version", {}, (2,), 1, publish=_BROKEN, copied=True, broken=True, **_AT_MAXIMUM),
)
