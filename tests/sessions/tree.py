# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as a clean tree of its own: what git knows or would add, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.sessions.environment import CACHE, ROOT, inside
from tests.sessions.programs import output, run

TREE = CACHE / "tree" / "ansible_collections" / "evento" / "docker"


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
