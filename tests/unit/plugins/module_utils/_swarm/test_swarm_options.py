# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each option becomes on a swarm, and what a swarm cannot have."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.bundle import parse_bundle
from ansible_collections.evento.docker.plugins.module_utils._container.options import CONTAINER_ARGS
from ansible_collections.evento.docker.plugins.module_utils._run.backends import make_spec
from ansible_collections.evento.docker.plugins.module_utils._run.options import BUNDLE_ARGS
from ansible_collections.evento.docker.plugins.module_utils._swarm.options import TABLE
from ansible_collections.evento.docker.plugins.module_utils._swarm.spec import ServiceSpec

_DEFAULTS = {name: option.get("default") for name, option in {**BUNDLE_ARGS, **CONTAINER_ARGS}.items()}
_BUNDLE = {"id": "orders", "version": 3}


def spec(bundle: dict[str, t.Any] | None = None, **options: t.Any) -> ServiceSpec:
    given = {**_DEFAULTS, "backend": "swarm", "artifact_url": "http://store/app.jar", "token": None, **options}
    parsed = parse_bundle(json.dumps({**_BUNDLE, **(bundle or {})}), True, has_artifact=True)
    made = make_spec(parsed, given)
    assert isinstance(made, ServiceSpec)
    return made


def task(**options: t.Any) -> dict[str, t.Any]:
    template: dict[str, t.Any] = spec(**options).config(1, "f")["TaskTemplate"]
    return template


def test_every_option_has_its_line() -> None:
    assert set(TABLE) == set(CONTAINER_ARGS)


def test_defaults() -> None:
    config = spec().config(2, "f")
    assert config["Mode"] == {"Replicated": {"Replicas": 0}}
    assert config["Labels"]["evento.slot"] == "2"
    container = config["TaskTemplate"].pop("ContainerSpec")
    assert container.pop("Labels") == config["Labels"]
    assert container == {
        "Image": "evento-bundle-container",
        "Env": ["APP_JAR_URL=http://store/app.jar"],
        "Hosts": ["host-gateway host.docker.internal"],
        "StopGracePeriod": 30 * 10**9,
    }
    assert config["TaskTemplate"] == {"RestartPolicy": {"Condition": "on-failure"}, "Placement": {"Constraints": []}}


CONTAINER: list[tuple[dict[str, t.Any], dict[str, t.Any], str]] = [
    ({"user": "1000:1000"}, {"User": "1000:1000"}, "--user 1000:1000"),
    ({"read_only": True}, {"ReadOnly": True}, "--read-only"),
    ({"init": True}, {"Init": True}, "--init=true"),
    ({"cap_drop": ["all"]}, {"CapabilityDrop": ["ALL"]}, "--cap-drop ALL"),
    ({"capabilities": ["NET_ADMIN"]}, {"CapabilityAdd": ["NET_ADMIN"]}, "--cap-add NET_ADMIN"),
    ({"groups": ["audio"]}, {"Groups": ["audio"]}, "--group audio"),
    ({"hostname": "o-{{x"}, {"Hostname": 'o-{{"{{"}}x'}, "--hostname 'o-{{\"{{\"}}x'"),
    ({"stop_signal": "INT"}, {"StopSignal": "SIGINT"}, "--stop-signal INT"),
    ({"stop_timeout": 5}, {"StopGracePeriod": 5 * 10**9}, "--stop-grace-period 5s"),
    (
        {"dns_servers": ["10.0.0.1"], "dns_search_domains": ["example.com"]},
        {"DNSConfig": {"Nameservers": ["10.0.0.1"], "Search": ["example.com"]}},
        "--dns 10.0.0.1 --dns-search example.com",
    ),
    (
        {"ulimits": ["nofile:100:200"]},
        {"Ulimits": [{"Name": "nofile", "Soft": 100, "Hard": 200}]},
        "--ulimit nofile=100:200",
    ),
    (
        {"etc_hosts": {"db": "10.0.0.2"}},
        {"Hosts": ["10.0.0.2 db", "host-gateway host.docker.internal"]},
        "--host=db:10.0.0.2",
    ),
    (
        {"healthcheck": {"test": "true", "interval": "1m", "timeout": None, "start_period": None, "retries": 2}},
        {"Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 60 * 10**9, "Retries": 2}},
        "--health-cmd true --health-interval 60s --health-retries 2",
    ),
    (
        {"volumes": ["/srv/{{x}}:/data:ro", "named:/cache:nocopy", "/anonymous"]},
        {
            "Mounts": [
                {"Type": "bind", "Source": '/srv/{{"{{"}}x}}', "Target": "/data", "ReadOnly": True},
                {"Type": "volume", "Source": "named", "Target": "/cache", "VolumeOptions": {"NoCopy": True}},
                {"Type": "volume", "Target": "/anonymous"},
            ]
        },
        "--mount type=volume,source=named,target=/cache,volume-nocopy",
    ),
    (
        {"tmpfs": ["/run:size=1m,mode=1770"]},
        {"Mounts": [{"Type": "tmpfs", "Target": "/run", "TmpfsOptions": {"SizeBytes": 2**20, "Mode": 0o1770}}]},
        "--mount type=tmpfs,target=/run,tmpfs-size=1048576,tmpfs-mode=1770",
    ),
]
TASK: list[tuple[dict[str, t.Any], dict[str, t.Any], str]] = [
    (
        {"memory": "1g", "cpus": 1.5, "pids_limit": 9, "memory_reservation": "512m"},
        {
            "Resources": {
                "Limits": {"MemoryBytes": 2**30, "NanoCPUs": 15 * 10**8, "Pids": 9},
                "Reservations": {"MemoryBytes": 2**29},
            }
        },
        "--limit-memory 1g --reserve-memory 512m --limit-cpu 1.5 --limit-pids 9",
    ),
    (
        {"log_driver": "local", "log_options": {"max-size": "1m"}},
        {"LogDriver": {"Name": "local", "Options": {"max-size": "1m"}}},
        "--log-driver local --log-opt max-size=1m",
    ),
    ({"network_mode": "host"}, {"Networks": [{"Target": "host"}]}, "--network host"),
    (
        {"networks": [{"name": "back", "aliases": ["o"]}, {"name": "front", "aliases": None}]},
        {"Networks": [{"Target": "back", "Aliases": ["o"]}, {"Target": "front", "Aliases": []}]},
        "--network name=back,alias=o --network name=front",
    ),
    (
        {"constraints": ["node.role==worker"], "reschedule": False},
        {"Placement": {"Constraints": ["node.role==worker"]}, "RestartPolicy": {"Condition": "none"}},
        "--restart-condition none --constraint node.role==worker",
    ),
]


@pytest.mark.parametrize(("options", "expected", "flags"), CONTAINER, ids=lambda value: str(value)[:30])
def test_what_goes_to_the_container(options: dict[str, t.Any], expected: dict[str, t.Any], flags: str) -> None:
    container = task(**options)["ContainerSpec"]
    assert {key: container.get(key) for key in expected} == expected
    assert flags in spec(**options).commands("orders-1", 1)[0]


@pytest.mark.parametrize(("options", "expected", "flags"), TASK, ids=lambda value: str(value)[:30])
def test_what_goes_to_the_task(options: dict[str, t.Any], expected: dict[str, t.Any], flags: str) -> None:
    template = task(**options)
    assert {key: template.get(key) for key in expected} == expected
    assert flags in spec(**options).commands("orders-1", 1)[0]


def test_ports_are_those_of_the_node() -> None:
    config = spec(published_ports=["8080:80", "53/udp"]).config(1, "f")
    assert config["EndpointSpec"] == {
        "Ports": [
            {"Protocol": "udp", "TargetPort": 53, "PublishMode": "host"},
            {"Protocol": "tcp", "TargetPort": 80, "PublishMode": "host", "PublishedPort": 8080},
        ]
    }
    assert not spec(published_ports=["8080:80"]).side_by_side


def test_labels_stand_on_service_and_container() -> None:
    config = spec(labels={"team": "shop"}).config(1, "f")
    assert config["Labels"]["team"] == config["TaskTemplate"]["ContainerSpec"]["Labels"]["team"] == "shop"
    assert "--label team=shop --container-label team=shop" in spec(labels={"team": "shop"}).commands("orders-1", 1)[0]


@pytest.mark.parametrize(
    "options",
    [
        {"restart_policy": "on-failure", "artifact": "copy"},
        {"auto_remove": False},
        {"security_opts": ["no-new-privileges"]},
        {"memory": "1g", "memory_swap": "2g"},
        {"cpu_shares": 512},
        {"cpuset_cpus": "0"},
        {"network_mode": "container:x"},
        {"log_driver": "none"},
        {"published_ports": ["127.0.0.1:80:80"]},
        {"published_ports": ["8000-8010:80"]},
        {"volumes": ["/a:/b:z"]},
        {"tmpfs": ["/run:uid=5"]},
        {"artifact": "copy"},
        {"constraints": ["zone a"]},
    ],
    ids=str,
)
def test_what_a_swarm_cannot_have(options: dict[str, t.Any]) -> None:
    with pytest.raises(EventoError) as caught:
        spec(**options)
    assert caught.value.result["failure"] == "invalid_input"
    assert any(name in str(caught.value) for name in options)


def test_a_token_is_refused_where_an_instance_is_started_again() -> None:
    with pytest.raises(EventoError, match="set artifact: image, or artifact_url, or reschedule: false"):
        spec(artifact_url=None, token="secret")
    assert "secret" in str(spec(artifact_url=None, token="secret", reschedule=False).config(1, "f"))


def test_a_token_is_no_matter_where_the_jar_is_in_the_image() -> None:
    made = spec(artifact="image", repository="store/bundles", artifact_url=None, token="secret")
    assert "secret" not in str(made.config(1, "f"))


def test_constraints_need_a_swarm() -> None:
    with pytest.raises(EventoError, match="constraints: needs backend: swarm"):
        spec(backend="containers", constraints=["node.role==worker"])


@pytest.mark.parametrize("value", ["{{.Service.Name}}", "{{foo}}", "{{{", "}}", '{{ "{{" }}'])
def test_values_are_escaped_and_shown_nowhere(value: str) -> None:
    made = spec({"environment": {"A": value}})
    [variable] = [one for one in made.config(1, "f")["TaskTemplate"]["ContainerSpec"]["Env"] if one.startswith("A=")]
    # What a template evaluates to is what stands there less the escapes.
    assert variable.replace('{{"{{"}}', "{{") == f"A={value}"
    assert variable.replace('{{"{{"}}', "").count("{{") == 0
    assert "A=********" in made.commands("orders-1", 1)[0]


def test_the_fingerprint_follows_what_only_a_swarm_has() -> None:
    known = {
        spec(**options).fingerprint("i")
        for options in ({}, {"reschedule": False}, {"constraints": ["node.role==worker"]})
    }
    assert len(known) == 3
    both = ["node.role==worker", "node.labels.a==b"]
    assert spec(constraints=both).fingerprint("i") == spec(constraints=both[::-1]).fingerprint("i")
