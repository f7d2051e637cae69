# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import pwd
import re
import subprocess
import sys
from pathlib import Path

import pytest

import evento_deploy
from evento_deploy._ansible import ansible_environment, extra_variables, home_directory
from evento_deploy._errors import DeployError
from evento_deploy._locate import NAME, Collection, find_collection
from evento_deploy._settings import Settings

CONNECTION_OPTIONS = Path(__file__).parents[3] / "plugins" / "doc_fragments" / "_client.py"
FILES = str(Path(evento_deploy.__file__).parents[1])


def install(root: Path) -> Path:
    package = root / NAME / "roles" / "evento_deploy" / "files" / "evento_deploy"
    package.mkdir(parents=True)
    return package


def test_the_collection_is_the_one_around_the_program(tmp_path: Path) -> None:
    collection = find_collection(install(tmp_path / "here"), tmp_path)

    assert collection.root == tmp_path / "here"


def test_a_link_to_a_checkout_counts_by_the_name_it_has(tmp_path: Path) -> None:
    package = install(tmp_path / "checkout")
    link = tmp_path / "site-packages" / NAME
    link.parent.mkdir(parents=True)
    link.symlink_to(package.parents[3])

    assert find_collection(link / package.relative_to(package.parents[3]), tmp_path).root == tmp_path / "site-packages"


def test_elsewhere_the_users_collection_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [""])
    install(tmp_path / ".ansible" / "collections")

    found = find_collection(tmp_path / "a" / "b" / "c" / "d" / "evento_deploy", tmp_path)

    assert found.root == tmp_path / ".ansible" / "collections"


def test_a_collection_for_the_interpreter_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = tmp_path / "lib" / "site-packages"
    monkeypatch.setattr("sys.path", ["", str(tmp_path), str(packages)])
    install(packages)
    install(tmp_path / ".ansible" / "collections")

    assert find_collection(tmp_path / "a" / "b" / "c" / "d" / "evento_deploy", tmp_path).root == packages


def test_without_a_collection_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [""])
    monkeypatch.setattr("evento_deploy._locate.SYSTEM_COLLECTIONS", tmp_path / "none")

    with pytest.raises(DeployError, match="ansible-galaxy collection install evento") as caught:
        find_collection(tmp_path / "a" / "b" / "c" / "d" / "evento_deploy", tmp_path)

    assert caught.value.exit_code == 5


def test_the_version_comes_from_the_collection(tmp_path: Path) -> None:
    (tmp_path / "galaxy.yml").write_text("namespace: evento\nversion: 1.2.3\n")
    assert Collection(tmp_path).version() == "1.2.3"

    (tmp_path / "MANIFEST.json").write_text(json.dumps({"collection_info": {"version": "4.5.6"}}))
    assert Collection(tmp_path).version() == "4.5.6"


def test_the_environment_takes_over_what_is_known_to_be_needed(tmp_path: Path) -> None:
    given = {
        "PATH": "/opt/bin",
        "DOCKER_HOST": "tcp://engine:2376",
        "https_proxy": "http://proxy",
        "REQUESTS_CA_BUNDLE": "/ca.pem",
        "ANSIBLE_LIBRARY": "/evil",
        "PYTHONPATH": "/evil",
        "SECRET": "x",
    }

    made = ansible_environment(given, tmp_path, tmp_path / "private", Collection(Path("/root") / NAME))

    needed = ("PATH", "DOCKER_HOST", "https_proxy", "REQUESTS_CA_BUNDLE")
    assert {name: made[name] for name in needed} == {name: given[name] for name in needed}
    assert not {"ANSIBLE_LIBRARY", "PYTHONPATH", "SECRET"} & set(made)
    assert made["HOME"] == str(tmp_path)
    assert made["ANSIBLE_HOME"] == f"{tmp_path}/.ansible"
    assert made["ANSIBLE_COLLECTIONS_PATH"].split(":")[0] == "/root"


def test_what_connection_options_fall_back_to_is_taken_over(tmp_path: Path) -> None:
    names = set(re.findall(r"E\((DOCKER_\w+)\)", CONNECTION_OPTIONS.read_text()))
    assert "DOCKER_TLS_HOSTNAME" in names

    made = ansible_environment(dict.fromkeys(names, "x"), tmp_path, tmp_path, Collection(Path("/root") / NAME))

    assert names <= set(made)


def test_a_home_that_cannot_be_written_to_is_spared(tmp_path: Path) -> None:
    made = ansible_environment({}, tmp_path / "nowhere", tmp_path, Collection(Path("/root") / NAME))

    assert made["ANSIBLE_HOME"] == str(tmp_path)
    assert made["PATH"]


def test_the_home_directory_is_known_without_a_variable() -> None:
    assert home_directory({"HOME": "/srv/evento"}) == Path("/srv/evento")
    assert home_directory({}) == Path(pwd.getpwuid(os.getuid()).pw_dir)


def test_what_outlives_ansible_in_a_stopped_run_is_waited_for(tmp_path: Path) -> None:
    program = (
        "import subprocess, sys\n"
        "from evento_deploy._ansible import _adopt_orphans, _wait_for_orphans\n"
        "_adopt_orphans()\n"
        "subprocess.run(['/bin/sh', '-c', '(sleep 0.5; touch ' + sys.argv[1] + ') & exit'])\n"
        "_wait_for_orphans()\n"
    )
    late = tmp_path / "late"

    subprocess.run([sys.executable, "-c", program, late], env={"PYTHONPATH": FILES}, timeout=30, check=True)

    assert late.exists()


def test_the_variables_hold_no_value() -> None:
    settings = Settings({"image": "private/image", "env": {"PASSWORD": "hush"}}, ["hosts.yml"])

    variables = json.loads(extra_variables(settings, 5, 6, 7))

    assert "/proc/self/fd/5" in variables["evento_bundle_bundle"]
    assert "/proc/self/fd/6" in variables["evento_bundle_token"]
    assert {"evento_bundle_image", "evento_bundle_env"} < set(variables)
    assert not any(secret in json.dumps(variables) for secret in ("private", "PASSWORD", "hush", "hosts.yml"))
