# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option that shapes the container, as the engine tells of it afterwards."""

from __future__ import annotations

import json
import time
import typing as t
import uuid

import docker
import pytest

from lab import Lab
from lab.server import EventoServer
from tests.integration.deployment import Deployment, new_bundle, run_module
from tests.integration.image.containers import ARTIFACT_DIR
from tests.integration.script_image import script_image
from tests.until import until

MEGABYTE = 2**20
SECOND = 10**9
VOLUME = f"evento-test-{uuid.uuid4().hex[:10]}"
QUICK: dict[str, t.Any] = {"ready_when": "running", "ready_after": 0}

# The part of an inspection where an option shows: a path, or a function for what is not to be compared as it is.
Look = str | t.Callable[[dict[str, t.Any]], t.Any]


def mounts(details: dict[str, t.Any]) -> dict[str, tuple[str, bool]]:
    found = {mount["Destination"]: (mount["Type"], mount["RW"]) for mount in details["Mounts"]}
    # The image's own.
    del found[ARTIFACT_DIR]
    return found


def labels(details: dict[str, t.Any]) -> dict[str, str]:
    return {name: text for name, text in details["Config"]["Labels"].items() if name.startswith("team")}


def variables(details: dict[str, t.Any]) -> set[str]:
    return {line for line in details["Config"]["Env"] if line.startswith("TEST_")}


# Option, value, where the engine shows it, and what it shows there: these all go together on one container.
SHAPE: list[tuple[str, t.Any, Look, t.Any]] = [
    ("memory", "64M", "HostConfig.Memory", 64 * MEGABYTE),
    ("memory_reservation", "32M", "HostConfig.MemoryReservation", 32 * MEGABYTE),
    ("cpus", 0.5, "HostConfig.NanoCpus", SECOND // 2),
    ("cpu_shares", 512, "HostConfig.CpuShares", 512),
    ("cpuset_cpus", "0", "HostConfig.CpusetCpus", "0"),
    ("pids_limit", 100, "HostConfig.PidsLimit", 100),
    (
        "ulimits",
        ["nproc:4000", "nofile:1024:2048"],
        "HostConfig.Ulimits",
        [{"Name": "nofile", "Soft": 1024, "Hard": 2048}, {"Name": "nproc", "Soft": 4000, "Hard": 4000}],
    ),
    ("init", True, "HostConfig.Init", True),
    ("groups", ["1236", "1235"], "HostConfig.GroupAdd", ["1235", "1236"]),
    ("capabilities", ["SYS_TIME"], "HostConfig.CapAdd", ["SYS_TIME"]),
    ("hostname", "orders", "Config.Hostname", "orders"),
    ("dns_servers", ["192.0.2.2", "192.0.2.1"], "HostConfig.Dns", ["192.0.2.2", "192.0.2.1"]),
    ("dns_search_domains", ["b.example", "a.example"], "HostConfig.DnsSearch", ["b.example", "a.example"]),
    (
        "tmpfs",
        ["/run:size=1m,mode=1777", "/scratch"],
        "HostConfig.Tmpfs",
        {"/run": f"mode=1777,size={MEGABYTE}", "/scratch": ""},
    ),
    ("user", "1234:1234", "Config.User", "1234:1234"),
    ("read_only", True, "HostConfig.ReadonlyRootfs", True),
    ("cap_drop", ["NET_RAW", "CHOWN"], "HostConfig.CapDrop", ["CHOWN", "NET_RAW"]),
    ("security_opts", ["no-new-privileges"], "HostConfig.SecurityOpt", ["no-new-privileges"]),
    ("log_driver", "local", "HostConfig.LogConfig.Type", "local"),
    ("log_options", {"max-file": 2}, "HostConfig.LogConfig.Config", {"max-file": "2"}),
    ("labels", {"team": "blue", "team.size": 3}, labels, {"team": "blue", "team.size": "3"}),
    (
        "etc_hosts",
        {"db.example": "192.0.2.7"},
        "HostConfig.ExtraHosts",
        ["db.example:192.0.2.7", "host.docker.internal:host-gateway"],
    ),
    (
        "healthcheck",
        {"test": "true", "interval": "1m30s", "timeout": "5s", "start_period": "1h", "retries": 7},
        "Config.Healthcheck",
        {
            "Test": ["CMD-SHELL", "true"],
            "Interval": 90 * SECOND,
            "Timeout": 5 * SECOND,
            "StartPeriod": 3600 * SECOND,
            "Retries": 7,
        },
    ),
    (
        "volumes",
        ["/tmp:/host:ro", f"{VOLUME}:/named", "/anonymous"],
        mounts,
        {"/host": ("bind", False), "/named": ("volume", True), "/anonymous": ("volume", True)},
    ),
    ("published_ports", ["8080"], "HostConfig.PortBindings", {"8080/tcp": [{"HostIp": "", "HostPort": ""}]}),
    ("restart_policy", "on-failure", "HostConfig.RestartPolicy.Name", "on-failure"),
    ("stop_signal", "INT", "Config.StopSignal", "SIGINT"),
    ("stop_timeout", 7, "Config.StopTimeout", 7),
    (
        "env",
        {"TEST_BOTH": "option", "TEST_FLAG": True, "TEST_NUMBER": 1.5},
        variables,
        {"TEST_BUNDLE=bundle", "TEST_BOTH=option", "TEST_FLAG=true", "TEST_NUMBER=1.5"},
    ),
]

# Applied, but no reason to replace an instance.
NOT_COMPARED = ("stop_timeout",)

# The same for values that do not go together with others.
ALONE: list[tuple[str, t.Any, Look, t.Any]] = [
    ("network_mode", "none", "HostConfig.NetworkMode", "none"),
    ("network_mode", "host", "HostConfig.NetworkMode", "host"),
    ("healthcheck", {"test": "NONE"}, "Config.Healthcheck", {"Test": ["NONE"]}),
    ("healthcheck", {"test": ["CMD", "true", "it is"]}, "Config.Healthcheck", {"Test": ["CMD", "true", "it is"]}),
    ("etc_hosts", {"host.docker.internal": "192.0.2.1"}, "HostConfig.ExtraHosts", ["host.docker.internal:192.0.2.1"]),
    ("init", False, "HostConfig.Init", False),
    ("restart_policy", "always", "HostConfig.AutoRemove", False),
    ("restart_policy", "unless-stopped", "HostConfig.RestartPolicy.Name", "unless-stopped"),
    ("log_options", {"max-size": "1m"}, "HostConfig.LogConfig", {"Type": "json-file", "Config": {"max-size": "1m"}}),
]


def copied(server: EventoServer) -> dict[str, t.Any]:
    """The JAR is copied, which a restart policy needs."""
    return {"artifact": "copy", "server_url": server.url}


def seen(details: dict[str, t.Any], look: Look) -> t.Any:
    if callable(look):
        return look(details)
    found: t.Any = details
    for key in look.split("."):
        found = found[key]
    return found


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient) -> str:
    return script_image(engine, "volume", f"VOLUME {ARTIFACT_DIR}\n".encode())


@pytest.fixture(scope="module")
def shaped(lab: Lab, engine: docker.DockerClient, image: str) -> t.Iterator[Deployment]:
    """One instance with all of SHAPE."""
    bundle = {**new_bundle(), "environment": {"TEST_BUNDLE": "bundle", "TEST_BOTH": "bundle"}}
    options = {**QUICK, "image": image, **{name: value for name, value, _look, _expected in SHAPE}}
    with lab.server() as server:
        deployment = Deployment(lab, engine, server, bundle, {**options, **copied(server)})
        deployment.publish()
        result = deployment.run()
        assert "failed" not in result, result["msg"]
        try:
            yield deployment
        finally:
            deployment.remove()
            engine.api.remove_volume(VOLUME)


@pytest.mark.docker_engines
@pytest.mark.parametrize(("name", "value", "look", "expected"), SHAPE, ids=[row[0] for row in SHAPE])
def test_option_reaches_the_engine(shaped: Deployment, name: str, value: t.Any, look: Look, expected: t.Any) -> None:
    (container,) = shaped.containers()
    assert seen(container.attrs, look) == expected
    # Without the option the instance that has it is outdated, but for some; what the run would do has to say so.
    shaped.options.pop(name)
    try:
        planned = shaped.run(check_mode=True)["actions"]
    finally:
        shaped.options[name] = value
    expected_plan = [] if name in NOT_COMPARED else [("start", True)]
    assert [(row["what"], row["why"].endswith("outdated")) for row in planned[:1]] == expected_plan


REWRITTEN: dict[str, t.Any] = {
    "memory": "67108864",
    "memory_reservation": "32768k",
    "cpuset_cpus": "0-0",
    "ulimits": ["nofile:1024:2048", "nproc:4000:4000"],
    "groups": ["1235", "1236"],
    "tmpfs": ["/scratch:rw", "/run:mode=01777,size=1024k"],
    "stop_signal": "2",
    "capabilities": ["cap_sys_time"],
    "cap_drop": ["chown", "CAP_NET_RAW"],
    "security_opts": ["no-new-privileges:true"],
    "volumes": ["/anonymous", f"{VOLUME}:/named:rw", "/tmp:/host:ro"],
    "published_ports": ["8080/tcp"],
    "labels": {"team.size": "3", "team": "blue"},
    "stop_timeout": 8,
}


@pytest.mark.docker_engines
def test_the_same_options_written_otherwise_change_nothing(shaped: Deployment) -> None:
    result = shaped.run(check_mode=True, **REWRITTEN)
    assert (result["changed"], result["actions"]) == (False, [])


@pytest.mark.docker_engines
def test_same_options_again_change_nothing(shaped: Deployment) -> None:
    assert not shaped.run()["changed"]


@pytest.mark.parametrize(("name", "value", "look", "expected"), ALONE, ids=[f"{row[0]}-{row[1]}" for row in ALONE])
def test_option_by_itself(
    deployment: Deployment, image: str, name: str, value: t.Any, look: Look, expected: t.Any
) -> None:
    deployment.options = {**QUICK, **copied(deployment.server), "image": image, name: value}
    result = deployment.run()
    assert "failed" not in result, result["msg"]
    assert seen(deployment.containers()[0].attrs, look) == expected
    assert not deployment.run()["changed"]


def test_defaults_are_the_documented_call(deployment: Deployment, image: str) -> None:
    parameters = {
        "docker_host": deployment.lab.docker_host,
        "bundle": json.dumps(deployment.bundle),
        "token": "a token/with=signs",
    }
    command = run_module("evento_bundle", parameters, check_mode=True)["commands"][0]
    assert command.startswith("docker run --detach ")
    assert " --rm " in command
    assert command.endswith(" evento-bundle-container")

    run_module("evento_bundle", {**parameters, **QUICK, "image": image})
    (container,) = deployment.containers()
    assert set(container.attrs["Config"]["Env"]) >= {
        f"APP_JAR_URL=http://host.docker.internal:3000/asset/bundle/{deployment.id}?token=a%20token%2Fwith%3Dsigns",
        "VM_ARGS=-Xmx64m",
    }
    host_config = container.attrs["HostConfig"]
    assert host_config["AutoRemove"]
    assert host_config["ExtraHosts"] == ["host.docker.internal:host-gateway"]
    assert not container.attrs["Config"]["AttachStdout"]
    container.kill()
    until(lambda: not deployment.names(), "the instance removes itself", 20)


@pytest.mark.parametrize(("value", "seen_by_the_engine"), [("96M", 96 * MEGABYTE), ("unlimited", -1)])
def test_limit_of_swap_space(deployment: Deployment, image: str, value: str, seen_by_the_engine: int) -> None:
    deployment.options = {**QUICK, "image": image, "memory": "64M", "memory_swap": value}
    result = deployment.run()
    assert "failed" not in result, result["msg"]
    assert deployment.containers()[0].attrs["HostConfig"]["MemorySwap"] == seen_by_the_engine
    assert not deployment.run()["changed"]


@pytest.mark.parametrize(("stop_signal", "first"), [(None, "15"), ("USR1", "10")])
def test_deaf_instance_is_killed_after_stop_timeout(
    deployment: Deployment, engine: docker.DockerClient, stop_signal: str | None, first: str
) -> None:
    deployment.publish(environment={"DEMO_BEHAVIOUR": "deaf"})
    deployment.options = {"stop_signal": stop_signal}
    deployment.run()
    began = time.time()
    assert deployment.run(state="stopped", stop_timeout=1)["changed"]
    assert deployment.names() == []
    told = engine.events(
        since=int(began), until=int(time.time()) + 1, filters={"label": f"evento.bundle={deployment.id}"}, decode=True
    )
    signals = [event["Actor"]["Attributes"]["signal"] for event in told if event["Action"] == "kill"]
    assert signals == [first, "9"]
