# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import sys
import typing as t
from pathlib import Path

import ansible
import pytest
import yaml
from ansible.executor import playbook_executor
from ansible.utils.collection_loader import _collection_finder

from evento_deploy._process import _OLD_NAMES, _leave_out

TABLE = Path(ansible.__file__).with_name("config") / "ansible_builtin_runtime.yml"


def test_only_old_names_are_left_out_of_the_table_of_ansible() -> None:
    text = TABLE.read_bytes()
    whole, left = (yaml.load(part, yaml.CBaseLoader) for part in (text, _OLD_NAMES.sub(b"", text)))

    assert left == {key: value for key, value in whole.items() if key not in ("plugin_routing", "action_groups")}
    assert "ansible_collections.ansible.builtin.plugins" in left["import_redirection"]


def test_another_ansible_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("connection_loader", "shell_loader", "become_loader"):
        monkeypatch.delattr(playbook_executor, name)
    monkeypatch.delattr(_collection_finder, "_meta_yml_to_dict")
    for name in ("paramiko", "cryptography"):
        monkeypatch.setitem(sys.modules, name, t.cast(t.Any, None))
    _leave_out()
