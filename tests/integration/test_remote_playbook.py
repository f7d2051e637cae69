# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bundles on several hosts, which Ansible reaches over SSH: with the role, the playbook, and evento-deploy."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import typing as t
import venv
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.integration.ansible_playbook import ansible_playbook
from tests.integration.deployment import WRAPPER, Deployment
from tests.integration.hosts import Fleet

ROLE = """
- hosts: all
  gather_facts: false
  environment:
    PATH: "{python}:/usr/bin:/bin"
    PIP_NO_INDEX: "1"
    PIP_FIND_LINKS: "{wheels}"
  roles:
    - role: evento.docker.evento_bundle
"""
# As Ansible counts them in the end, by host.
_RECAP = re.compile(r"^(host\d) +: ok=\d+ +changed=(\d+) +unreachable=(\d) +failed=(\d)", re.M)


class Outcome(t.NamedTuple):
    """How a play went: Ansible's exit code, its output, and per host what changed, was unreachable, and failed."""

    code: int
    output: str
    hosts: dict[str, tuple[int, int, int]]


@pytest.fixture
def play(fleet: Fleet, everywhere: list[Deployment], tmp_path: Path) -> t.Callable[..., Outcome]:
    """Runs a playbook on the hosts with variables of the role."""

    def run(playbook: str, *options: str, interpreter: str = sys.executable, **variables: t.Any) -> Outcome:
        first = everywhere[0]
        given = {
            "hosts": "all",
            "bundle": json.dumps(first.bundle),
            "token": first.server.token(),
            "server_url": first.server.url,
            **variables,
        }
        (tmp_path / "variables.json").write_text(json.dumps({f"evento_bundle_{key}": given[key] for key in given}))
        inventory = fleet.inventory(ansible_python_interpreter=interpreter)
        (tmp_path / "inventory.json").write_text(json.dumps(inventory))
        words = (playbook, "-i", "inventory.json", "-e", "@variables.json", *options)
        settings = {"ANSIBLE_PIPELINING": "1", "ANSIBLE_TIMEOUT": "5", "ANSIBLE_NOCOLOR": "1"}
        finished = ansible_playbook(tmp_path, *words, **fleet.variables, **settings)
        output = finished.stdout + finished.stderr
        counted = {name: (int(a), int(b), int(c)) for name, a, b, c in _RECAP.findall(output)}
        return Outcome(finished.returncode, output, counted)

    return run


def running(everywhere: list[Deployment]) -> list[int]:
    """How many instances each host has."""
    return [len(deployment.containers()) for deployment in everywhere]


CHANGED, SAME, UNREACHABLE, FAILED = (1, 0, 0), (0, 0, 0), (0, 1, 0), (0, 0, 1)


@pytest.mark.parametrize("artifact", ["url", "copy"])
def test_each_host_has_the_instances_that_are_asked_for(
    play: t.Callable[..., Outcome], everywhere: list[Deployment], artifact: str
) -> None:
    outcome = play("evento.docker.deploy", instances=2, artifact=artifact)
    assert outcome.code == 0, outcome.output
    assert outcome.hosts == dict.fromkeys(("host1", "host2", "host3"), CHANGED)
    assert running(everywhere) == [2, 2, 2]
    # The sentence of each host.
    name = everywhere[0].id
    assert outcome.output.count(f'"msg": "{name} v1: 0 -> 2 running, started {name}-1 and {name}-2"') == 3
    again = play("evento.docker.deploy", artifact=artifact)
    assert again.hosts == dict.fromkeys(("host1", "host2", "host3"), SAME)


def test_host_that_is_down_stops_no_other_and_is_named(
    play: t.Callable[..., Outcome], fleet: Fleet, everywhere: list[Deployment]
) -> None:
    fleet.hosts[1].unplug()
    try:
        outcome = play("evento.docker.deploy")
    finally:
        fleet.hosts[1].plug()
    assert outcome.hosts == {"host1": CHANGED, "host2": UNREACHABLE, "host3": CHANGED}, outcome.output
    assert outcome.code != 0
    assert re.search(rf"\[host2\]: UNREACHABLE!.*{re.escape(fleet.hosts[1].address)}", outcome.output)
    assert running(everywhere) == [1, 0, 1]
    assert play("evento.docker.deploy").hosts == {"host1": SAME, "host2": CHANGED, "host3": SAME}


def test_engine_that_is_down_stops_no_other_host_and_is_named(
    play: t.Callable[..., Outcome], fleet: Fleet, everywhere: list[Deployment]
) -> None:
    fleet.hosts[2].stop()
    try:
        outcome = play("evento.docker.deploy")
    finally:
        fleet.hosts[2].start()
    assert outcome.hosts == {"host1": CHANGED, "host2": CHANGED, "host3": FAILED}, outcome.output
    message = "Could not connect to the Docker engine at unix:///var/run/docker.sock on host3: there is no such socket"
    assert message in " ".join(outcome.output.split())


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Docker SDK and what it needs as packages for pip, made of what is installed here: no index is asked."""
    directory = tmp_path_factory.mktemp("wheels")
    for name in ("docker", "requests", "urllib3", "idna", "certifi", "charset_normalizer"):
        installed = distribution(name)
        tag = str(installed.read_text("WHEEL")).partition("Tag: ")[2].split()[0]
        with ZipFile(directory / f"{name}-{installed.version}-{tag}.whl", "w") as wheel:
            for path in installed.files or ():
                if ".." not in path.parts and path.suffix != ".pyc":
                    wheel.write(str(path.locate()), str(path))
    return directory


@pytest.fixture
def bare(tmp_path: Path) -> str:
    """A Python that has no packages."""
    venv.create(tmp_path / "bare")
    return str(tmp_path / "bare/bin/python")


def test_missing_sdk_names_the_host_and_the_next_step(play: t.Callable[..., Outcome], bare: str) -> None:
    outcome = play("evento.docker.deploy", "--limit=host2", interpreter=bare)
    assert outcome.hosts == {"host2": FAILED}, outcome.output
    said = " ".join(outcome.output.split())
    assert "The Docker SDK for Python cannot be imported on host2 (" in said
    assert f"install docker 7.1 or later for {bare} there, or let the role" in said
    assert "with evento_bundle_sdk." in said


def test_role_makes_a_virtual_environment_with_the_sdk(
    play: t.Callable[..., Outcome], everywhere: list[Deployment], bare: str, wheels: Path, tmp_path: Path
) -> None:
    (tmp_path / "role.yml").write_text(ROLE.format(wheels=wheels, python=Path(sys.executable).parent))
    place = tmp_path / "sdk"

    def converge(*options: str) -> Outcome:
        return play("role.yml", "--limit=host1", *options, interpreter=bare, sdk="venv", sdk_venv=str(place))

    missing = converge("--check")
    assert missing.hosts["host1"][2] == 1, missing.output
    assert "The Docker SDK for Python cannot be imported on host1" in missing.output
    outcome = converge()
    assert outcome.hosts == {"host1": (3, 0, 0)}, outcome.output
    assert (place / "bin/python").exists()
    assert running(everywhere) == [1, 0, 0]
    assert converge().hosts == {"host1": SAME}
    assert converge("--check").hosts == {"host1": SAME}


def test_wrapper_calls_each_host(fleet: Fleet, everywhere: list[Deployment], tmp_path: Path) -> None:
    first = everywhere[0]
    (tmp_path / "hosts.json").write_text(json.dumps(fleet.inventory()))
    (tmp_path / "deploy.yml").write_text(json.dumps({"inventory": "hosts.json", "server_url": first.server.url}))

    def call() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [WRAPPER, json.dumps(first.bundle), first.server.token()],
            env={**fleet.variables, "EVENTO_DEPLOY_CONFIG": str(tmp_path / "deploy.yml")},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    finished = call()
    assert (finished.returncode, finished.stderr) == (0, "")
    said = [line for line in finished.stdout.splitlines() if " v1: " in line]
    assert sorted(said) == [
        f"[host{number}] {first.id} v1: 0 -> 1 running, started {first.id}-1" for number in (1, 2, 3)
    ]
    assert running(everywhere) == [1, 1, 1]
    fleet.hosts[0].stop()
    try:
        finished = call()
    finally:
        fleet.hosts[0].start()
    assert finished.returncode == 3
    assert finished.stderr.startswith("evento-deploy: error: [host1] Could not connect to the Docker engine at ")
    assert running(everywhere)[1:] == [2, 2]
