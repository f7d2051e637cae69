# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next release, or the one that is being made: all that can be found out before it is public."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import yaml

from tests.sessions.environment import BIN, ROOT, inside, outside
from tests.sessions.package import USER_VENV, Installation, build, installed, release_tools
from tests.sessions.programs import StepFailed, output, run, say
from tests.sessions.tree import copy_tree

_CHANGELOG = "CHANGELOG.rst"


def check_release() -> None:
    """Make the release in a copy, install it where nothing else is, and use it there on the lab. Raises StepFailed."""
    tree = copy_tree()
    _write_changelog(tree)
    tarball = build(tree)
    # A user has what is newest today.
    shutil.rmtree(USER_VENV, ignore_errors=True)
    with installed(tarball) as installation:
        run(
            [BIN / "python", "-m", "tests.smoke", installation.programs, installation.collections, installation.home],
            env={**outside(), **inside()},
            cwd=ROOT,
        )
        _check_execution_environment(installation, tarball)
    say(f"-- what to publish: {tarball.relative_to(ROOT)}")


def _write_changelog(tree: Path) -> None:
    """Turn the fragments into the changelog of the version in galaxy.yml, or see that this has been done."""
    version = yaml.safe_load((tree / "galaxy.yml").read_text())["version"]
    releases = yaml.safe_load((tree / "changelogs" / "changelog.yaml").read_text())["releases"]
    if version not in releases:
        _changelog(tree, "release", "--verbose")
    else:
        fragments = sorted(path.name for path in (tree / "changelogs" / "fragments").glob("*.yml"))
        if fragments:
            raise StepFailed(
                f"{version} has its changelog, and there is more to tell ({', '.join(fragments)}): set the version of "
                "the next release in galaxy.yml"
            )
        committed = (tree / _CHANGELOG).read_text()
        _changelog(tree, "generate")
        if (tree / _CHANGELOG).read_text() != committed:
            raise StepFailed(
                f"{_CHANGELOG} is not what antsibull-changelog generate makes of changelogs/changelog.yaml"
            )
    say(f"-- {_CHANGELOG} of {version}: {len((tree / _CHANGELOG).read_text().splitlines())} lines")


def _changelog(tree: Path, *words: str) -> None:
    run([BIN / "antsibull-changelog", *words], env=inside(), cwd=tree)


def _check_execution_environment(installation: Installation, tarball: Path) -> None:
    """See what ansible-builder makes of the collection: its requirements, and files to build an image from."""
    builder = release_tools() / "ansible-builder"
    env = {**installation.env(), "PATH": f"{builder.parent}:{installation.env()['PATH']}"}
    found = yaml.safe_load(output([builder, "introspect", installation.collections], env=env, cwd=installation.home))
    listed = [line.partition("  #")[0] for line in found["python"]]
    lines = (installation.path / "meta" / "ee-requirements.txt").read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    if listed != wanted:
        raise StepFailed(f"ansible-builder finds {listed} in meta/execution-environment.yml, not {wanted}")
    definition = installation.home / "execution-environment.yml"
    content = {
        "version": 3,
        "dependencies": {
            "ansible_core": {"package_pip": "ansible-core"},
            "ansible_runner": {"package_pip": "ansible-runner"},
            "galaxy": {"collections": [{"name": f"/build/collections/{tarball.name}", "type": "file"}]},
        },
        "additional_build_files": [{"src": str(tarball), "dest": "collections"}],
    }
    definition.write_text(json.dumps(content))  # JSON is YAML
    context = installation.home / "context"
    run([builder, "create", "--file", definition, "--context", context], env=env, cwd=installation.home)
    say(f"-- an execution environment gets {', '.join(wanted)}")
