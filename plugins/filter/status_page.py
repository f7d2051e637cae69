# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: status_page
short_description: A page of the rows that P(evento.docker.status_rows#filter) makes
version_added: 1.0.0
author:
  - The evento.docker maintainers (@EventoFramework)
description:
  - Makes an HTML page that needs nothing from elsewhere. Everything in the rows is escaped.
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
- name: Write a page of what runs on this host
  ansible.builtin.copy:
    content: "{{ {inventory_hostname: found} | evento.docker.status_rows | evento.docker.status_page }}"
    dest: /srv/www/evento.html
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

import itertools
import time
import typing as t
from pathlib import Path

import jinja2

_TEMPLATES = Path(__file__).parents[2] / "playbooks" / "templates"


class FilterModule:
    """The filter, by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"status_page": status_page}


def status_page(rows: t.Sequence[t.Mapping[str, str]]) -> str:
    """An HTML page, of the template playbooks/templates/status.html.j2."""
    # Not ansible.builtin.template: Ansible's own environment heeds no autoescape.
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    hosts = [list(group) for _host, group in itertools.groupby(rows, key=lambda row: row["host"])]
    return environment.get_template("status.html.j2").render(rows=rows, hosts=hosts, now=now)
