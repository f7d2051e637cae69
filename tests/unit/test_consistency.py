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
from ansible_collections.evento.docker.plugins.module_utils._run.options import BUNDLE_ARGS, INSTANCE_ARGS

ROOT = Path(__file__).parents[2]
ROLE = ROOT / "roles/evento_bundle"
DEPLOY_ROLE = ROOT / "roles/evento_deploy"
PREFIX = "evento_bundle_"
OF_THE_ROLE = ("image_source", "image_archive", "image_build_args", "sdk", "sdk_venv")
ROLE_VARIABLES = {PREFIX + name for name in OF_THE_ROLE}
MODULE_OPTIONS = {**BUNDLE_ARGS, **CONTAINER_ARGS, **CLIENT_ARGS}


def load(name: str, role: Path = ROLE) -> t.Any:
    return yaml.safe_load((role / name).read_text())


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


@pytest.mark.parametrize("role", [ROLE, DEPLOY_ROLE], ids=lambda role: role.name)
def test_role_defaults_are_documented(role: Path) -> None:
    documented = load("meta/argument_specs.yml", role)["argument_specs"]["main"]["options"]
    for name, value in load("defaults/main.yml", role).items():
        assert documented[name]["default"] == value


def test_defaults_are_what_is_documented_for_evento_deploy() -> None:
    documented = load("meta/argument_specs.yml", DEPLOY_ROLE)["argument_specs"]["main"]["options"]
    with_default = {name for name, option in documented.items() if "default" in option}
    assert with_default == set(load("defaults/main.yml", DEPLOY_ROLE))


def test_launcher_starts_the_program_as_the_script_does() -> None:
    """It spares the search, and nothing else."""
    script = (DEPLOY_ROLE / "files/evento-deploy").read_text().splitlines()
    launcher = (DEPLOY_ROLE / "templates/evento-deploy.j2").read_text().splitlines()
    variables = {
        "{{ (evento_deploy_release ~ '/bin/python') | quote }}": '"$python"',
        "{{ (evento_deploy_files ~ '/evento_deploy') | quote }}": '"$package"',
    }
    last = launcher[-1]
    for variable, name in variables.items():
        last = last.replace(variable, name)
    assert last == script[-1]
    assert launcher[-2] in script


def test_installed_ansible_core_is_one_that_the_collection_is_for() -> None:
    lowest = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"].removesuffix(".0")
    assert f"\nansible-core{lowest}," in (DEPLOY_ROLE / "files/requirements.txt").read_text()


def test_role_installs_the_ranges_that_the_collection_declares() -> None:
    declared = (ROOT / "meta/ee-requirements.txt").read_text().splitlines()
    commands = arguments_of(load("tasks/sdk.yml"), "ansible.builtin.command")
    installed = [word for command in commands for word in command["argv"] if ">=" in word]
    assert len(installed) == 2
    assert set(installed) <= set(declared)


def test_role_hands_every_option_to_the_module() -> None:
    [arguments] = arguments_of(load("tasks/main.yml"), "evento.docker.evento_bundle")
    assert set(arguments) == set(MODULE_OPTIONS)
    for name in set(arguments) - {"bundle"}:
        assert arguments[name] == f"{{{{ {PREFIX}{name} | default(omit) }}}}"


def test_status_hands_what_an_instance_looks_like_to_the_module_as_the_role_does() -> None:
    [play] = yaml.safe_load((ROOT / "playbooks/status.yml").read_text())
    [arguments] = arguments_of(play["tasks"], "evento.docker.evento_bundle_info")
    assert set(arguments) == {"id", *INSTANCE_ARGS, *CLIENT_ARGS}
    [of_role] = arguments_of(load("tasks/main.yml"), "evento.docker.evento_bundle")
    assert {name: of_role[name] for name in set(arguments) - {"id"}}.items() <= arguments.items()


def test_role_hands_the_connection_to_the_image_module() -> None:
    tasks = arguments_of(load("tasks/image.yml"), "evento.docker.evento_bundle_image")
    assert tasks
    for arguments in tasks:
        assert {name: arguments.get(name) for name in CLIENT_ARGS} == {
            name: f"{{{{ {PREFIX}{name} | default(omit) }}}}" for name in CLIENT_ARGS
        }
