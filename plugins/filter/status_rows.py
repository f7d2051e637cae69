# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: status_rows
short_description: What M(evento.docker.evento_bundle_info) found on many hosts, for people
version_added: 1.0.0
author:
  - The evento.docker maintainers (@EventoFramework)
description:
  - Makes a row of texts for each instance. What cannot be printed in one line of text is escaped as in JSON.
  - Made for the playbook C(evento.docker.status), which makes its table and its page of them. What it takes and gives
    may change with any release.
positional: _input
options:
  _input:
    description:
      - The registered result of M(evento.docker.evento_bundle_info) by the name of its host. That of a host which could
        not be reached, or where the module failed, is one of them.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the instances that are not healthy
  ansible.builtin.debug:
    msg: "{{ {inventory_hostname: found} | evento.docker.status_rows | selectattr('health', 'eq', 'unhealthy') }}"
"""

RETURN = r"""
_value:
  description: The rows, ordered by host, bundle and number.
  type: list
  elements: dict
  contains:
    host:
      description: Name of the host.
      type: str
    bundle:
      description: The C(id) of the bundle; empty for a host with no instances, or that could not be looked at.
      type: str
    version:
      description: Version of the bundle.
      type: str
    running:
      description: How many of the bundle's instances run on the host, and of how many where the bundle was given.
      type: str
      sample: 2 of 4
    instance:
      description: Name of the container.
      type: str
    state:
      description:
        - State of the container in Docker's words, with its exit code where it has ended, and C(outdated) where it runs
          and is not as the bundle says.
        - C(none) where nothing runs, C(unreachable) or C(failed) for a host that could not be looked at.
      type: str
      sample: running, outdated
    health:
      description: Its health, where it has a health check.
      type: str
    age:
      description: How long ago it was created.
      type: str
      sample: 3 h
    ports:
      description: Where its ports are published, and its addresses.
      type: str
      sample: 8000->8080/tcp
    reason:
      description: Why the host could not be looked at.
      type: str
    level:
      description: One of V(good), V(attention) and V(bad).
      type: str
"""

import json
import time
import typing as t
from datetime import datetime

_ANY_ADDRESS = ("0.0.0.0", "::", "")
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_COLUMNS = ("bundle", "version", "running", "instance", "state", "health", "age", "ports", "reason")


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"status_rows": status_rows}


def status_rows(results: t.Mapping[str, t.Mapping[str, t.Any]], now: float | None = None) -> list[dict[str, str]]:
    """One row of texts for each instance, and one for each host or bundle that has none.

    :param results: what the info module said, by host.
    :param now: seconds since 1970; None for this moment.
    """
    now = time.time() if now is None else now
    return [row for host in sorted(results) for row in _host_rows(host, results[host], now)]


def _host_rows(host: str, result: t.Mapping[str, t.Any], now: float) -> t.Iterator[dict[str, str]]:
    if result.get("unreachable") or result.get("failed") or "instances" not in result:
        state = "unreachable" if result.get("unreachable") else "failed"
        yield _row(host, "bad", state=state, reason=result.get("msg") or "the task was skipped")
        return
    instances = result["instances"]
    given = {one["id"]: one for one in result.get("bundles", [])}
    shown = {one["bundle"] for one in instances}
    for name in sorted(shown | set(given)):
        running = sum(one["bundle"] == name and one["state"] == "running" for one in instances)
        counted = f"{running} of {given[name]['max_instances']}" if name in given else str(running)
        for one in instances:
            if one["bundle"] == name:
                yield _instance_row(host, one, counted, now)
        if name not in shown:
            version = given[name]["version"]
            yield _row(host, "attention", bundle=name, version=_text(version), running=counted, state="none")
    if not shown and not given:
        yield _row(host, "good", state="none")


def _instance_row(host: str, one: t.Mapping[str, t.Any], running: str, now: float) -> dict[str, str]:
    state = one["state"]
    if one.get("exit_code") is not None:
        state += f" ({one['exit_code']})"
    # None where nobody said how it should be.
    outdated = one["state"] == "running" and one["health"] != "unhealthy" and one.get("up_to_date") is False
    bad = one["state"] != "running" or one["health"] == "unhealthy"
    return _row(
        host,
        "bad" if bad else "attention" if outdated or one["health"] == "starting" else "good",
        bundle=one["bundle"],
        version=_text(one["version"]),
        running=running,
        instance=one["name"],
        state=f"{state}, outdated" if outdated else state,
        health=one["health"] or "",
        age=_age(now - datetime.fromisoformat(one["created_at"]).timestamp()),
        ports=", ".join([*_ports(one["published_ports"]), *_addresses(one["addresses"])]),
    )


def _row(host: str, level: str, **columns: str) -> dict[str, str]:
    texts = {"host": host, **{name: columns.get(name, "") for name in _COLUMNS}}
    return {**{name: _one_line(text) for name, text in texts.items()}, "level": level}


def _text(version: t.Any) -> str:
    return "" if version is None else str(version)


def _one_line(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)[1:-1]


def _age(seconds: float) -> str:
    """The largest unit that fits: the clock of the engine may be ahead of ours."""
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), (1, "s"))
    return f"{max(int(seconds // size), 0)} {unit}"


def _ports(published: t.Iterable[t.Mapping[str, t.Any]]) -> list[str]:
    """As docker ps shows them; an address for all of IPv4 and one for all of IPv6 are the same to a reader."""
    texts = [
        f"{_host_ip(port['host_ip'])}{port['host_port']}->{port['container_port']}/{port['protocol']}"
        for port in published
    ]
    return list(dict.fromkeys(texts))


def _host_ip(address: str) -> str:
    if address in _ANY_ADDRESS:
        return ""
    return f"[{address}]:" if ":" in address else f"{address}:"


def _addresses(addresses: t.Mapping[str, str]) -> list[str]:
    return [f"{address} ({network})" for network, address in addresses.items()]
