# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs the collection that this file lies in, for another host: python -m evento_deploy.pack [ARCHIVE].

Prints the collection's version and a digest of all that an archive of it holds. Not imported by a call.
"""

from __future__ import annotations

import hashlib
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

from ._locate import NAME, Collection

# What a collection needs to work; a checkout holds much else.
_DIRECTORIES = ("meta", "playbooks", "plugins", "roles")
_FILES = ("FILES.json", "LICENSE", "MANIFEST.json", "README.md", "galaxy.yml")


def contents(collection: Path) -> Iterator[Path]:
    """The files to pack, relative to the collection, always in the same order."""
    for directory in _DIRECTORIES:
        for path in sorted((collection / directory).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                yield path.relative_to(collection)
    yield from (Path(name) for name in _FILES if (collection / name).is_file())


def digest(collection: Path) -> str:
    """A hash of the names, the run bits and the contents."""
    found = hashlib.sha256()
    for name in contents(collection):
        content = (collection / name).read_bytes()
        found.update(f"{name} {_mode(collection / name):o} {len(content)}\n".encode() + content)
    return found.hexdigest()


def pack(collection: Path, archive: Path) -> None:
    """Write a tar archive, from ansible_collections on; everything in it is root's and readable by all."""
    with tarfile.open(archive, "w:gz") as tar:
        for name in contents(collection):
            entry = tarfile.TarInfo(str(NAME / name))
            entry.mode = _mode(collection / name)
            entry.size = (collection / name).stat().st_size
            with (collection / name).open("rb") as file:
                tar.addfile(entry, file)


def _mode(path: Path) -> int:
    return 0o755 if path.stat().st_mode & 0o100 else 0o644


def main(arguments: list[str]) -> None:
    """See the module."""
    collection = Collection(Path(__file__).parents[4])
    if arguments:
        pack(collection.path, Path(arguments[0]))
    print(collection.version(), digest(collection.path))


if __name__ == "__main__":
    main(sys.argv[1:])
