# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts that tests make: as separate from each other as machines are, and gone afterwards."""

from __future__ import annotations

import json
import subprocess
import typing as t
from pathlib import Path

import pytest

from lab import _network
from lab._errors import LabError
from tests.integration.hosts import Fleet, Host
from tests.until import until

PROBE = "import socket, sys; socket.create_connection((sys.argv[1], 22), 2)"


@pytest.fixture
def fleet(tmp_path: Path) -> t.Iterator[Fleet]:
    with Fleet(2, tmp_path) as fleet:
        yield fleet


def engine_at(fleet: Fleet, host: Host) -> tuple[str, str]:
    """The name of the machine that SSH leads to, and the identity of its engine."""
    command = ["ssh", f"root@{host.address}", "hostname; docker info --format '{{.Name}} {{.ID}}'"]
    told = subprocess.run(command, env=fleet.variables, stdout=subprocess.PIPE, text=True, check=True).stdout
    name, engines_name, identity = told.split()
    assert engines_name == name
    return name, identity


def reaches(host: Host, other: Host) -> bool:
    try:
        host.namespaces.run("python3", "-c", PROBE, other.address)
    except LabError:
        return False
    return True


def links() -> set[str]:
    return {str(link["ifname"]) for link in json.loads(_network.ip("-json", "link"))}


def test_hosts_are_machines_of_their_own(fleet: Fleet) -> None:
    first, second = fleet.hosts
    seen = [engine_at(fleet, host) for host in fleet.hosts]
    assert [name for name, _identity in seen] == ["host1", "host2"]
    assert seen[0][1] != seen[1][1]
    assert reaches(first, second)
    second.unplug()
    assert not reaches(first, second)
    second.plug()
    assert reaches(first, second)


def test_engine_comes_back_as_the_same(fleet: Fleet) -> None:
    host = fleet.hosts[0]
    before = engine_at(fleet, host)
    host.kill()
    host.start()
    assert engine_at(fleet, host) == before


def test_nothing_is_left(tmp_path: Path) -> None:
    with Fleet(1, tmp_path) as fleet:
        [host] = fleet.hosts
        link = f"evhosts{fleet.address.split('.')[2]}"
        assert link in links()
    assert not host.directory.exists()
    # The kernel takes its time for a network that nobody is in any more.
    until(lambda: link not in links(), "the end of the network")
