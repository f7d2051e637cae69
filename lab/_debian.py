# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of another Debian release than the machine's, in a directory of their own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from lab import _packages
from lab._errors import LabError, run
from lab._progress import step
from lab._state import State

# In the directory that becomes /usr.
DOCKERD = "/usr/sbin/dockerd"

# Of mmdebstrap itself: /bin and /lib lead to /usr.
_MERGED = "/usr/share/mmdebstrap/hooks/merged-usr"


def programs(state: State, release: str, packages: Sequence[str]) -> Path:
    """The directory that is /usr where the release is installed, with these packages; made only once.

    :param packages: an engine's first.

    Raises LabError when it cannot be had.
    """
    root = state.cache / f"{packages[0]}-{release}"
    if not root.exists():
        _packages.install("mmdebstrap")
        unfinished = root.with_suffix(".unfinished")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        settings = state.cache / "apt.conf"
        settings.write_text(run(["apt-config", "dump", "--format", '%F "%v";%n', "Acquire"]))
        # Unpacked and not set up: no program of it runs meanwhile, and nothing is mounted.
        words = ["mmdebstrap", "--mode=root", "--variant=extract", "--quiet", f"--hook-dir={_MERGED}"]
        words += [f"--include={','.join(packages)}", f"--aptopt={settings}"]
        with step(f"Unpacking {packages[0]} of Debian {release}"):
            run([*words, release, unfinished, _mirror()])
        unfinished.rename(root)
    return root / "usr"


def _mirror() -> str:
    """The one that the machine's own packages come from."""
    words = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
    listed = run([*words, "Created-By: Packages", "Origin: Debian", "Label: Debian", "Component: main"]).split()
    if not listed:
        raise LabError("apt knows no mirror of Debian; see /etc/apt/sources.list, and run: apt-get update.")
    return listed[0]
