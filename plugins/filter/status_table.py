# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: status_table
short_description: A table of the rows that P(evento.docker.status_rows#filter) makes
version_added: 1.0.0
author:
  - The evento.docker maintainers (@EventoFramework)
description:
  - Makes lines of text with columns. Why a host could not be looked at follows below the table.
  - Made for the playbook C(evento.docker.status). What it takes and gives may change with any release.
positional: _input
options:
  _input:
    description:
      - The rows.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what runs on this host
  ansible.builtin.debug:
    msg: "{{ {inventory_hostname: found} | evento.docker.status_rows | evento.docker.status_table }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

import typing as t

_COLUMNS = ("host", "bundle", "version", "running", "instance", "state", "health", "age", "ports")
_GAP = "  "


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"status_table": status_table}


def status_table(rows: t.Sequence[t.Mapping[str, str]]) -> list[str]:
    """The lines of a table, and a line for each host that could not be looked at."""
    cells = [[name.upper() for name in _COLUMNS], *([row[name] or "-" for name in _COLUMNS] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [_GAP.join(map(str.ljust, line, widths)).rstrip() for line in cells]
    return lines + [f"{row['host']}: {row['reason']}" for row in rows if row["reason"]]
