# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as its users get it: built, imported as Galaxy does it, and installed where nothing else is."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.sessions.environment import BIN, CACHE, ROOT, SYSTEM_PATH, inside
from tests.sessions.programs import StepFailed, output, run, say
from tests.sessions.tree import copy_tree
from tests.sessions.venvs import ready_venv

USER_VENV = CACHE / "user-venv"
_DIST = CACHE / "dist"
_PACKED = {
    "CHANGELOG.rst", "FILES.json", "LICENSE", "MANIFEST.json", "README.md",
    "changelogs", "docs", "examples", "meta", "playbooks", "plugins", "roles",
}  # fmt: skip
# What has documentation, by ansible-doc's word for it, and where it lies.
_DOCUMENTED = {
    "module": "plugins/modules/*.py",
    "lookup": "plugins/lookup/*.py",
    "filter": "plugins/filter/*.py",
    "callback": "plugins/callback/*.py",
    "role": "roles/*",
}


@dataclass(frozen=True)
class Installation:
    """The collection in an environment that has what a user installs, and no checkout.

    :param programs: the folder of Ansible's programs.
    :param collections: what ANSIBLE_COLLECTIONS_PATH names.
    :param home: a directory with nothing in it but what Ansible puts there; outside of the checkout.
    """

    programs: Path
    collections: Path
    home: Path

    @property
    def path(self) -> Path:
        """Where the collection is."""
        return self.collections / "ansible_collections" / "evento" / "docker"

    def env(self) -> dict[str, str]:
        """The environment of a user's programs."""
        return {
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "PATH": f"{self.programs}:{SYSTEM_PATH}",
        }

    def run(self, program: Path, *words: str | Path) -> None:
        """Run a program as a user does. Raises StepFailed."""
        run([program, *words], env=self.env(), cwd=self.home)


def check_package() -> None:
    """Build the collection, import it as Galaxy does, install it and show its documentation. Raises StepFailed."""
    tarball = build(copy_tree())
    with installed(tarball):
        pass


def build(tree: Path) -> Path:
    """Build the collection, look at what is in it, and return its path. Raises StepFailed."""
    shutil.rmtree(_DIST, ignore_errors=True)
    run([BIN / "ansible-galaxy", "collection", "build", "--output-path", _DIST], env=inside(), cwd=tree)
    [tarball] = _DIST.glob("*.tar.gz")
    _check_contents(tarball)
    _import_as_galaxy(tarball)
    return tarball


@contextlib.contextmanager
def installed(tarball: Path) -> Iterator[Installation]:
    """Install a built collection as a user does, and see that it shows its documentation. Raises StepFailed."""
    programs = ready_venv(USER_VENV, Path(sys.executable), [ROOT / "tests" / "user-requirements.txt"], linked=False)
    with tempfile.TemporaryDirectory(prefix="evento-user-") as directory:
        home = Path(directory, "home")
        home.mkdir()
        installation = Installation(programs, Path(directory, "collections"), home)
        galaxy = programs / "ansible-galaxy"
        installation.run(galaxy, "collection", "install", "--offline", tarball, "-p", installation.collections)
        _show_documentation(installation)
        installation.run(installation.path / "roles" / "evento_deploy" / "files" / "evento-deploy", "--version")
        yield installation


def release_tools() -> Path:
    """Return the folder of the programs that look at a built collection."""
    return ready_venv(
        CACHE / "release-venv", Path(sys.executable), [ROOT / "tests" / "release-requirements.txt"], linked=False
    )


def _check_contents(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        names = archive.getnames()
    surplus = sorted({name.split("/")[0] for name in names} - _PACKED)
    surplus += sorted(name for name in names if name.endswith((".pyc", "__pycache__")))
    if surplus:
        raise StepFailed(f"the tarball holds {', '.join(surplus)}, which no user needs: see build_ignore in galaxy.yml")
    say(f"-- {tarball.name}: {len(names)} entries, {tarball.stat().st_size / 1024:.0f} KiB")


def _import_as_galaxy(tarball: Path) -> None:
    programs = release_tools()
    env = {**inside(), "PATH": f"{programs}:{inside()['PATH']}"}
    log = output([programs / "python", "-m", "galaxy_importer.main", tarball], env=env, cwd=tarball.parent)
    faults = [line for line in log.splitlines() if line.startswith(("ERROR", "WARNING"))]
    if faults:
        raise StepFailed(f"galaxy-importer: {'; '.join(faults)}")


def _show_documentation(installation: Installation) -> None:
    for kind, pattern in _DOCUMENTED.items():
        names = [f"evento.docker.{path.stem}" for path in sorted(installation.path.glob(pattern))]
        shown = output(
            [installation.programs / "ansible-doc", "-t", kind, *names], env=installation.env(), cwd=installation.home
        )
        missing = [name for name in names if name not in shown]
        if missing or str(installation.path) not in shown:
            raise StepFailed(f"ansible-doc does not show the installed {kind} {', '.join(missing or names)}")
        say(f"-- ansible-doc shows the {kind}s {', '.join(names)}")
