# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Input that cannot work: one sentence that names the thing and the next step, and nothing started. Odd ids do work."""

from __future__ import annotations

import json
import socket
import typing as t

import docker
import pytest

from tests.integration.deployment import Deployment
from tests.integration.script_image import script_image

QUICK: dict[str, t.Any] = {"ready_when": "running", "ready_after": 0}
SECRET = "planted 5e1f0c9ab27d4463"


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient) -> str:
    return script_image(engine)


def check_refused(deployment: Deployment, result: dict[str, t.Any], failure: str, *words: str) -> None:
    """The run failed in one sentence with these words, without a value of the environment, and left nothing."""
    assert (result.get("failed"), result.get("failure")) == (True, failure), result
    for word in words:
        assert word in result["msg"]
    assert "\n" not in result["msg"]
    assert result["msg"].endswith(".")
    assert not result.get("changed")
    assert "Traceback" not in json.dumps(result)
    assert SECRET not in json.dumps(result)
    assert deployment.names() == []


@pytest.mark.parametrize(
    ("bundle", "words"),
    [
        (f'{{"id": "x", "environment": {{"A": "{SECRET}"', ["it is not JSON", "line 1, column "]),
        (f'["{SECRET}"]', ["expected a JSON object, got an array"]),
        ("", ["it is not JSON"]),
        (
            f'{{"version": "{SECRET}", "environment": {{"A": null, "B": ["{SECRET}"]}}, "minInstances": -1}}',
            [
                "id: expected",
                "version: expected a number",
                "environment.A: expected a string, got null",
                "environment.B: expected a string, got an array",
                "minInstances: expected a whole number from 0",
            ],
        ),
        (f'{{"id": "x", "id": "y", "vmOptions": {{"a": "{SECRET}"}}}}', ["id: expected once, came more than once"]),
        (
            '{"id": "x", "minInstances": 3, "maxInstances": 2}',
            ["minInstances: expected at most maxInstances (2), got 3"],
        ),
        ('{"id": "x", "maxInstances": 0}', ["maxInstances: expected at least 1"]),
        ('{"id": "x", "deployable": false}', ["deployable: expected true"]),
        ('{"id": "x", "bucketType": "LibraryOnly"}', ["bucketType: expected LocalFilesystem", "got LibraryOnly"]),
        ('{"id": "x", "updatedAt": "yesterday"}', ["updatedAt: expected"]),
    ],
    ids=["cut-off", "array", "empty", "every-fault", "twice", "min-above-max", "max-0", "no-jar", "bucket", "time"],
)
def test_bad_bundle(deployment: Deployment, bundle: str, words: list[str]) -> None:
    check_refused(deployment, deployment.run(bundle=bundle), "invalid_input", "Invalid bundle: ", *words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"memory": "much"}, ["memory: expected a size such as 512M, got much"]),
        ({"memory": "-1M"}, ["memory: expected a size such as 512M, got -1M"]),
        ({"memory": "0"}, ["memory: expected a size such as 512M, got 0"]),
        ({"cpus": -1}, ["cpus: expected", "got -1"]),
        ({"published_ports": ["eighty"]}, ["published_ports: expected", "got eighty"]),
        ({"published_ports": ["99999:80"]}, ["published_ports: expected", "got 99999:80"]),
        ({"published_ports": ["8005-8000:80"]}, ["published_ports: expected", "got 8005-8000:80"]),
        ({"volumes": ["a:b:c:d"]}, ["volumes: expected", "got a:b:c:d"]),
        ({"volumes": ["/tmp:relative"]}, ["volumes: expected", "got /tmp:relative"]),
        ({"volumes": [""]}, ["volumes: expected"]),
        ({"healthcheck": {"test": []}}, ["healthcheck.test: expected a command"]),
        ({"healthcheck": {"test": "true", "interval": "soon"}}, ["healthcheck.interval: expected a duration", "soon"]),
        ({"labels": {"evento.slot": "1"}}, ["labels: expected", "evento.slot"]),
        ({"env": {"A=B": "c"}}, ['env["A=B"]: expected']),
        ({"env": {"A": f"{SECRET}\0"}}, ["env.A: expected Unicode text"]),
        ({"env": {"A": f"{SECRET}\ud800"}}, ["env.A: expected Unicode text"]),
        ({"env": {"A\ud800": SECRET}}, ['env["A\\ud800"]: expected Unicode text']),
        ({"env": {"A": None}}, ["env.A: expected a plain value, got null"]),
        ({"labels": {"n": None}}, ["labels.n: expected a plain value, got null"]),
        ({"labels": {"m": {"a": 1}}}, ["labels.m: expected a plain value, got an object"]),
        ({"log_options": {"tag": [1]}}, ["log_options.tag: expected a plain value, got an array"]),
        ({"etc_hosts": {"db": None}}, ["etc_hosts.db: expected a plain value, got null"]),
        ({"healthcheck": {"test": ["CMD", None]}}, ["healthcheck.test[1]: expected a plain value, got null"]),
        ({"networks": [{"name": None}]}, ["networks[0].name: expected a name, got an empty one"]),
        ({"networks": [{"name": "bridge"}, {"name": ""}]}, ["networks[1].name: expected a name, got an empty one"]),
        ({"cpus": "nan"}, ["cpus: expected a number above 0"]),
        ({"labels": {"a": "\ud800"}}, ["labels.a: expected Unicode text without NUL characters"]),
        ({"volumes": ["/a\ud800"]}, ["volumes[0]: expected Unicode text without NUL characters"]),
        ({"user": "a\0b"}, ["user: expected Unicode text without NUL characters"]),
        ({"server_url": "evento:3000"}, ["server_url: expected an address", "got evento:3000"]),
        ({"ready_log": "(unclosed"}, ["ready_log: expected a regular expression"]),
        ({"stop_timeout": -1}, ["stop_timeout: expected", "got -1"]),
        ({"wait_timeout": 0}, ["wait_timeout: expected at least 1", "got 0"]),
        ({"ready_after": -1}, ["ready_after: expected at least 0", "got -1"]),
        ({"instances": 0}, ["instances is 0", "1 to 4"]),
        ({"token": None}, ["token is required"]),
        ({"token": ""}, ["token is required"]),
        ({"token": "a.\ud800.c"}, ["token: expected Unicode text"]),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_unusable_value(deployment: Deployment, options: dict[str, t.Any], words: list[str]) -> None:
    deployment.publish(environment={"PASSWORD": SECRET})
    check_refused(deployment, deployment.run(**options), "invalid_input", *words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"state": "running"}, ["state", "started, stopped, absent", "running"]),
        ({"restart_policy": "sometimes"}, ["restart_policy", "sometimes"]),
        ({"cpus": "few"}, ["cpus: expected a number, got a string."]),
        ({"replicas": 2}, ["replicas", "Supported parameters"]),
        ({"networks": [{"aliases": ["a"]}]}, ["name", "networks"]),
        ({"networks": [{"name": "a"}], "network_mode": "host"}, ["networks|network_mode"]),
        ({"bundle": None}, ["bundle"]),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_what_the_documentation_rules_out(deployment: Deployment, options: dict[str, t.Any], words: list[str]) -> None:
    deployment.publish(environment={"PASSWORD": SECRET})
    result = deployment.run(**options)
    assert result["failed"]
    for word in words:
        assert word in result["msg"]
    assert SECRET not in json.dumps(result)
    assert deployment.names() == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"networks": [{"name": "no-such-network"}]}, ["no-such-network", "create the network"]),
        ({"networks": [{"name": "bridge"}, {"name": "no-such-network"}]}, ["no-such-network", "create the network"]),
        ({"memory": "1M"}, ["memory limit", ": raise memory."]),
        ({"cpus": 100000}, ["CPUs", ": set cpus to a number within it."]),
        ({"user": "nobody-of-this-name"}, ["nobody-of-this-name"]),
        ({"cap_drop": ["FLYING"]}, ["FLYING"]),
        ({"security_opts": ["flying=1"]}, ["flying"]),
        ({"volumes": ["./data:/data"]}, ["./data"]),
        ({"etc_hosts": {"db": "nowhere"}}, ["nowhere"]),
        ({"image": "Not A Name"}, ["Not A Name"]),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_what_the_engine_refuses(
    deployment: Deployment, image: str, options: dict[str, t.Any], words: list[str]
) -> None:
    deployment.publish(environment={"PASSWORD": SECRET})
    result = deployment.run(**{"image": image, **QUICK, **options})
    check_refused(deployment, result, "other", *words)


def test_port_that_is_taken(deployment: Deployment, image: str) -> None:
    deployment.publish(environment={"PASSWORD": SECRET})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = deployment.run(image=image, published_ports=[f"127.0.0.1:{port}:8080"], **QUICK)
    check_refused(deployment, result, "other", str(port), "publish another port, or a range of ports")


def test_one_port_for_two_instances(deployment: Deployment, image: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    result = deployment.run(image=image, instances=2, published_ports=[f"127.0.0.1:{port}:8080"], **QUICK)
    assert (result["failed"], result["failure"]) == (True, "other")
    assert "publish another port, or a range of ports, with published_ports" in result["msg"]
    # The one that got the port runs, and is in the result.
    assert [row["which"] for row in result["actions"]] == deployment.names()
    assert len(deployment.names()) == 1


# With characters that Docker refuses in names, or as their first; such as end a word, a line or a path; very long.
ODD_IDS = [
    "a b/c",
    "-x",
    "gr\u00fc\u00df",
    "line\nbreak",
    "{{ 1+1 }}",
    "\u202e\u200b\x1b[31m",
    "a=b,c",
    "%2e%00",
    "..",
    "x-1",
    "x" * 20_000,
]


@pytest.mark.parametrize("bundle_id", ODD_IDS, ids=lambda text: ascii(text[:20]))
def test_any_id_gets_a_container_of_its_own(deployment: Deployment, bundle_id: str) -> None:
    deployment.bundle["id"] = f"{bundle_id}{deployment.id[-6:]}"
    deployment.publish()
    result = deployment.run()
    assert "failed" not in result, result["msg"]
    assert "\n" not in result["msg"]
    assert deployment.containers()[0].labels["evento.bundle"] == deployment.id
    assert not deployment.run()["changed"]
