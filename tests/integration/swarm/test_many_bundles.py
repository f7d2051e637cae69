# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many bundles in one task, and secrets in no output."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.deployment import new_bundle, run_module
from tests.integration.recorder import Recorder
from tests.integration.swarm.deployment import SwarmDeployment


def test_many_bundles_and_what_is_not_wanted_any_more(deployment: SwarmDeployment) -> None:
    others = [SwarmDeployment(deployment.swarm, new_bundle()) for _number in range(2)]
    everything = [deployment, *others]
    try:
        options = {**deployment.parameters(), "project": deployment.id, "prune": True}
        del options["bundle"]
        result = run_module("evento_bundle", {**options, "bundles": [one.bundle for one in everything]})
        assert "failed" not in result, result["msg"]
        assert [len(one.names()) for one in everything] == [1, 1, 1]
        again = run_module("evento_bundle", {**options, "bundles": [one.bundle for one in everything]})
        assert again["changed"] is False
        result = run_module("evento_bundle", {**options, "bundles": [deployment.bundle]})
        assert "failed" not in result, result["msg"]
        assert [len(one.names()) for one in everything] == [1, 0, 0]
    finally:
        for one in others:
            one.remove()


def test_values_show_nowhere(deployment: SwarmDeployment) -> None:
    secret, token = "s3cr3t-{{value}}", "a-token-that-nobody-may-see"
    deployment.publish("echo the password is $PASSWORD; exit 9")
    deployment.bundle["environment"]["PASSWORD"] = secret
    deployment.bundle["vmOptions"] = {"-Dpassword": secret}
    failed = deployment.run(token=token, reschedule=False)
    assert failed["failures"][0]["exit_code"] == 9
    deployment.publish()
    deployment.bundle["environment"]["PASSWORD"] = secret
    started = deployment.run(token=token)
    assert "failed" not in started, started["msg"]
    for result in (failed, started):
        assert secret not in json.dumps(result)
        assert token not in json.dumps(result)
    # artifact_url needs no token, so it is not in the service either; the values are, by their nature.
    assert token not in json.dumps(deployment.services())


def test_a_converged_run_looks_once(deployment: SwarmDeployment, tmp_path: Path) -> None:
    deployment.run(instances=3)
    with Recorder(tmp_path, deployment.swarm.docker_host) as recorder:
        result = run_module("evento_bundle", deployment.parameters(docker_host=recorder.docker_host))
    assert result["changed"] is False
    calls = sorted(call.split("/")[1] for call in recorder.calls)
    # Services and tasks, the nodes for their names, the digest of the image and what is in it; and the API version.
    assert calls == ["distribution", "images", "nodes", "services", "tasks", "version"]
