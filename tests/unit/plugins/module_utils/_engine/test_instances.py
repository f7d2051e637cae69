# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine's container list says about an instance."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evento.docker.plugins.module_utils._engine.instances import read_instance
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance, Phase, Port


def read(**given: t.Any) -> Instance:
    labels = {"evento.bundle": "orders", "evento.version": "3", "evento.updated-at": "", "evento.spec": "f"}
    entry = {"Id": "0123456789abcdef", "Names": ["/orders-1"], "State": "running", "Status": "Up", "Created": 100}
    return read_instance({**entry, "Labels": labels, **given}, age=107.5 - given.get("Created", 100))


def test_what_the_labels_and_the_list_say() -> None:
    one = read()
    assert (one.name, one.slot, one.version, one.updated_at, one.spec, one.age) == ("orders-1", 1, "3", None, "f", 7.5)


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ("Up 2 seconds", None),
        ("Up 2 seconds (healthy)", "healthy"),
        ("Up 2 seconds (unhealthy)", "unhealthy"),
        ("Up 2 seconds (health: starting)", "starting"),
        ("Exited (1) 2 seconds ago", None),
    ],
)
def test_health(status: str, health: str | None) -> None:
    assert read(Status=status).health == health


@pytest.mark.parametrize(
    ("names", "slot"),
    [
        (["/orders-12"], 12),
        (["/other/alias", "/orders-1"], 1),
        (["/orders-01"], None),
        (["/orders-x"], None),
        (["/orders-1-2"], None),
        (["/payments-1"], None),
        ([], None),
    ],
)
def test_slot(names: list[str], slot: int | None) -> None:
    assert read(Names=names).slot == slot


def test_ports_and_addresses() -> None:
    published = {"IP": "0.0.0.0", "PrivatePort": 8080, "PublicPort": 8000, "Type": "tcp"}
    one = read(
        Ports=[{"PrivatePort": 80, "Type": "tcp"}, {**published, "IP": "::"}, published],
        NetworkSettings={"Networks": {"orders_net": {"IPAddress": "10.1.0.2"}, "host": {"IPAddress": ""}}},
    )
    assert one.ports == (Port("0.0.0.0", 8000, 8080, "tcp"), Port("::", 8000, 8080, "tcp"))
    assert one.addresses == (("orders_net", "10.1.0.2"),)


@pytest.mark.parametrize("nothing", [{}, {"Ports": None, "NetworkSettings": {"Networks": None}}])
def test_no_ports_and_no_addresses(nothing: dict[str, t.Any]) -> None:
    one = read(**nothing)
    assert (one.ports, one.addresses) == ((), ())


def test_more_time_for_one_that_a_large_jar_is_copied_into() -> None:
    labels = {"evento.bundle": "orders", "evento.grace": "25"}
    for age, phase in ((7.5, Phase.STARTING), (29.5, Phase.STARTING), (30.5, Phase.ENDED)):
        assert read(State="created", Created=107.5 - age, Labels=labels).phase is phase


@pytest.mark.parametrize(
    ("state", "status", "age", "phase"),
    [
        ("running", "Up 2 seconds", 60, Phase.SERVING),
        ("running", "Up 2 seconds (health: starting)", 60, Phase.SERVING),
        ("running", "Up 2 seconds (unhealthy)", 60, Phase.FAULTY),
        ("paused", "Up 2 seconds (Paused)", 60, Phase.FAULTY),
        ("restarting", "Restarting (1) 2 seconds ago", 60, Phase.FAULTY),
        ("created", "Created", 1.5, Phase.STARTING),
        ("created", "Created", 7.5, Phase.ENDED),
        ("exited", "Exited (1) 2 seconds ago", 1.5, Phase.ENDED),
        ("dead", "Dead", 1.5, Phase.ENDED),
        ("removing", "Removal In Progress", 1.5, Phase.GOING),
        # Podman's.
        ("initialized", "Created", 1.5, Phase.STARTING),
        ("stopping", "", 60, Phase.STOPPING),
        ("stopped", "Exited (1) 2 seconds ago", 1.5, Phase.ENDED),
        ("unknown", "", 60, Phase.GOING),
    ],
)
def test_phase(state: str, status: str, age: float, phase: Phase) -> None:
    assert read(State=state, Status=status, Created=107.5 - age).phase is phase


@pytest.mark.parametrize(
    ("status", "exit_code"), [("Exited (137) 2 minutes ago", 137), ("Exited (0) 1 second ago", 0), ("Up 2 hours", None)]
)
def test_exit_code(status: str, exit_code: int | None) -> None:
    assert read(State="exited", Status=status).exit_code == exit_code


def test_a_standby_has_the_number_of_what_it_is_for() -> None:
    labels = {"evento.bundle": "orders", "evento.standby-of": "another"}
    one = read(State="created", Names=["/orders-3.0123456789ab.standby"], Labels=labels)
    assert (one.phase, one.slot) == (Phase.STANDBY, 3)
