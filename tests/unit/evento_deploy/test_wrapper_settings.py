# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest

from evento_deploy._errors import DeployError
from evento_deploy._settings import DEFAULT_OPTIONS, Settings, check_files, load_settings, parse_settings

ROLE_OPTIONS = Path(__file__).parents[3] / "roles" / "evento_bundle" / "meta" / "argument_specs.yml"


def parse(text: str, path: Path) -> Settings:
    return parse_settings(text.encode(), path / "deploy.yml", ROLE_OPTIONS)


def test_without_a_file_the_defaults_fit_evento_server() -> None:
    assert Settings().options == {"scale_by": 1, "wait_timeout": 45, "wait_added": 3}
    assert (Settings().inventory, Settings().playbook) == ([], "evento.docker.deploy")


def test_options_replace_and_extend_the_defaults(tmp_path: Path) -> None:
    settings = parse("wait_timeout: 20\nimage: orders\nenv: {A: 1}\nmemory:\n", tmp_path)

    assert settings.options == {
        "scale_by": 1,
        "wait_timeout": 20,
        "wait_added": 3,
        "image": "orders",
        "env": {"A": 1},
    }


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n"])
def test_an_empty_file_means_defaults(text: str, tmp_path: Path) -> None:
    assert parse(text, tmp_path) == Settings(dict(DEFAULT_OPTIONS))


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    settings = parse(
        "inventory: hosts.yml\nplaybook: play.yml\nvault_password_file: vault\nca_path: ca.pem\nclient_key: /etc/key\n",
        tmp_path,
    )

    assert settings.inventory == [f"{tmp_path}/hosts.yml"]
    assert settings.playbook == f"{tmp_path}/play.yml"
    assert settings.vault_password_file == f"{tmp_path}/vault"
    assert settings.options["ca_path"] == f"{tmp_path}/ca.pem"
    assert settings.options["client_key"] == "/etc/key"


def test_inventory_can_be_host_names_and_playbook_a_name(tmp_path: Path) -> None:
    settings = parse("inventory: ['a,b', 'c,']\nplaybook: my.own.deploy\n", tmp_path)

    assert settings.inventory == ["a,b", "c,"]
    assert settings.playbook == "my.own.deploy"


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("", "localhost"),
        ("inventory: 'a,b'\n", "all"),
        ("inventory: 'a,b'\nhosts: 'a:!b'\n", "a:!b"),
        ("inventory: 'a,b'\nhosts: [a, b]\n", "a,b"),
    ],
)
def test_hosts_choose_from_the_inventory(text: str, hosts: str, tmp_path: Path) -> None:
    assert parse(text, tmp_path).hosts == hosts


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scale_bye: 1\n", "unknown setting 'scale_bye'; did you mean 'scale_by'?"),
        ("inventry: x\n", "unknown setting 'inventry'; did you mean 'inventory'?"),
        ("evento_bundle_image: x\n", "unknown setting 'evento_bundle_image'; did you mean"),
        ("token: x\n", "unknown setting 'token'; did you mean"),
        ("1: x\n", "unknown setting 1"),
        ("image: orders\n  pull: never\n", "line 2, column 7: not valid YAML: mapping values are not allowed"),
        ("image: 'orders\n", "not valid YAML"),
        ("image: \x00\n", "not valid YAML: it has characters that YAML does not allow"),
        ("- image\n", "expected settings as 'name: value' lines, got a list"),
        ("hosts: a\n", "hosts: there is nothing to choose from without an inventory"),
        ("inventory: 'a,'\nhosts: []\n", "hosts: expected a pattern"),
        ("inventory: 'a,'\nhosts: '{{ groups.all }}'\n", "hosts: expected a pattern"),
        ("vault_password_file: [a]\n", "vault_password_file: expected a path"),
        ("env:\n  A: !vault x\n", "line 2, column 6: encrypted values cannot stand here"),
        ("inventory: 5\n", "inventory: expected a path"),
        ("playbook: [a]\n", "playbook: expected a path or a name"),
    ],
)
def test_faults_name_the_file_and_the_place(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(DeployError) as caught:
        parse(text, tmp_path)

    assert str(caught.value).startswith(f"{tmp_path}/deploy.yml: ")
    assert told in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("key", ["inventory", "playbook", "vault_password_file"])
def test_what_the_settings_name_must_exist(key: str, tmp_path: Path) -> None:
    settings = parse(f"{key}: nowhere.yml\n", tmp_path)

    with pytest.raises(DeployError, match=f"deploy.yml: {key}: {tmp_path}/nowhere.yml does not exist"):
        check_files(settings, tmp_path / "deploy.yml")

    (tmp_path / "nowhere.yml").touch()
    check_files(settings, tmp_path / "deploy.yml")


def test_names_instead_of_files_need_not_exist(tmp_path: Path) -> None:
    check_files(parse("inventory: 'a,b'\nplaybook: my.own.deploy\n", tmp_path), tmp_path / "deploy.yml")


def test_a_file_that_the_variable_names_must_exist(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match=r"nowhere\.yml does not exist \(EVENTO_DEPLOY_CONFIG names it\)"):
        load_settings({"EVENTO_DEPLOY_CONFIG": f"{tmp_path}/nowhere.yml"}, ROLE_OPTIONS)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="cannot be read: Is a directory"):
        load_settings({"EVENTO_DEPLOY_CONFIG": str(tmp_path)}, ROLE_OPTIONS)
