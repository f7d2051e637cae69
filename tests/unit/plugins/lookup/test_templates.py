# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that comes from Evento Server is evaluated in a play, or made anything else than text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import ansible
import pytest

from ansible_collections.evento.docker.plugins.lookup import bundles as plugin
from lab.server import EventoServer

TREE = Path(plugin.__file__).parents[5]
PLAY = """
- hosts: localhost
  gather_facts: false
  vars:
    lazy: "{{ query('evento.docker.bundles', token=token, server_url=url) }}"
    token: "{{ lookup('evento.docker.token', signing_key=key, role='ROLE_WEB') }}"
  tasks:
    - ansible.builtin.set_fact:
        fact: "{{ query('evento.docker.bundles', token=token, server_url=url) }}"
        single: "{{ lookup('evento.docker.bundles', 'orders', token=token, server_url=url) }}"
    - ansible.builtin.set_fact:
        copied: "{{ fact }}"
        by_host: "{{ hostvars['localhost'].fact }}"
    - ansible.builtin.copy:
        content: "{{ {'lazy': lazy, 'fact': fact, 'copied': copied, 'by_host': by_host, 'single': single} | to_json }}"
        dest: "{{ result }}"
    - ansible.builtin.debug:
        msg: "{{ item }}"
      loop: "{{ copied + by_host }}"
"""


@pytest.mark.parametrize("native", ["0", "1"])
def test_template_in_a_bundle(tmp_path: Path, native: str) -> None:
    trap = tmp_path / "trap"
    evil = "{{ lookup('ansible.builtin.pipe', 'touch " + str(trap) + "') }}"
    evil_name = evil.replace("/", "?")
    texts = dict.fromkeys(("description", "detail", "linePrefix", "artifactCoordinates", "bucketType"), evil)
    bundle = {
        "id": evil_name,
        "environment": {evil: evil},
        "vmOptions": {evil: evil},
        "version": 9007199254740993,
        **texts,
    }
    variables = {"key": "a signing key that is long enough for HS256", "result": str(tmp_path / "result.json")}
    with EventoServer(signing_key=variables["key"]) as server:
        server.catalogue.add(bundle)
        server.catalogue.add({**bundle, "id": "orders"})
        sent = [(server.catalogue.answer(name) or b"").decode() for name in (evil_name, "orders")]
        (tmp_path / "play.yml").write_text(PLAY)
        (tmp_path / "variables.json").write_text(json.dumps({**variables, "url": server.url}))
        finished = subprocess.run(
            [sys.executable, "-m", "ansible.cli.playbook", "play.yml", "-e", "@variables.json"],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "LC_ALL": "C.UTF-8",
                # The one that this process imported: ansible-test has it nowhere else.
                "PYTHONPATH": str(Path(ansible.__file__).parents[1]),
                "ANSIBLE_COLLECTIONS_PATH": str(TREE),
                "ANSIBLE_JINJA2_NATIVE": native,
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert not trap.exists()
    got = json.loads((tmp_path / "result.json").read_text())
    assert got.pop("single") == sent[1]
    for texts_of_one_way in got.values():
        assert texts_of_one_way == sent
