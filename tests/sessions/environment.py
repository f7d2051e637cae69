# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things lie, and what the programs that the sessions run see of the environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
VENV = ROOT / ".venv"
BIN = VENV / "bin"
SITE = VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
HOME = CACHE / "home"
ANSIBLE_CFG = CACHE / "ansible.cfg"
# The one place for the ranges of packages that only the tools need.
CONSTRAINTS = ROOT / "tests" / "constraints.txt"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_ALWAYS = ("CI", "LOGNAME", "TERM", "TMPDIR", "USER")
_DOWNLOADS = ("HOME", "SSL_CERT_DIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
# What we were started with; noxfile.py changes os.environ.
GIVEN = dict(os.environ)


def outside() -> dict[str, str]:
    """Return the environment of what installs things: it needs the user's home, proxies and certificates."""
    env = _common()
    for name, value in GIVEN.items():
        if name in _DOWNLOADS or name.startswith("PIP_") or name.lower().endswith("_proxy"):
            env[name] = value
    return env


def inside() -> dict[str, str]:
    """Return the environment of the tests: the user's settings of Ansible, Python, Docker and others stay outside."""
    return {
        **_common(),
        "HOME": str(HOME),
        # An empty file and a home of our own keep /etc/ansible/ansible.cfg and ~/.ansible out.
        "ANSIBLE_CONFIG": str(ANSIBLE_CFG),
        "ANSIBLE_COLLECTIONS_PATH": str(SITE),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(CACHE / "hypothesis"),
    }


def both(path: str) -> dict[str, str]:
    """Return the environment of sessions that install and check in one go, as those of antsibull-nox do.

    :param path: where to look for programs, Pythons above all.
    """
    return {**outside(), **inside(), "PATH": path, "PIP_CONSTRAINT": str(CONSTRAINTS)}


def _common() -> dict[str, str]:
    env = {name: value for name, value in GIVEN.items() if name in _ALWAYS or name.startswith("EVENTO_LAB_")}
    # The administrator's programs, such as dockerd, are not on every user's path.
    env["PATH"] = os.pathsep.join([str(BIN), GIVEN.get("PATH", ""), SYSTEM_PATH])
    env["LANG"] = env["LC_ALL"] = "C.UTF-8"
    env["PYTHONPYCACHEPREFIX"] = str(CACHE / "pycache")
    env["PYTHONUNBUFFERED"] = "1"  # lines appear when they are written
    if not sys.stdout.isatty():
        env["NO_COLOR"] = "1"
    return env
