# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module that runs in a process of its own needs to find what it imports, and to say all that it can."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from ansible.module_utils.ansible_release import __version__


def python_path() -> str:
    """PYTHONPATH for it: ansible and the collection come from where the test has them, in site-packages or not."""
    ansible = importlib.import_module("ansible.module_utils")
    modules = importlib.import_module("ansible_collections.evento.docker.plugins.modules")
    return os.pathsep.join([str(Path(ansible.__path__[0]).parents[1]), str(Path(modules.__path__[0]).parents[4])])


def asking_for_invocation() -> dict[str, bool]:
    """Arguments with which its result says what was invoked, as with -vvv: since ansible-core 2.21 only if asked to."""
    release = tuple(int(number) for number in __version__.split(".")[:2])
    return {"_ansible_inject_invocation": True} if release >= (2, 21) else {}
