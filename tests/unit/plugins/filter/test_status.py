# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people are shown of many hosts: rows, a table, and a page."""

from __future__ import annotations

import html
import typing as t
from datetime import datetime

import pytest

from ansible_collections.evento.docker.plugins.filter.status_page import status_page
from ansible_collections.evento.docker.plugins.filter.status_rows import status_rows
from ansible_collections.evento.docker.plugins.filter.status_table import status_table

CREATED = "2026-11-23T08:15:30Z"
NOW = datetime.fromisoformat(CREATED).timestamp()
HOSTILE = "<script>alert('1')</script>\"&{{ 7 * 7 }}{% raw %}"


def instance(**changes: t.Any) -> dict[str, t.Any]:
    return {
        "bundle": "orders",
        "name": "orders-1",
        "state": "running",
        "health": "healthy",
        "exit_code": None,
        "version": 3,
        "created_at": CREATED,
        "published_ports": [],
        "addresses": {},
        **changes,
    }


def rows(*instances: dict[str, t.Any], age: float = 0, **more: t.Any) -> list[dict[str, str]]:
    return status_rows({"docker1": {"failed": False, "instances": list(instances), **more}}, NOW + age)


def test_running_instance() -> None:
    [row] = rows(instance(), age=7300)
    assert row == {
        "host": "docker1",
        "bundle": "orders",
        "version": "3",
        "running": "1",
        "instance": "orders-1",
        "state": "running",
        "health": "healthy",
        "age": "2 h",
        "ports": "",
        "reason": "",
        "level": "good",
    }


def test_running_of_how_many_where_the_bundle_is_given() -> None:
    given = [{"id": "orders", "version": "3", "max_instances": 4}, {"id": "stock", "version": "7", "max_instances": 2}]
    shown = rows(
        instance(), instance(name="orders-2", state="exited", exit_code=137), instance(bundle="x"), bundles=given
    )
    assert [(row["bundle"], row["running"]) for row in shown] == [
        ("orders", "1 of 4"),
        ("orders", "1 of 4"),
        ("stock", "0 of 2"),
        ("x", "1"),
    ]
    assert (shown[2]["state"], shown[2]["version"], shown[2]["level"]) == ("none", "7", "attention")


@pytest.mark.parametrize(
    ("changes", "state", "level"),
    [
        ({"health": None}, "running", "good"),
        ({"health": "starting"}, "running", "attention"),
        ({"health": "unhealthy"}, "running", "bad"),
        ({"state": "exited", "exit_code": 137, "health": None}, "exited (137)", "bad"),
        ({"state": "paused"}, "paused", "bad"),
        ({"up_to_date": True}, "running", "good"),
        ({"up_to_date": False}, "running, outdated", "attention"),
        ({"up_to_date": None}, "running", "good"),
        ({"up_to_date": False, "health": "unhealthy"}, "running", "bad"),
    ],
)
def test_state(changes: dict[str, t.Any], state: str, level: str) -> None:
    [row] = rows(instance(**changes))
    assert (row["state"], row["level"]) == (state, level)


@pytest.mark.parametrize(
    ("seconds", "age"), [(-5, "0 s"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h"), (86400 * 3 + 5, "3 d")]
)
def test_age(seconds: float, age: str) -> None:
    assert rows(instance(), age=seconds)[0]["age"] == age


def test_ports_and_addresses() -> None:
    def port(host_ip: str, host_port: int) -> dict[str, t.Any]:
        return {"host_ip": host_ip, "host_port": host_port, "container_port": 8080, "protocol": "tcp"}

    ports = [port("0.0.0.0", 8000), port("::", 8000), port("127.0.0.1", 8001), port("fe80::1", 8002)]
    [row] = rows(instance(published_ports=ports, addresses={"bridge": "172.17.0.3"}))
    expected = ["8000->8080/tcp", "127.0.0.1:8001->8080/tcp", "[fe80::1]:8002->8080/tcp", "172.17.0.3 (bridge)"]
    assert row["ports"].split(", ") == expected


def test_hosts_that_could_not_be_looked_at() -> None:
    shown = status_rows(
        {
            "c": {"failed": False, "instances": []},
            "b": {"failed": True, "msg": "No permission on the socket."},
            "a": {"unreachable": True, "msg": "Connection\ntimed out"},
        }
    )
    assert [(row["host"], row["state"], row["reason"], row["level"]) for row in shown] == [
        ("a", "unreachable", "Connection\\ntimed out", "bad"),
        ("b", "failed", "No permission on the socket.", "bad"),
        ("c", "none", "", "good"),
    ]
    lines = status_table(shown)
    assert lines[-2:] == ["a: Connection\\ntimed out", "b: No permission on the socket."]


def test_table_has_columns() -> None:
    lines = status_table(rows(instance(), instance(bundle="a-longer-name", health=None)))
    assert [line.split() for line in lines] == [
        ["HOST", "BUNDLE", "VERSION", "RUNNING", "INSTANCE", "STATE", "HEALTH", "AGE", "PORTS"],
        ["docker1", "a-longer-name", "3", "1", "orders-1", "running", "-", "0", "s", "-"],
        ["docker1", "orders", "3", "1", "orders-1", "running", "healthy", "0", "s", "-"],
    ]
    assert len({line.index(word) for line, word in zip(lines, ("STATE", "running", "running"), strict=True)}) == 1


def test_table_of_no_hosts() -> None:
    assert len(status_table([])) == 1


def test_what_a_terminal_would_obey_is_escaped() -> None:
    [row] = rows(instance(bundle="\x1b[31m\u202eorders"))
    assert row["bundle"] == "\\u001b[31m\\u202eorders"


def test_page_escapes_everything() -> None:
    one = instance(
        **dict.fromkeys(("bundle", "name", "state", "health", "version"), HOSTILE),
        addresses={HOSTILE: HOSTILE},
        published_ports=[{"host_ip": HOSTILE, "host_port": HOSTILE, "container_port": HOSTILE, "protocol": HOSTILE}],
    )
    hosts: dict[str, dict[str, t.Any]] = {
        HOSTILE: {"instances": [one]},
        f"{HOSTILE}2": {"unreachable": True, "msg": HOSTILE},
    }
    page = status_page(status_rows(hosts, NOW))
    assert "<script" not in page
    assert page.count(html.escape("<script>")) > 8
    assert "{{ 7 * 7 }}" in page


def test_page_needs_nothing_from_elsewhere() -> None:
    page = status_page(rows(instance()))
    for word in ("http:", "https:", "//", "url(", "@import", "<link", "<img", "<script", "<iframe"):
        assert word not in page
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport"' in page


def test_page_tells_how_many() -> None:
    hosts: dict[str, dict[str, t.Any]] = {
        "a": {"instances": [instance(), instance(name="orders-2", health="unhealthy")]},
        "b": {"failed": True, "msg": "No permission on the socket."},
        "c": {"instances": []},
    }
    page = status_page(status_rows(hosts, NOW))
    for words in (
        "<b>3</b> hosts",
        "<b>1</b> bundle<",
        "<b>2</b> instances",
        "<b>1</b> to look at",
        "<b>1</b> host without",
    ):
        assert words in page
    assert "No permission on the socket." in page
    assert "No instances." in page
