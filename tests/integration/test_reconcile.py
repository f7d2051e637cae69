# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook evento.docker.reconcile: a host runs what Evento Server knows."""

from __future__ import annotations

import json
import re
import secrets
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from lab import Lab
from lab.server import EventoServer, Fault
from tests.integration.ansible_playbook import ansible_playbook
from tests.integration.deployment import Deployment
from tests.integration.fleet import Fleet
from tests.integration.script_image import script_image


@dataclass
class Reconcile:
    """Runs the playbook against a server of its own, for bundles of a project of its own.

    :param fleet: the bundles.
    """

    fleet: Fleet
    server: EventoServer
    key: str
    directory: Path

    def knows(self, name: str, **more: t.Any) -> dict[str, t.Any]:
        """Let the server know a bundle, one that it starts by itself."""
        bundle = self.fleet.bundle(name, **{"autorun": True, "deployable": True, **more})
        self.server.catalogue.add(bundle)
        return bundle

    def run(self, *options: str, hosts: dict[str, t.Any] | None = None, **variables: t.Any) -> tuple[int, str]:
        """Exit code and output of a run, which shows no secret."""
        given = {
            "evento_bundle_hosts": "all",
            "evento_bundle_project": self.fleet.project,
            "evento_bundle_image": self.fleet.options["image"],
            "evento_reconcile_server_url": self.server.url,
            "evento_reconcile_signing_key": self.key,
            **variables,
        }
        here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        hosts = {"here": {}} if hosts is None else hosts
        inventory = {
            "all": {
                "hosts": {
                    name: {"evento_bundle_docker_host": self.fleet.lab.docker_host, **hosts[name]} for name in hosts
                },
                "vars": here,
            }
        }
        (self.directory / "hosts.json").write_text(json.dumps(inventory))
        (self.directory / "variables.json").write_text(json.dumps(given))
        words = ("evento.docker.reconcile", "-i", "hosts.json", "-e", "@variables.json", *options)
        finished = ansible_playbook(self.directory, *words)
        output = finished.stdout + finished.stderr
        # The header of a token, too.
        assert not re.search(f"{re.escape(self.key)}|planted|eyJ", output), output
        return finished.returncode, output

    def asked(self) -> list[str]:
        """What the server was asked for since the last time."""
        paths = [request.path.removeprefix("/api/bundle/") for request in self.server.requests]
        self.server.requests.clear()
        return paths


@pytest.fixture
def reconcile(lab: Lab, engine: docker.DockerClient, tmp_path: Path) -> t.Iterator[Reconcile]:
    key = secrets.token_hex(32)
    fleet = Fleet(lab, engine, {"image": script_image(engine)})
    with lab.server(signing_key=key) as server:
        try:
            yield Reconcile(fleet, server, key, tmp_path)
        finally:
            fleet.remove()


def test_host_runs_what_the_server_starts_by_itself(reconcile: Reconcile) -> None:
    a, b = (reconcile.knows(name, environment={"SECRET": "planted"}, minInstances=2) for name in "ab")
    reconcile.knows("on-demand", autorun=False)
    reconcile.knows("a-library", deployable=False)
    code, output = reconcile.run("-vvv", "--diff")
    assert code == 0, output
    assert sorted(reconcile.fleet.running()) == ["a-1", "a-2", "b-1", "b-2"]
    for bundle in (a, b):
        name = bundle["id"]
        assert f'"{name} v1: 0 -> 2 running, started {name}-1 and {name}-2"' in output
    code, output = reconcile.run()
    assert (code, re.findall("changed=(.)", output)) == (0, ["0"]), output
    assert f'"{a["id"]} v1: 2 running, nothing to do"' in output


def test_only_those_named(reconcile: Reconcile) -> None:
    names = [reconcile.knows(name, autorun=name == "c")["id"] for name in "abc"]
    for chosen in (names[:2], ",".join(names[:2])):
        code, output = reconcile.run(evento_reconcile_bundles=chosen)
        assert code == 0, output
        assert sorted(reconcile.fleet.running()) == ["a-1", "b-1"]
        assert reconcile.asked() == names[:2]


def test_what_the_server_knows_no_more_is_pruned_where_that_is_asked_for(reconcile: Reconcile) -> None:
    reconcile.fleet.run(reconcile.fleet.bundle("old"))
    reconcile.knows("a")
    assert reconcile.run("--check", evento_bundle_prune=True)[0] == 0
    assert sorted(reconcile.fleet.running()) == ["old-1"]
    assert reconcile.run()[0] == 0
    assert sorted(reconcile.fleet.running()) == ["a-1", "old-1"]
    code, output = reconcile.run(evento_bundle_prune=True)
    assert code == 0, output
    assert sorted(reconcile.fleet.running()) == ["a-1"]
    assert f'"{reconcile.fleet.id("old")}: 1 -> 0 running, stopped {reconcile.fleet.id("old")}-1"' in output


def test_server_that_knows_nothing_stops_nothing(reconcile: Reconcile) -> None:
    reconcile.fleet.run(reconcile.fleet.bundle("old"))
    code, output = reconcile.run(evento_bundle_prune=True)
    assert code != 0
    assert "set prune_all if that is meant" in output
    assert sorted(reconcile.fleet.running()) == ["old-1"]


def test_nothing_that_the_server_says_is_evaluated(reconcile: Reconcile) -> None:
    trap = reconcile.directory / "trap"
    evil = "{{ lookup('pipe', 'touch " + str(trap) + "') }}"
    fields = ("description", "detail", "linePrefix", "artifactCoordinates", "artifactOriginalName", "bucketType")
    environment = {evil: evil, "OBJECT": "{'a': 1}", "NUMBER": "[1]", "TAG": "{% raw %}x{% endraw %}"}
    bundle = reconcile.knows(
        f"{evil}-orders",
        environment=environment,
        vmOptions={evil: evil},
        **dict.fromkeys(fields, evil),
    )
    code, output = reconcile.run("-vvv", "--diff")
    assert code == 0, output
    [container] = reconcile.fleet.running().values()
    assert container.labels["evento.bundle"] == bundle["id"]
    given = set(container.attrs["Config"]["Env"])
    assert given >= {f"{name}={value}" for name, value in environment.items()}
    assert any(evil in text for text in given if text.startswith("VM_ARGS="))
    assert "changed=0" in reconcile.run()[1]
    assert not trap.exists()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(status=403), "refused the token: it lacks the role ROLE_WEB"),
        (Fault(status=502), "answered 502 when it was asked for its list of bundles"),
        (Fault(body=b"<html>"), "answered with something else than a list of bundles"),
    ],
    ids=["forbidden", "not-up", "another-program"],
)
def test_server_that_refuses(reconcile: Reconcile, fault: Fault, said: str) -> None:
    reconcile.knows("a")
    reconcile.server.fault = fault
    code, output = reconcile.run(hosts={"one": {}, "two": {}}, evento_bundle_prune=True)
    assert code != 0
    assert f"Evento Server at {reconcile.server.url} {said}" in output
    assert reconcile.asked() == [""]
    assert reconcile.fleet.running() == {}


def test_wrong_key(reconcile: Reconcile) -> None:
    reconcile.knows("a")
    code, output = reconcile.run("-vvv", evento_reconcile_signing_key="planted and not the server's own key")
    assert code != 0
    assert "refused the token: it has expired, or was not made with this server's evento.security.signing.key" in output


def test_server_is_asked_once_for_all_hosts_and_one_that_fails_stops_no_other(reconcile: Reconcile) -> None:
    name = reconcile.knows("a")["id"]
    hosts = {"away": {"evento_bundle_docker_host": "unix:///nowhere/docker.sock"}, "here": {}}
    code, output = reconcile.run(hosts=hosts)
    assert code != 0
    assert "Could not connect to the Docker engine" in output
    assert sorted(reconcile.fleet.running()) == ["a-1"]
    assert reconcile.asked() == ["", name]


def test_one_bundle_that_fails_stops_no_other(reconcile: Reconcile) -> None:
    good, bad = reconcile.knows("a"), reconcile.knows("b", script="exit 9")
    code, output = reconcile.run()
    assert code != 0
    assert f'"{good["id"]} v1: 0 -> 1 running, started {good["id"]}-1"' in output
    assert re.search(f'"{bad["id"]}.*the script was told to fail', output)


def test_instances_download_with_the_token(reconcile: Reconcile, deployment: Deployment) -> None:
    reconcile.server.catalogue.add(deployment.bundle)
    reconcile.server.publish(deployment.id, deployment.lab.jar())
    code, output = reconcile.run(
        evento_bundle_image=deployment.lab.image,
        evento_bundle_server_url=reconcile.server.container_url,
    )
    assert code == 0, output
    assert deployment.names() == [f"{deployment.id}-1"]
