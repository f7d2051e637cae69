# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from evento_deploy.pack import digest, pack


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A checkout: the collection, and what is no part of it."""
    files = ("plugins/a.py", "plugins/__pycache__/a.cpython-311.pyc", "roles/r/files/program", "galaxy.yml")
    for name in (*files, ".venv/bin/python", ".git/HEAD", "tests/test_a.py"):
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "checkout/roles/r/files/program").chmod(0o700)
    return tmp_path / "checkout"


def test_the_archive_has_what_the_collection_needs_and_all_can_read_it(collection: Path, tmp_path: Path) -> None:
    pack(collection, tmp_path / "collection.tar.gz")

    with tarfile.open(tmp_path / "collection.tar.gz") as archive:
        modes = {entry.name.removeprefix("ansible_collections/evento/docker/"): entry.mode for entry in archive}
    assert modes == {"plugins/a.py": 0o644, "roles/r/files/program": 0o755, "galaxy.yml": 0o644}


def test_the_digest_tells_what_would_be_another_archive(collection: Path) -> None:
    before = digest(collection)

    (collection / "tests/test_a.py").write_text("else")
    (collection / "plugins/__pycache__/a.cpython-312.pyc").touch()
    assert digest(collection) == before

    (collection / "roles/r/files/program").chmod(0o600)
    changed_mode = digest(collection)
    (collection / "plugins/a.py").write_text("else")
    assert len({before, changed_mode, digest(collection)}) == 3
