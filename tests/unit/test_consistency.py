# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written down twice because Ansible wants it so is the same in both places."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.evento.docker.plugins.module_utils._container.options import CONTAINER_ARGS
from ansible_collections.evento.docker.plugins.module_utils._engine.client_args import CLIENT_ARGS
from ansible_collections.evento.docker.plugins.modules.evento_bundle import BUNDLE_ARGS

ROLE = Path(__file__).parents[2] / "roles/evento_bundle"
PREFIX = "evento_bundle_"
OF_THE_ROLE = ("image_source", "image_archive", "image_build_args", "sdk", "sdk_venv")
ROLE_VARIABLES = {PREFIX + name for name in OF_THE_ROLE}
MODULE_OPTIONS = {**BUNDLE_ARGS, **CONTAINER_ARGS, **CLIENT_ARGS}


def load(name: str) -> t.Any:
    return yaml.safe_load((ROLE / name).read_text())


def role_options() -> dict[str, t.Any]:
    options: dict[str, t.Any] = load("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    return options


def shape(option: dict[str, t.Any]) -> dict[str, t.Any]:
    """What an option accepts, without its texts."""
    accepted = ("type", "elements", "choices", "default", "required", "no_log")
    kept: dict[str, t.Any] = {key: option[key] for key in accepted if key in option}
    suboptions = {name: shape(suboption) for name, suboption in option.get("options", {}).items()}
    return {**kept, **({"options": suboptions} if suboptions else {})}


def arguments_of(tasks: list[dict[str, t.Any]], module: str) -> list[dict[str, t.Any]]:
    found = []
    for task in tasks:
        found += [task[module]] if module in task else []
        found += arguments_of(task.get("block", []), module)
    return found


@pytest.mark.parametrize("name", sorted(MODULE_OPTIONS))
def test_role_takes_the_option_as_the_module_does(name: str) -> None:
    assert shape(role_options()[PREFIX + name]) == shape(MODULE_OPTIONS[name])


def test_role_takes_nothing_else() -> None:
    assert set(role_options()) == {PREFIX + name for name in MODULE_OPTIONS} | ROLE_VARIABLES


def test_role_defaults_are_documented() -> None:
    documented = role_options()
    for name, value in load("defaults/main.yml").items():
        assert documented[name]["default"] == value


def test_role_hands_every_option_to_the_module() -> None:
    [arguments] = arguments_of(load("tasks/main.yml"), "evento.docker.evento_bundle")
    assert set(arguments) == set(MODULE_OPTIONS)
    for name in set(arguments) - {"bundle"}:
        assert arguments[name] == f"{{{{ {PREFIX}{name} | default(omit) }}}}"


def test_role_hands_the_connection_to_the_image_module() -> None:
    tasks = arguments_of(load("tasks/image.yml"), "evento.docker.evento_bundle_image")
    assert tasks
    for arguments in tasks:
        assert {name: arguments.get(name) for name in CLIENT_ARGS} == {
            name: f"{{{{ {PREFIX}{name} | default(omit) }}}}" for name in CLIENT_ARGS
        }
