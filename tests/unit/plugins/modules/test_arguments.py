# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments that are refused: told whole, and without a secret, by modules in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t

import pytest

from ansible_collections.evento.docker.plugins.module_utils._run.module import _PLACEHOLDERS
from ansible_collections.evento.docker.plugins.module_utils._run.options import BUNDLE_ARGS
from tests.module_process import asking_for_invocation, python_path

MODULES = "ansible_collections.evento.docker.plugins.modules"
HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
# No engine is there: whoever asks for one has accepted the arguments.
NOWHERE = "unix:///nowhere/docker.sock"
UNREACHABLE = f"Could not connect to the Docker engine at {NOWHERE} on {os.uname().nodename}: there is no such socket"
ENVIRONMENT = {"PYTHONPATH": python_path(), "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}


def run(name: str, variables: dict[str, str] | None = None, **arguments: t.Any) -> tuple[dict[str, t.Any], str]:
    """The result of a module, and all that it printed."""
    finished = subprocess.run(
        [sys.executable, "-m", f"{MODULES}.{name}"],
        env={**ENVIRONMENT, "PATH": os.environ["PATH"], **(variables or {})},
        input=json.dumps(
            {"ANSIBLE_MODULE_ARGS": {**asking_for_invocation(), "_ansible_module_name": name, **arguments}}
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert not finished.stderr
    result = json.loads(finished.stdout)
    assert isinstance(result, dict)
    return result, finished.stdout


def refused(name: str, **arguments: t.Any) -> tuple[str, str]:
    """What a module that refuses its arguments says, and all that it printed."""
    result, printed = run(name, **arguments)
    assert (result["failed"], result["failure"]) == (True, "invalid_input"), result
    assert "\n" not in result["msg"]
    return result["msg"], printed


def test_short_secrets_do_not_shred_the_error_and_are_not_told_by_it() -> None:
    message, printed = refused("evento_bundle", bundle={"id": "e"}, token="t", env={"A": "m"}, tokn="planted-secret")
    assert message.startswith("Unsupported parameters for (evento_bundle) module: tokn. Supported parameters include: ")
    assert all(name in message for name in BUNDLE_ARGS)
    assert "*" not in printed
    assert "planted-secret" not in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"token": ["planted"]}, "token: expected a string, got an array."),
        ({"token": {"planted": 1}}, "token: expected a string, got an object."),
        ({"token": True}, "token: expected a string, got a boolean."),
        ({"artifact_url": ["planted"]}, "artifact_url: expected a string, got an array."),
        ({"env": "planted"}, "env: expected an object, got a string."),
        ({"env": "{planted"}, "env: expected an object, got a string."),
        ({"env": "A=planted,planted"}, "env: expected an object, got a string."),
        ({"env": ["planted"]}, "env: expected an object, got an array."),
        ({"env": 7}, "env: expected an object, got a number."),
        (
            {"env": ["planted"], "token": ["planted"]},
            "token: expected a string, got an array. env: expected an object, got an array.",
        ),
    ],
)
def test_secret_of_a_wrong_type(arguments: dict[str, t.Any], message: str) -> None:
    said, printed = refused("evento_bundle", bundle={"id": "e"}, docker_host=NOWHERE, **arguments)
    assert said == message
    assert "planted" not in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hostname": ["a"]}, "hostname: expected a string, got an array."),
        ({"hostname": True}, "hostname: expected a string, got a boolean."),
        ({"cpuset_cpus": {"a": 1}}, "cpuset_cpus: expected a string, got an object."),
        ({"tmpfs": ["/run", {"/tmp": "size=1m"}]}, "tmpfs[1]: expected a string, got an object."),
        ({"dns_servers": [None]}, "dns_servers[0]: expected a string, got null."),
        ({"groups": True}, "groups: expected a list, got a boolean."),
        ({"pids_limit": True}, "pids_limit: expected a whole number, got a boolean."),
        ({"cpus": False}, "cpus: expected a number, got a boolean."),
        ({"ports": [[80]]}, "ports[0]: expected a string, got an array."),
        (
            {"networks": [{"name": "a", "aliases": ["b", []]}]},
            "networks[0].aliases[1]: expected a string, got an array.",
        ),
        ({"healthcheck": {"test": "NONE", "interval": {}}}, "healthcheck.interval: expected a string, got an object."),
        (
            {"stop_signal": [2], "ulimits": [{}]},
            "ulimits[0]: expected a string, got an object. stop_signal: expected a string, got an array.",
        ),
        ({"user": {"a": 1}}, "user: expected a string, got an object."),
        ({"user": True}, "user: expected a string, got a boolean."),
        ({"image": ["a"]}, "image: expected a string, got an array."),
        ({"ca_path": {"a": 1}}, "ca_path: expected a string, got an object."),
        ({"cap_drop": [None]}, "cap_drop[0]: expected a string, got null."),
        ({"cap_drop": ["ALL", ["a"]]}, "cap_drop[1]: expected a string, got an array."),
        ({"cap_drop": {"a": 1}}, "cap_drop: expected a list, got an object."),
        ({"ports": [True]}, "ports[0]: expected a string, got a boolean."),
        ({"healthcheck": ["x"]}, "healthcheck: expected an object, got an array."),
        ({"healthcheck": {"interval": "1s"}}, "healthcheck.test: expected a value, got nothing."),
        (
            {"healthcheck": {"test": "true", "intervall": "1s"}},
            "healthcheck.intervall: there is no such option: did you mean interval?",
        ),
        (
            {"healthcheck": {"test": "true", "retries": 1.5}},
            "healthcheck.retries: expected a whole number, got a number.",
        ),
        ({"networks": ["n"]}, "networks[0]: expected an object, got a string."),
        ({"networks": [{"name": "n", "aliases": [None]}]}, "networks[0].aliases[0]: expected a string, got null."),
        ({"timeout": "soon"}, "timeout: expected a whole number, got a string."),
        ({"instances": True}, "instances: expected a whole number, got a boolean."),
        ({"cpus": [1]}, "cpus: expected a number, got an array."),
        ({"wait": "perhaps"}, "wait: expected a boolean, got a string."),
        ({"labels": ["a"]}, "labels: expected an object, got an array."),
        ({"bundles": "planted"}, "bundles: expected a list, got a string."),
        ({"state": "s"}, "state: expected one of started, stopped, absent, got s."),
        (
            {"state": "s", "user": {}, "token": ["planted"]},
            "token: expected a string, got an array. state: expected one of started, stopped, absent, got s."
            " user: expected a string, got an object.",
        ),
    ],
)
def test_value_of_a_wrong_type_is_refused_with_its_path(arguments: dict[str, t.Any], message: str) -> None:
    bundle = {} if "bundles" in arguments else {"bundle": {"id": "e"}}
    said, printed = refused("evento_bundle", docker_host=NOWHERE, **bundle, **arguments)
    assert said == message
    assert "planted" not in printed


def test_values_in_other_forms_pass() -> None:
    result, _printed = run(
        "evento_bundle",
        bundle={"id": "e"},
        docker_host=NOWHERE,
        user=1000,
        api_version=1.41,
        memory=67108864,
        groups="a,7",
        cpus="1.5",
        instances="2",
        wait="no",
        cap_drop="ALL,NET_RAW",
        ports=[8080],
        restart_policy=False,
        networks=[{"name": "n"}],
    )
    assert "there is no such socket" in result["msg"]
    shown = result["invocation"]["module_args"]
    assert {name: shown[name] for name in ("user", "api_version", "memory", "cpus", "instances", "wait")} == {
        "user": "1000",
        "api_version": "1.41",
        "memory": "67108864",
        "cpus": 1.5,
        "instances": 2,
        "wait": False,
    }
    lists = {"cap_drop": ["ALL", "NET_RAW"], "groups": ["a", "7"], "published_ports": ["8080"]}
    assert {name: shown[name] for name in lists} == lists
    assert (shown["restart_policy"], shown["networks"]) == ("no", [{"name": "n", "aliases": None}])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"token": "t"}, "one of the following is required: bundle, bundles"),
        ({"bundle": {"id": "e"}, "bundles": []}, "parameters are mutually exclusive: bundle|bundles"),
        ({"bundle": {"id": "e"}, "prune": True}, "prune is True but all of the following are missing: bundles"),
        (
            {"bundle": {"id": "e"}, "networks": [{"name": "n"}], "network_mode": "host"},
            "parameters are mutually exclusive: networks|network_mode",
        ),
        ({"token": ["planted"]}, "token: expected a string, got an array. one of the following is required"),
    ],
    ids=["required", "exclusive", "together", "exclusive options", "two"],
)
def test_other_faults_stay_ansibles_words(arguments: dict[str, t.Any], words: str) -> None:
    message, printed = refused("evento_bundle", **{"token": "t", "env": {"A": "e"}, **arguments})
    assert words in message
    assert "*" not in printed


@pytest.mark.parametrize(
    ("name", "arguments"), [("evento_bundle_image", {"source": "pull"}), ("evento_bundle_info", {})]
)
def test_other_modules(name: str, arguments: dict[str, t.Any]) -> None:
    message, printed = refused(name, nmae="planted", **arguments)
    assert "nmae" in message
    assert "planted" not in printed


def test_secrets_reach_the_module_and_are_not_shown() -> None:
    result, printed = run(
        "evento_bundle",
        bundle='{"id": "e", "environment": {"A": "planted"}}',
        token=12345678,
        env='{"B": "planted"}',
        docker_host=NOWHERE,
    )
    assert result["msg"].startswith(UNREACHABLE)
    shown = result["invocation"]["module_args"]
    assert {name: shown[name] for name in ("bundle", "token", "env", "artifact_url")} == {
        "bundle": HIDDEN,
        "token": HIDDEN,
        "env": HIDDEN,
        "artifact_url": None,
    }
    assert shown["state"] == "started"
    assert "planted" not in printed
    assert "12345678" not in printed


def test_empty_variables_are_none() -> None:
    names = ["HOST", "TLS", "TLS_VERIFY", "TLS_HOSTNAME", "CERT_PATH", "TIMEOUT", "API_VERSION"]
    result, _printed = run("evento_bundle_info", {f"DOCKER_{name}": "" for name in names}, docker_host=NOWHERE)
    assert result["msg"].startswith(UNREACHABLE)
    shown = result["invocation"]["module_args"]
    options = ("tls", "validate_certs", "tls_hostname", "ca_path", "timeout", "api_version")
    assert [shown[name] for name in options] == [False, False, None, None, 60, "auto"]


def test_value_of_the_bundle_is_read() -> None:
    message, printed = refused("evento_bundle", bundle={"id": "e", "environment": {"A": None}}, env={"B": None})
    assert "environment.A: expected a string, got null" in message
    assert "*" not in printed


@pytest.mark.parametrize("option", [option for option in BUNDLE_ARGS.values() if option.get("no_log")])
def test_secret_options_are_of_a_kind_that_ansible_need_not_look_at(option: dict[str, t.Any]) -> None:
    assert option["type"] in _PLACEHOLDERS
    assert not {"aliases", "choices", "default", "fallback", "options"} & set(option)
