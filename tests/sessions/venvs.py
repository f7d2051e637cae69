# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments, made anew only when what they are made from has changed, and pip's settings for all of them."""

from __future__ import annotations

import configparser
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from tests.sessions.environment import HOME, ROOT, outside
from tests.sessions.programs import output, run, say

_STAMP = "evento-stamp"


def ready_venv(
    path: Path, python: Path, packages: Sequence[str | Path], options: Sequence[str] = (), *, linked: bool = True
) -> Path:
    """Make a virtual environment at `path`, unless it is there already.

    :param packages: pip's arguments; a path is a file of requirements, its content a part of what is compared.
    :param options: those of `python -m venv`.
    :param linked: whether the checkout is to be found in it as the collection.

    Returns the folder of its programs. Raises StepFailed.
    """
    stamp = _stamp(path, python, packages, options)
    if not (path / _STAMP).is_file() or (path / _STAMP).read_text() != stamp:
        say(f"-- installing packages into {path.relative_to(ROOT)}")
        run([python, "-m", "venv", "--clear", *options, path], env=outside(), cwd=ROOT)
        pip = (path / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        words = [word for one in packages for word in (("-r", one) if isinstance(one, Path) else (one,))]
        run([*pip, *words], env=outside(), cwd=ROOT, silent=True)
        (path / _STAMP).write_text(stamp)
    if linked:
        [site] = path.glob("lib/python3*/site-packages")
        link_collection(site)
    return path / "bin"


def link_collection(parent: Path) -> None:
    """Let the checkout be found as ansible_collections.evento.docker by what looks for packages in a directory."""
    link = parent / "ansible_collections" / "evento" / "docker"
    if link.is_symlink() and link.resolve() == ROOT:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(ROOT)


def write_pip_settings(python: Path) -> None:
    """Hand on what the user told pip, by variables or in files, to what has a home of its own.

    :param python: one that has pip.
    """
    settings = configparser.RawConfigParser()
    settings.add_section("global")
    for line in output([python, "-m", "pip", "config", "list"], env=outside(), cwd=ROOT).splitlines():
        name, value = line.split("=", 1)
        settings.set("global", name.rpartition(".")[2], value.strip("'"))
    path = HOME / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    # It can hold a password.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        settings.write(file)


def _stamp(path: Path, python: Path, packages: Sequence[str | Path], options: Sequence[str]) -> str:
    """Describe what a virtual environment is made from; its programs hold its path."""
    parts = [str(path), str(python), output([python, "-V"], env=outside(), cwd=ROOT), *options]
    for word in packages:
        parts.append(_content(word) if isinstance(word, Path) else word)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _content(requirements: Path) -> str:
    """Read a file of requirements, and the files that it refers to."""
    text = requirements.read_text()
    for line in text.splitlines():
        if line.startswith(("-r ", "-c ")):
            text += _content(requirements.parent / line[3:])
    return text
