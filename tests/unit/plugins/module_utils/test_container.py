# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one instance looks like: names, environment, fingerprint, docker run command."""

from __future__ import annotations

import json
import re
import shlex
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evento.docker.plugins.module_utils._bundle import parse_bundle
from ansible_collections.evento.docker.plugins.module_utils._container import ContainerSpec, container_spec, slug
from ansible_collections.evento.docker.plugins.module_utils._errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._options import CONTAINER_ARGS

BUNDLE = {"id": "orders", "version": 3, "artifactCoordinates": "/a.jar", "updatedAt": 1}
DEFAULTS = {
    **{name: argument.get("default") for name, argument in CONTAINER_ARGS.items()},
    "image": "evento-bundle-container",
    "artifact": "url",
    "artifact_url": None,
    "server_url": "http://evento:3000/",
    "env": None,
}


def make_spec(token: str | None = "t", bundle: dict[str, t.Any] | None = None, **options: t.Any) -> ContainerSpec:
    return container_spec(parse_bundle({**BUNDLE, **(bundle or {})}, starting=True), {**DEFAULTS, **options}, token)


def environment(spec: ContainerSpec) -> dict[str, str]:
    return dict(entry.split("=", 1) for entry in spec.config(1, "f")["Env"])


@pytest.mark.parametrize("plain", ["orders", "Demo.Command_Bundle-2", "0x"])
def test_legal_ids_are_names_as_they_are(plain: str) -> None:
    assert slug(plain) == plain


@given(st.text(min_size=1))
def test_any_id_makes_a_legal_name(bundle_id: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+", f"{slug(bundle_id)}-1")
    assert len(slug(bundle_id)) < 120


@given(st.sets(st.text("ab /_-", min_size=1, max_size=4), min_size=2, max_size=2))
def test_different_ids_make_different_names(ids: set[str]) -> None:
    assert len({slug(bundle_id) for bundle_id in ids}) == 2


def test_url_has_id_and_token_encoded() -> None:
    spec = make_spec(token="a+b/c=", bundle={"id": "a b/c?"})
    assert environment(spec)["APP_JAR_URL"] == "http://evento:3000/asset/bundle/a%20b%2Fc%3F?token=a%2Bb%2Fc%3D"


def test_the_bundles_own_variables_win_with_a_warning() -> None:
    spec = make_spec(bundle={"environment": {"APP_JAR_URL": "mine", "VM_ARGS": "x y"}, "vmOptions": {"-Xmx": "1m"}})
    assert environment(spec) == {"APP_JAR_URL": "mine", "VM_ARGS": "x y"}
    assert [warning.split()[3] for warning in spec.warnings] == ["APP_JAR_URL,", "VM_ARGS,"]
    assert not spec.downloads_with_token


def test_env_is_added_and_has_the_last_word() -> None:
    spec = make_spec(bundle={"environment": {"A": "bundle", "B": "bundle"}}, env={"B": "env", "C": True, "D": 1.5})
    assert {name: environment(spec)[name] for name in "ABCD"} == {"A": "bundle", "B": "env", "C": "true", "D": "1.5"}


SAME = {"description": "x", "detail": "y", "updatedAt": 2, "minInstances": 1, "maxInstances": 9, "autorun": False}
OTHER = {"version": 4, "artifactCoordinates": "/b.jar", "environment": {"A": "1"}, "vmOptions": {"-Xmx": "1m"}}


@pytest.mark.parametrize("change", [{key: value} for key, value in SAME.items()], ids=list(SAME))
def test_fingerprint_stays(change: dict[str, t.Any]) -> None:
    assert make_spec(bundle=change).fingerprint("i") == make_spec(token="other").fingerprint("i")


@pytest.mark.parametrize("change", [{key: value} for key, value in OTHER.items()], ids=list(OTHER))
def test_fingerprint_changes(change: dict[str, t.Any]) -> None:
    assert make_spec(bundle=change).fingerprint("i") != make_spec().fingerprint("i")


def test_fingerprint_changes_with_image_server_and_env() -> None:
    prints = [
        make_spec().fingerprint("i"),
        make_spec().fingerprint("j"),
        make_spec(server_url="http://other").fingerprint("i"),
        make_spec(env={"A": "1"}).fingerprint("i"),
    ]
    assert len(set(prints)) == len(prints)


def test_command_shows_names_and_no_values() -> None:
    secret = "secret with spaces"
    spec = make_spec(
        token=secret,
        bundle={"environment": {"DB PASSWORD": secret}, "vmOptions": {"-Dkey": secret, "-XX:+UseG1GC": ""}},
        env={"TOKEN": secret},
        memory="512M",
    )
    [command] = spec.commands("orders-1", 1)
    words = shlex.split(command)
    assert "secret" not in command
    assert spec.fingerprint("i") not in command
    assert words[:5] == ["docker", "run", "--detach", "--name", "orders-1"]
    assert words[-1] == "evento-bundle-container"
    assert [words[at + 1] for at, word in enumerate(words) if word == "--env"] == [
        "APP_JAR_URL=http://evento:3000/asset/bundle/orders?token=********",
        "VM_ARGS=-Dkey=******** -XX:+UseG1GC",
        "DB PASSWORD=********",
        "TOKEN=********",
    ]
    assert words[words.index("--memory") + 1] == "512M"


def test_copied_jar_leaves_no_trace_in_the_configuration() -> None:
    spec = make_spec(artifact="copy")
    config = json.dumps(spec.config(1, "f"))
    assert "APP_JAR_URL" not in environment(spec)
    assert "token" not in config
    assert "http" not in config
    assert spec.copies
    assert spec.downloads_with_token


def test_commands_for_a_copied_jar() -> None:
    spec = make_spec(artifact="copy", bundle={"id": "a b"})
    assert spec.download_commands() == [
        "curl --fail --location --header 'Authorization: Bearer ********' --output app.jar"
        " http://evento:3000/asset/bundle/a%20b"
    ]
    create, copy, start = spec.commands("orders-1", 1)
    assert create.startswith("docker create --name orders-1 --rm ")
    assert (copy, start) == ("docker cp app.jar orders-1:/opt/evento/artifact/app.jar", "docker start orders-1")


def test_commands_for_an_address_of_ones_own() -> None:
    spec = make_spec(artifact="copy", artifact_url="https://us:er@repo/a.jar?sign=x")
    assert spec.download_commands() == [
        "curl --fail --location --output app.jar 'https://********@repo/a.jar?********'"
    ]
    [command] = make_spec(artifact_url="https://us:er@repo/a.jar?sign=x").commands("orders-1", 1)
    assert "'APP_JAR_URL=https://********@repo/a.jar?********'" in command


def test_commands_for_a_file() -> None:
    spec = make_spec(artifact="copy", artifact_url="file:///srv/a%20b.jar")
    assert spec.download_commands() == []
    assert spec.commands("orders-1", 1)[1] == "docker cp '/srv/a b.jar' orders-1:/opt/evento/artifact/app.jar"


def test_address_of_ones_own_needs_no_token() -> None:
    spec = make_spec(token="t", artifact_url="https://repo/a.jar?v=1")
    assert environment(spec)["APP_JAR_URL"] == "https://repo/a.jar?v=1"
    assert not spec.downloads_with_token
    assert not spec.copies


def test_bundles_own_address_is_not_copied() -> None:
    spec = make_spec(artifact="copy", bundle={"environment": {"APP_JAR_URL": "http://mine/a.jar"}})
    assert environment(spec)["APP_JAR_URL"] == "http://mine/a.jar"
    assert not spec.copies
    assert not spec.downloads_with_token
    assert spec.download_commands() == []
    assert [warning.split()[0] for warning in spec.warnings] == ["The", "Nothing"]


def test_delivery_is_part_of_the_fingerprint() -> None:
    prints = [
        make_spec().fingerprint("i"),
        make_spec(artifact="copy").fingerprint("i"),
        make_spec(artifact="copy", artifact_url="http://repo/1.jar").fingerprint("i"),
        make_spec(artifact="copy", artifact_url="http://repo/2.jar").fingerprint("i"),
        make_spec(artifact_url="http://repo/2.jar").fingerprint("i"),
    ]
    assert len(set(prints)) == len(prints)


def test_the_servers_address_does_not_matter_to_a_copied_jar() -> None:
    here, there = (make_spec(artifact="copy", server_url=f"http://{name}:3000") for name in ("localhost", "evento"))
    assert here.fingerprint("i") == there.fingerprint("i")


@pytest.mark.parametrize("policy", ["on-failure", "always", "unless-stopped"])
def test_restart_policy_needs_a_copied_jar(policy: str) -> None:
    with pytest.raises(EventoError, match=f"restart_policy: {policy} needs artifact: copy"):
        make_spec(restart_policy=policy)
    spec = make_spec(artifact="copy", restart_policy=policy)
    assert [policy in warning for warning in spec.warnings] == ([True] if policy != "on-failure" else [])
    assert f" --restart {policy} " in spec.commands("orders-1", 1)[0]


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("memory", "lots", "memory: expected a size such as 512M, got lots."),
        ("published_ports", ["x:80"], "published_ports: expected [address:][host port:]container port"),
        ("labels", {"evento.slot": "1"}, "labels: expected names that do not start with evento."),
        ("healthcheck", {"test": ["curl"], "interval": None}, "healthcheck.test: expected a command"),
        ("server_url", "evento:3000", "server_url: expected an address such as http://evento:3000"),
        ("env", {"a=b": "1"}, 'env["a=b"]: expected a name without ='),
        ("env", {"A": None}, "env.A: expected a string, got null."),
    ],
)
def test_unusable_option(option: str, value: t.Any, words: str) -> None:
    with pytest.raises(EventoError, match=re.escape(words)) as caught:
        make_spec(**{option: value})
    assert caught.value.result["failure"] == "invalid_input"
