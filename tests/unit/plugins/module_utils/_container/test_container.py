# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one instance looks like: names, environment, fingerprint, docker run command."""

from __future__ import annotations

import json
import math
import re
import shlex
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._container.slug import slug
from tests.unit.plugins.module_utils._container.specs import environment, make_spec

CHECK = {"test": "true", "interval": None, "timeout": None, "start_period": None, "retries": None}


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


RICH = {
    "networks": [{"name": "web", "aliases": ["shop", "orders"]}, {"name": "db", "aliases": None}],
    "published_ports": ["127.0.0.1:8080:80", "9000-9009:9000/udp"],
    "volumes": ["/srv/data:/data:ro", "cache:/cache", "/scratch"],
    "memory": "512M",
    "cpus": 1.5,
    "user": "1000:1000",
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opts": ["no-new-privileges"],
    "log_driver": "journald",
    "log_options": {"tag": "orders"},
    "labels": {"team": "blue", "size": 3},
    "etc_hosts": {"db.example": "192.0.2.7"},
    "healthcheck": {**CHECK, "test": "curl -f localhost", "interval": "30s", "retries": 3},
    "env": {"MODE": "prod", "LIMIT": 1.5},
}
FULL = {"environment": {"A": "1", "B": 2.5}, "vmOptions": {"-Xmx": "512m", "-XX:+UseG1GC": ""}}
# A change here replaces all instances of every user once, when they upgrade the collection: never change one of them
# without need, and then say so in the changelog. A new option at its default must not.
KNOWN: dict[str, tuple[dict[str, t.Any], str]] = {
    "defaults": ({}, "30f0311b8f42ddff21d5bf287cbf8361a1edb50a5c49b707819e434c36024460"),
    "bundle": ({"bundle": FULL}, "0446d05920f0aa1cf5f448eb29b0badffcc5966a3bdebcf69d1c308c8cec7050"),
    "copy": (
        {"artifact": "copy", "restart_policy": "on-failure"},
        "92b3bd43fbcf833fb5487cae7bec6d4d06e091d840afc23f8058e7dc7ee7cf04",
    ),
    "artifact_url": (
        {"artifact_url": "https://repo/orders-3.jar"},
        "ab6a80eeb25fff292faea00b5d44cdc7e49fded99cff76d20704eaf56fc060fe",
    ),
    "kept": ({"auto_remove": False}, "aad3aa281c42a1b4239e66fb2f618e74edac10a972506368b3a48d87e14a4185"),
    "rich": ({"bundle": FULL, **RICH}, "21cd2053804f27052c135c7bbd7781645cabb13ecb2181e61e3c903450d36c50"),
}


@pytest.mark.parametrize(("options", "fingerprint"), KNOWN.values(), ids=list(KNOWN))
def test_known_fingerprints_stay(options: dict[str, t.Any], fingerprint: str) -> None:
    assert make_spec(**options).fingerprint("sha256:0123") == fingerprint


ALIASES = [{"name": "a", "aliases": ["x", "y"]}, {"name": "b", "aliases": None}, {"name": "c", "aliases": ["z"]}]
SAME_OPTIONS: list[tuple[str, t.Any, t.Any]] = [
    ("cap_drop", ["ALL"], ["all"]),
    ("cap_drop", ["NET_RAW", "CHOWN"], ["cap_chown", "CAP_NET_RAW", "chown"]),
    ("security_opts", ["no-new-privileges", "label=disable"], ["label:disable", "no-new-privileges:true"]),
    ("volumes", ["/a:/a", "b:/b:z,ro", "/c"], ["/c", "b:/b:ro,z", "/a:/a:rw"]),
    ("published_ports", ["8080:80", "127.0.0.1:1:2"], ["127.0.0.1:1:2/tcp", "8080:80/tcp"]),
    ("published_ports", ["8080:80", "8081:80", "80"], ["0:80", "8081:80", "08080-8080:80"]),
    ("networks", ALIASES, [{"name": "a", "aliases": ["y", "x"]}, ALIASES[2], {"name": "b", "aliases": []}]),
    ("networks", [], None),
    ("memory", "512m", "512MiB"),
    ("memory", "512 MB", "536870912"),
    ("memory", "0.5g", "524288K"),
    ("cpus", 1, 1.0),
    ("etc_hosts", {"a": "1.1.1.1", "b": "2.2.2.2"}, {"b": "2.2.2.2", "a": "1.1.1.1"}),
    ("etc_hosts", None, {"host.docker.internal": "host-gateway"}),
    ("labels", {"a": True, "b": 1.5}, {"b": "1.5", "a": "true"}),
    ("labels", {}, None),
    ("log_options", {"max-file": 2}, {"max-file": "2"}),
    ("env", {"A": 1.50, "B": False}, {"B": "false", "A": "1.5"}),
    ("healthcheck", {**CHECK, "interval": "1m30s"}, {**CHECK, "interval": "90s"}),
    ("healthcheck", {**CHECK, "timeout": "1500ms"}, {**CHECK, "timeout": "1.5s"}),
    ("healthcheck", {**CHECK, "test": "a b"}, {**CHECK, "test": ["CMD-SHELL", "a b"]}),
    ("healthcheck", {**CHECK, "test": "NONE"}, {**CHECK, "test": ["NONE"]}),
    ("stop_timeout", 30, 7),
    ("stop_signal", "SIGINT", "2"),
    ("stop_signal", "int", "SIGINT"),
    ("stop_signal", "SIGCLD", "CHLD"),
    ("stop_signal", "SIGRTMIN+3", "37"),
    ("stop_signal", "RTMAX-27", "rtmin+3"),
    ("capabilities", ["NET_ADMIN", "chown"], ["CAP_CHOWN", "net_admin", "CHOWN"]),
    ("capabilities", [], None),
    ("groups", ["wheel", "1000"], ["1000", "wheel", "1000"]),
    ("tmpfs", ["/run", "/tmp:size=64m,mode=1777"], ["/tmp:mode=01777,size=65536k", "/run:rw,nosuid,nodev,noexec"]),
    ("tmpfs", ["/run:size=50%,exec"], ["/run:exec,size=50%"]),
    ("ulimits", ["nofile:1024", "nproc:64:128"], ["nproc:64:128", "nofile:1024:1024"]),
    ("memory_reservation", "64m", "65536k"),
    ("memory_swap", "-1", "unlimited"),
    ("cpu_shares", 0, None),
    ("cpuset_cpus", "0,1,2,5", "5,0-2"),
    ("pids_limit", -1, 0),
    ("dns_servers", ["2001:db8::1"], ["2001:0DB8:0::1"]),
    ("dns_search_domains", [], None),
]


@pytest.mark.parametrize(("option", "value", "other"), SAME_OPTIONS)
def test_another_way_to_write_the_same_keeps_the_fingerprint(option: str, value: t.Any, other: t.Any) -> None:
    one, two = (make_spec(**{option: written}) for written in (value, other))
    assert one.fingerprint("i") == two.fingerprint("i")


OTHER_OPTIONS: list[tuple[str, t.Any, t.Any]] = [
    ("cap_drop", ["ALL"], None),
    ("cap_drop", ["CHOWN"], ["CHOWN", "NET_RAW"]),
    ("security_opts", ["no-new-privileges"], ["no-new-privileges=false"]),
    ("volumes", ["/a:/a"], ["/a:/a:ro"]),
    ("volumes", ["/a:/a"], ["/a"]),
    ("published_ports", ["8080:80"], ["8080:80/udp"]),
    ("published_ports", ["8080:80"], ["127.0.0.1:8080:80"]),
    ("published_ports", ["8080-8081:80"], ["8080:80"]),
    ("networks", ALIASES, [ALIASES[1], ALIASES[0], ALIASES[2]]),
    ("networks", ALIASES, ALIASES[:2]),
    ("networks", [ALIASES[1], ALIASES[0]], [ALIASES[1], {"name": "a", "aliases": ["x"]}]),
    ("memory", "512m", "513m"),
    ("memory", "512", "512k"),
    ("cpus", 1, 1.5),
    ("user", "1", "2"),
    ("read_only", True, False),
    ("auto_remove", True, False),
    ("labels", {"a": "1"}, {"a": "2"}),
    ("log_driver", "journald", "local"),
    ("healthcheck", CHECK, {**CHECK, "retries": 2}),
    ("network_mode", "host", "none"),
    ("hostname", "a", None),
    ("init", False, None),
    ("init", True, False),
    ("stop_signal", "INT", "TERM"),
    ("capabilities", ["CHOWN"], None),
    ("groups", ["1"], ["2"]),
    ("tmpfs", ["/run"], ["/run:exec"]),
    ("tmpfs", ["/run"], ["/tmp"]),
    ("ulimits", ["nofile:1024"], ["nofile:1024:2048"]),
    ("memory_reservation", "64m", "65m"),
    ("memory_swap", "unlimited", None),
    ("cpu_shares", 512, 1024),
    ("cpuset_cpus", "0", "0-1"),
    ("pids_limit", 100, -1),
    ("dns_servers", ["192.0.2.1", "192.0.2.2"], ["192.0.2.2", "192.0.2.1"]),
    ("dns_search_domains", ["a", "b"], ["b", "a"]),
]


@pytest.mark.parametrize(("option", "value", "other"), OTHER_OPTIONS)
def test_another_container_has_another_fingerprint(option: str, value: t.Any, other: t.Any) -> None:
    one, two = (make_spec(**{option: written}) for written in (value, other))
    assert one.fingerprint("i") != two.fingerprint("i")


def test_stop_timeout_is_applied_all_the_same() -> None:
    assert make_spec(stop_timeout=7).config(1, "f")["StopTimeout"] == 7


def test_scalars_are_texts_as_json_writes_them() -> None:
    spec = make_spec(
        labels={"t": True, "n": 1.5, "s": ""}, log_options={"o": False}, healthcheck={**CHECK, "test": ["CMD", 1]}
    )
    config = spec.config(1, "f")
    assert {name: config["Labels"][name] for name in "tns"} == {"t": "true", "n": "1.5", "s": ""}
    assert config["HostConfig"]["LogConfig"]["Config"] == {"o": "false"}
    assert config["Healthcheck"]["Test"] == ["CMD", "1"]
    assert "--label t=true" in spec.commands("orders-1", 1)[0]


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        (None, True),
        (["80"], True),
        (["8080-8081:80"], True),
        (["127.0.0.1::80"], True),
        (["0:80"], True),
        (["8080:80"], False),
        (["8080-8080:80"], False),
        (["9000-9001:90", "8080:80"], False),
    ],
)
def test_side_by_side_unless_a_port_of_the_host_is_fixed(ports: list[str] | None, expected: bool) -> None:
    assert make_spec(published_ports=ports).side_by_side is expected


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


def test_command_has_the_flag_of_each_option() -> None:
    spec = make_spec(
        tmpfs=["/run:size=64m"],
        ulimits=["nofile:1024", "nproc:64:128"],
        init=True,
        pids_limit=100,
        memory="64m",
        memory_reservation="32m",
        memory_swap="unlimited",
        cpu_shares=512,
        cpuset_cpus="0-1",
        capabilities=["CHOWN"],
        groups=["wheel", "7"],
        hostname="orders",
        dns_servers=["192.0.2.1", "192.0.2.2"],
        dns_search_domains=["example.com"],
        stop_signal="INT",
    )
    [command] = spec.commands("orders-1", 1)
    for flag in (
        "--tmpfs /run:size=64m",
        "--ulimit nofile=1024:1024 --ulimit nproc=64:128",
        "--init",
        "--pids-limit 100",
        "--memory-reservation 32m",
        "--memory-swap -1",
        "--cpu-shares 512",
        "--cpuset-cpus 0-1",
        "--cap-add=CHOWN",
        "--group-add wheel --group-add 7",
        "--hostname orders",
        "--dns 192.0.2.1 --dns 192.0.2.2",
        "--dns-search example.com",
        "--stop-signal INT",
    ):
        assert f" {flag} " in command
    assert " --init=false " in make_spec(init=False).commands("orders-1", 1)[0]


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


def test_commands_for_a_download_of_another_way() -> None:
    spec = make_spec(
        artifact="copy",
        artifact_url="https://repo/a.jar",
        download_ca_path="/etc/ca.pem",
        download_validate_certs=False,
        use_proxy=False,
    )
    assert spec.download_commands() == [
        "curl --fail --location --cacert /etc/ca.pem --insecure --noproxy '*' --output app.jar https://repo/a.jar"
    ]
    plain = make_spec(artifact="copy", artifact_url="https://repo/a.jar")
    assert spec.fingerprint("i") == plain.fingerprint("i")


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
        ("env", {"A": None}, "env.A: expected a plain value, got null."),
        ("env", {"A": math.inf}, "env.A: expected a plain value, got a number that is not finite."),
        ("labels", {"n": None}, "labels.n: expected a plain value, got null."),
        ("labels", {"m": {"a": 1}}, "labels.m: expected a plain value, got an object."),
        ("log_options", {"tag": ["a"]}, "log_options.tag: expected a plain value, got an array."),
        ("etc_hosts", {"db": None}, "etc_hosts.db: expected a plain value, got null."),
        ("healthcheck", {**CHECK, "test": ["CMD", None]}, "healthcheck.test[1]: expected a plain value, got null."),
        ("healthcheck", {**CHECK, "test": {"CMD": 1}}, "healthcheck.test: expected a command, or a list"),
        ("healthcheck", {**CHECK, "interval": "9" * 400 + "s"}, "healthcheck.interval: expected a duration"),
        ("cpus", math.nan, "cpus: expected a number above 0"),
        ("cpus", math.inf, "cpus: expected a number above 0"),
        ("cpus", 1e300, "cpus: expected a number above 0"),
        ("memory", "9" * 5000, "memory: expected a size such as 512M"),
        ("memory", "9999999999P", "memory: expected a size such as 512M"),
        ("published_ports", ["9" * 5000], "published_ports: expected [address:][host port:]container port"),
        ("published_ports", ["70000"], "published_ports: expected ports up to 65535"),
        ("published_ports", ["9-8:80"], "published_ports: expected ports up to 65535, a range from low to high"),
        ("networks", [{"name": "", "aliases": None}], "networks[0].name: expected a name, got an empty one."),
        ("networks", [ALIASES[0], {"name": "", "aliases": None}], "networks[1].name: expected a name, got an empty"),
        (
            "networks",
            [{"name": "a", "aliases": ["b", ""]}],
            "networks[0].aliases[1]: expected a name, got an empty one",
        ),
        ("user", "a\ud800", "user: expected Unicode text without NUL characters."),
        ("image", "a\0b", "image: expected Unicode text without NUL characters."),
        ("server_url", "http://evento\ud800", "server_url: expected Unicode text without NUL characters."),
        ("volumes", ["/a", "/b\0"], "volumes[1]: expected Unicode text without NUL characters."),
        ("networks", [{"name": "a", "aliases": ["\ud800"]}], "networks[0].aliases[0]: expected Unicode text"),
        ("labels", {"\ud800": "x"}, 'labels["\\ud800"]: expected Unicode text without NUL characters.'),
        ("healthcheck", {**CHECK, "test": ["CMD", "\0"]}, "healthcheck.test[1]: expected Unicode text"),
        ("tmpfs", ["/run", "run"], "tmpfs[1]: expected /path[:options], as in /run:size=64m,mode=1777, got run."),
        ("tmpfs", ["/run:size=much"], "tmpfs[0]: expected a size such as 512M, got much."),
        ("ulimits", ["nofile=1024"], "ulimits[0]: expected name:soft[:hard], the name one of core, cpu, "),
        ("ulimits", ["nproc:1", "files:1024"], "ulimits[1]: expected name:soft[:hard]"),
        (
            "ulimits",
            ["nofile:2:1"],
            "ulimits[0]: expected a soft limit that is not above the hard one, got nofile:2:1.",
        ),
        ("ulimits", ["nofile:-1:1"], "ulimits[0]: expected a soft limit that is not above the hard one"),
        ("ulimits", ["nofile:" + "9" * 5000], "ulimits[0]: expected name:soft[:hard]"),
        ("pids_limit", -2, "pids_limit: expected a number above 0, or -1 for no limit, got -2."),
        ("memory_reservation", "some", "memory_reservation: expected a size such as 512M, got some."),
        ("memory_swap", "some", "memory_swap: expected a size such as 512M, got some."),
        ("memory_swap", "1g", "memory_swap: needs memory, since it is the sum of memory and swap space."),
        ("cpu_shares", 1, "cpu_shares: expected a number from 2 to 262144, or 0 for the default, got 1."),
        ("cpuset_cpus", "1-0", "cpuset_cpus: expected numbers of CPUs and ranges from low to high, as in 0-2,5, got"),
        ("cpuset_cpus", "", "cpuset_cpus: expected numbers of CPUs and ranges"),
        ("groups", ["wheel", ""], "groups[1]: expected a name, got an empty one."),
        ("hostname", "", "hostname: expected a name, got an empty one."),
        ("dns_servers", ["ns.example"], "dns_servers[0]: expected an IP address, got ns.example."),
        ("dns_search_domains", [""], "dns_search_domains[0]: expected a name, got an empty one."),
        ("stop_signal", "SIGNAL", "stop_signal: expected a signal, as SIGINT or 2, got SIGNAL."),
        ("stop_signal", "0", "stop_signal: expected a signal, as SIGINT or 2, got 0."),
        ("stop_signal", "RTMIN+31", "stop_signal: expected a signal, as SIGINT or 2, got RTMIN+31."),
        ("stop_signal", "65", "stop_signal: expected a signal, as SIGINT or 2, got 65."),
    ],
)
def test_unusable_option(option: str, value: t.Any, words: str) -> None:
    with pytest.raises(EventoError, match=re.escape(words)) as caught:
        make_spec(**{option: value})
    assert caught.value.result["failure"] == "invalid_input"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"memory": "64m", "memory_swap": "63m"}, "memory_swap: expected at least memory (64m), since it is the sum"),
        ({"memory": "64m", "memory_reservation": "65m"}, "memory_reservation: expected at most memory (64m), got 65m."),
    ],
)
def test_sizes_that_do_not_go_together(options: dict[str, t.Any], words: str) -> None:
    with pytest.raises(EventoError, match=re.escape(words)):
        make_spec(**options)
