# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle that a test deploys on a fake engine, by the same code as the module."""

from __future__ import annotations

import json
import threading
import typing as t
from dataclasses import dataclass, field

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._container.options import CONTAINER_ARGS
from ansible_collections.evento.docker.plugins.module_utils._engine.client_args import CLIENT_ARGS
from ansible_collections.evento.docker.plugins.module_utils._run import run as _run
from ansible_collections.evento.docker.plugins.module_utils._run.many import run_many
from ansible_collections.evento.docker.plugins.module_utils._run.options import BUNDLE_ARGS, ENTRY_ARGS
from tests.unit.plugins.module_utils._run.fake_containers import FakeContainer, Script
from tests.unit.plugins.module_utils._run.fake_engine import FakeEngine

_ARGS = {**CLIENT_ARGS, **BUNDLE_ARGS, **CONTAINER_ARGS}
_DEFAULTS = {name: option.get("default") for name, option in _ARGS.items()}
# A run that goes on for longer goes on for ever, as far as these tests are concerned.
_LONGEST = 20.0


@dataclass
class FakeDeployment:
    """The bundle `orders`, and options for each of its runs."""

    engine: FakeEngine = field(default_factory=FakeEngine)
    bundle: dict[str, t.Any] = field(
        default_factory=lambda: {"id": "orders", "version": 1, "updatedAt": 1732320000, "maxInstances": 4}
    )
    options: dict[str, t.Any] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def publish(self, script: Script | None = None, **changes: t.Any) -> None:
        """Publish the next version.

        :param script: what instances of it do; without one they are ready at once.
        """
        version = self.bundle["version"] + 1
        self.bundle.update(version=version, updatedAt=self.bundle["updatedAt"] + 60, **changes)
        self.behave(script)

    def behave(self, script: Script | None) -> None:
        """Let instances that are started from now on follow a script."""
        environment = {} if script is None else {"SCRIPT": f"script {len(self.engine.scripts)}"}
        self.engine.scripts.update({name: script for name in environment.values() if script is not None})
        self.bundle["environment"] = environment

    def run(self, *, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """The result of a run, with failed set where it failed; one that does not end is a failure of the test."""
        return run_on(self.engine, self.parameters(**options), check_mode, self.log.append)

    def parameters(self, **options: t.Any) -> dict[str, t.Any]:
        """The module's options for a run."""
        given = {"bundle": json.dumps(self.bundle), "token": "an opaque key", "wait_timeout": 1}
        return {**_DEFAULTS, **given, **self.options, **options}

    @property
    def instances(self) -> list[FakeContainer]:
        """What is on the engine, by name."""
        return self.engine.there

    @property
    def versions(self) -> dict[str, str]:
        """The version of each container that is on the engine and runs, by name."""
        running = [one for one in self.instances if one.state == "running"]
        return {one.name: one.config["Labels"]["evento.version"] for one in running}


def run_many_on(engine: FakeEngine, *bundles: t.Any, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """As FakeDeployment.run, for many bundles."""
    given = {"bundles": [*bundles], "token": "an opaque key", "wait_timeout": 1}
    return run_on(engine, {**_DEFAULTS, **given, **options}, check_mode, lambda _line: None)


def run_on(
    engine: FakeEngine, parameters: dict[str, t.Any], check_mode: bool, log: t.Callable[[str], None]
) -> dict[str, t.Any]:
    """The result of a run with these options of the module; one that does not end is a failure of the test."""
    results: list[dict[str, t.Any]] = []

    def run() -> None:
        try:
            if parameters["bundles"] is None:
                results.append(_run.run(parameters, check_mode, log, lambda _parameters: engine))
            else:
                results.append(run_many(parameters, ENTRY_ARGS, check_mode, log, lambda _parameters: engine))
        except EventoError as exc:
            results.append({"failed": True, "msg": str(exc), **exc.result})

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_LONGEST)
    assert not thread.is_alive(), f"the run still goes on after {_LONGEST:g} s: {engine.calls[-20:]}"
    [result] = results
    return result


def done(result: dict[str, t.Any]) -> list[str]:
    """The actions of a result, as `start orders-1`."""
    return [f"{action['what']} {action['which']}" for action in result["actions"]]
