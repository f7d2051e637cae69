# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook as a user runs it, with nothing of this machine's own settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def ansible_playbook(directory: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end.

    :param directory: the working directory and the home, which has an empty ansible.cfg from then on.
    :param words: its arguments.
    :param environment: variables beyond those that it always gets, or in place of them.
    """
    (directory / "ansible.cfg").touch()
    return subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), *words],
        env={"PATH": os.environ["PATH"], "HOME": str(directory), "LC_ALL": "C.UTF-8", **environment},
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
