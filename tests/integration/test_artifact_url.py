# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JARs that come from somewhere else than Evento Server."""

from __future__ import annotations

import json
import typing as t
from urllib.parse import quote

import pytest

from lab import Lab
from lab.server import Fault
from tests.integration.deployment import Deployment
from tests.store import Answer, Store


@pytest.fixture
def store(lab: Lab) -> t.Iterator[Store]:
    """An artifact store on another port than Evento Server; containers reach it, too."""
    with Store(lab.bridge_address) as store:
        store.answers["/orders.jar"] = Answer(lab.jar().read_bytes())
        yield store


def test_redirect_to_another_server_carries_no_token(copied: Deployment, store: Store) -> None:
    copied.server.fault = Fault(redirect=f"{store.url}/orders.jar")
    result = copied.run()
    assert "failed" not in result, result["msg"]
    assert [(one.target, one.authorization) for one in store.asked] == [("/orders.jar", None)]


@pytest.mark.engines
@pytest.mark.parametrize("artifact", ["url", "copy"])
def test_address_of_ones_own_gets_no_token_and_is_not_shown(copied: Deployment, store: Store, artifact: str) -> None:
    secrets = ("us/er", "pass/word", "sig/nature")
    user, password, signature = (quote(secret, safe="") for secret in secrets)
    address = f"http://{user}:{password}@{store.host}/orders.jar?signature={signature}"
    copied.publish(bucketType="Ephemeral", deployable=False, environment={"DEMO_DUMP": "1"})
    # The container leaves its log in the result.
    copied.options.update(artifact=artifact, artifact_url=address, token=None)
    failed = copied.run(ready_log="never", wait_timeout=4)
    assert failed["failure"] == "not_ready", failed["msg"]
    assert {(one.target, one.authorization) for one in store.asked} == {
        (f"/orders.jar?signature={signature}", "Basic dXMvZXI6cGFzcy93b3Jk")
    }
    later = copied.run(artifact_url=f"{address}2", ready_when="running", ready_after=1)
    assert later["actions"][0]["what"] == "start", later["msg"]
    told = json.dumps([failed, later])
    for form in (*secrets, user, password, signature):
        assert form not in told
    assert f"http://********@{store.host}/orders.jar?********" in told
    assert (password in json.dumps([one.attrs for one in copied.containers()])) == (artifact == "url")


@pytest.mark.engines
def test_file_of_the_host(copied: Deployment) -> None:
    jar = copied.lab.jar()
    result = copied.run(artifact_url=jar.as_uri(), token=None)
    assert "failed" not in result, result["msg"]
    assert f"docker cp {jar} {copied.id}-1:/opt/evento/artifact/app.jar" in result["commands"]
    assert copied.server.requests == []


def test_the_bundles_own_address_wins(copied: Deployment, store: Store) -> None:
    copied.publish(environment={"APP_JAR_URL": f"{store.url}/orders.jar"})
    result = copied.run(token=None)
    assert "failed" not in result, result["msg"]
    assert "Nothing is copied" in json.dumps(result["warnings"])
    assert (copied.server.requests, len(store.asked)) == ([], 1)
