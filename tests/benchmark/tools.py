# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gets what the benchmarks compare with: community.docker from the package ansible, and Docker Compose from Debian."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import typing as t
import zipfile
from pathlib import Path

from lab._progress import step

CACHE = Path(__file__).parents[2] / ".cache" / "benchmark"
# The release of the package ansible that goes with the ansible-core of .venv; the archive holds all collections.
_ANSIBLE = "ansible>=12,<13"
_WANTED = re.compile(r"ansible_collections/community/(?:docker|library_inventory_filtering_v1)/")
# The first release of Debian whose Compose is the one that Docker maintains.
_DEBIAN = "trixie"
_SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
_COMPOSE = "usr/libexec/docker/cli-plugins/docker-compose"


class Tools(t.NamedTuple):
    """:param collections: for Ansible's collection path
    :param compose: the program; None where it could not be had
    """

    collections: Path
    compose: Path | None


def get_tools() -> Tools:
    """Install what is missing."""
    CACHE.mkdir(parents=True, exist_ok=True)
    return Tools(_collections(), get_compose())


def get_compose() -> Path | None:
    """Docker Compose; None where it could not be had."""
    CACHE.mkdir(parents=True, exist_ok=True)
    return _installed_compose() or _debians_compose()


def _collections() -> Path:
    target = CACHE / "collections"
    if not target.exists():
        with step("Fetching community.docker"):
            download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
            subprocess.run([*download, f"--dest={CACHE}", _ANSIBLE], check=True)
        wheel = next(CACHE.glob("ansible-*.whl"))
        unfinished = target.with_name("unfinished")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unfinished, [name for name in archive.namelist() if _WANTED.match(name)])
        wheel.unlink()
        unfinished.rename(target)
    return target


def _installed_compose() -> Path | None:
    for folder in (Path.home() / ".docker", Path("/usr/local/lib/docker"), Path("/usr/libexec/docker")):
        program = folder / "cli-plugins" / "docker-compose"
        if program.exists():
            return program
    return None


def _debians_compose() -> Path | None:
    """From the release that has it, by the machine's own source of packages; nothing of it is installed."""
    program = CACHE / "compose" / _COMPOSE
    if program.exists():
        return program
    if not _SOURCES.exists() or not shutil.which("apt-get"):
        return None
    apt = CACHE / "apt"
    (apt / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    first = _SOURCES.read_text().split("\n\n")[0]
    keys = "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg"
    text = re.sub(r"(?m)^Suites:.*", f"Suites: {_DEBIAN}", re.sub(r"(?m)^Signed-By:.*", keys, first))
    (apt / "debian.sources").write_text(text + "\n")
    settings = {
        "Dir::Etc::sourcelist": apt / "debian.sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": apt / "lists",
        "Dir::Cache": apt,
    }
    command = ["apt-get", "-qq", *(f"--option={name}={value}" for name, value in settings.items())]
    with step(f"Fetching Docker Compose from Debian {_DEBIAN}"):
        for words in (["update"], ["download", "docker-compose"]):
            if subprocess.run([*command, *words], cwd=apt, check=False).returncode:
                return None
    subprocess.run(["dpkg", "-x", next(apt.glob("docker-compose_*.deb")), CACHE / "compose"], check=True)
    return program
