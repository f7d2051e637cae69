# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as a clean tree of its own: what git knows or would add, and nothing else."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

from tests.sessions.environment import BIN, CACHE, ROOT, inside
from tests.sessions.programs import StepFailed, output, run, say

TREE = CACHE / "tree" / "ansible_collections" / "evento" / "docker"
_INSTALLED = CACHE / "installed"
_PACKED = {
    "CHANGELOG.rst", "FILES.json", "LICENSE", "MANIFEST.json", "README.md",
    "changelogs", "docs", "examples", "meta", "playbooks", "plugins", "roles",
}  # fmt: skip


def tracked_files() -> list[Path]:
    """List the files of the checkout that git tracks or would track, relative to the checkout."""
    names = output(["git", "ls-files", "-z", "-co", "--exclude-standard"], env=inside(), cwd=ROOT).split("\0")
    # git still lists a tracked file that has just been deleted.
    return sorted(Path(name) for name in set(names) if name and ((ROOT / name).is_symlink() or (ROOT / name).is_file()))


def copy_tree() -> Path:
    """Copy the collection to the folder names that ansible-test insists on, and return the copy's path."""
    shutil.rmtree(TREE, ignore_errors=True)
    for name in tracked_files():
        target = TREE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)
    # A repository of its own: in the checkout's, all of .cache is ignored, and tools that ask git find no file.
    run(["git", "init", "--quiet"], env=inside(), cwd=TREE)
    (TREE / ".git" / "info" / "exclude").write_text("tests/output/\n")  # what ansible-test writes
    return TREE


def check_package() -> None:
    """Build the collection, install it elsewhere and use what was installed. Raises StepFailed."""
    tree = copy_tree()
    dist = CACHE / "dist"
    for folder in (dist, _INSTALLED):
        shutil.rmtree(folder, ignore_errors=True)
    env = {**inside(), "ANSIBLE_COLLECTIONS_PATH": str(_INSTALLED)}
    run([BIN / "ansible-galaxy", "collection", "build", "--output-path", dist], env=env, cwd=tree)
    (tarball,) = dist.glob("*.tar.gz")
    _check_contents(tarball)
    # --force, because Ansible finds the checkout in the virtual environment and would leave it at that.
    run([BIN / "ansible-galaxy", "collection", "install", "--force", tarball, "-p", _INSTALLED], env=env, cwd=CACHE)
    collection = _INSTALLED / "ansible_collections" / "evento" / "docker"
    for kind, found in (("module", "plugins/modules/*.py"), ("role", "roles/*/meta/argument_specs.yml")):
        for path in sorted(collection.glob(found)):
            name = f"evento.docker.{path.stem if kind == 'module' else path.parts[-3]}"
            say(f"-- ansible-doc shows the {kind} {name}")
            if str(collection) not in output([BIN / "ansible-doc", "-t", kind, name], env=env, cwd=CACHE):
                raise StepFailed(f"ansible-doc does not show the installed {kind} {name}")
    run([collection / "roles" / "evento_deploy" / "files" / "evento-deploy", "--version"], env=env, cwd=CACHE)


def _check_contents(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        names = archive.getnames()
    surplus = sorted({name.split("/")[0] for name in names} - _PACKED)
    surplus += sorted(name for name in names if name.endswith((".pyc", "__pycache__")))
    if surplus:
        raise StepFailed(f"the tarball holds {', '.join(surplus)}, which no user needs: see build_ignore in galaxy.yml")
    say(f"-- {tarball.name}: {len(names)} entries, {tarball.stat().st_size / 1024:.0f} KiB")
