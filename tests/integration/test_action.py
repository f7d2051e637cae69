# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module run from where the collection lies, as on the control node, and packed, as for every other host."""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

import pytest
from ansible.constants import DEFAULT_VAULT_ID_MATCH
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.integration.ansible_playbook import ansible_playbook
from tests.integration.deployment import COLLECTION, Deployment

PASSWORD = b"of the vault"
# Each host is this one.
PLAY = """
- hosts: here, packed
  gather_facts: false
  environment:
    DOCKER_HOST: "{{ engine }}"
  tasks:
    - name: Start
      evento.docker.evento_bundle:
        bundle: "{{ bundle | string }}"
        server_url: "{{ server_url }}"
        token: "{{ token }}"
        labels: {text: "{{ text }}"}
      register: started
      check_mode: true
      diff: true
    - name: Keep
      ansible.builtin.copy:
        content: "{{ started | to_json }}"
        dest: "{{ place }}/{{ inventory_hostname }}.json"
        mode: "0600"
    - name: Be refused
      evento.docker.evento_bundle:
        bundle: '{"id": "orders", "minInstances": "many"}'
      register: refused
      failed_when: "'minInstances' not in refused.msg or refused.failure != 'invalid_input'"
"""

Results = t.Callable[..., dict[str, t.Any]]


@pytest.fixture
def results(deployment: Deployment, tmp_path: Path) -> Results:
    """Runs the play on both; what each said."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (tmp_path / "hosts").write_text(
        "here ansible_python_interpreter='{{ ansible_playbook_python }}'\n"
        f"packed ansible_python_interpreter={python}\n"
        "[all:vars]\nansible_connection=local\n"
    )
    (tmp_path / "play.yml").write_text(PLAY)
    (tmp_path / "password").write_bytes(PASSWORD)

    def run(text: str, **settings: str) -> dict[str, t.Any]:
        variables = {
            "bundle": json.dumps(deployment.bundle),
            "server_url": deployment.server.container_url,
            "token": deployment.server.token(),
            "engine": deployment.lab.docker_host,
            "place": str(tmp_path),
        }
        (tmp_path / "variables.json").write_text(json.dumps(variables))
        (tmp_path / "text.yml").write_text(text)
        words = ("play.yml", "--inventory=hosts", "-e@variables.json", "-e@text.yml", "--vault-password-file=password")
        finished = ansible_playbook(tmp_path, *words, **settings)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        found = {host: json.loads((tmp_path / f"{host}.json").read_text()) for host in ("here", "packed")}
        for result in found.values():
            # The time of the prediction.
            del result["instances"][0]["created_at"]
        return found

    return run


@pytest.mark.parametrize("pipelining", ["true", "false"])
def test_both_ways_say_the_same(deployment: Deployment, results: Results, pipelining: str) -> None:
    found = results("""text: !unsafe '"{{ ü }}" $HOME \\ %'""", ANSIBLE_PIPELINING=pipelining)

    assert found["here"] == found["packed"]
    assert found["here"]["msg"] == f"{deployment.id} v1: 0 -> 1 running, would start {deployment.id}-1"
    assert """'text="{{ ü }}" $HOME \\ %'""" in found["here"]["commands"][0]


def test_a_value_from_a_vault_arrives(results: Results) -> None:
    hidden = VaultLib([(DEFAULT_VAULT_ID_MATCH, VaultSecret(PASSWORD))]).encrypt("from-the-vault").decode()

    found = results("text: !vault |\n  " + hidden.replace("\n", "\n  "))

    assert found["here"] == found["packed"]
    assert "text=from-the-vault" in found["here"]["commands"][0]


def test_packages_beside_the_collection_do_not_matter(results: Results, tmp_path: Path) -> None:
    """It can lie in what another Python has."""
    link = tmp_path / "other" / "ansible_collections" / "evento" / "docker"
    link.parent.mkdir(parents=True)
    link.symlink_to(COLLECTION.resolve())
    for name in ("ansible", "docker", "requests"):
        (tmp_path / "other" / name).mkdir()
        (tmp_path / "other" / name / "__init__.py").write_text("raise RuntimeError('of another Python')\n")

    found = results("text: plain", ANSIBLE_COLLECTIONS_PATH=str(tmp_path / "other"))

    assert found["here"] == found["packed"]
