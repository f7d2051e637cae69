# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A JAR in hand: is it one, and how it travels into containers."""

from __future__ import annotations

import io
import tarfile
import typing as t
import zipfile
from pathlib import Path

import pytest

from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import Artifact
from ansible_collections.evento.docker.plugins.module_utils._artifact.delivery import Delivery
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError

# The file is there until the process ends: whoever copies it last does not know that it is the last.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def jar(padding: int = 0, comment: bytes = b"") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("padding", bytes(padding))
        archive.comment = comment
    return content.getvalue()


def delivery(directory: Path, content: bytes) -> Delivery:
    path = directory / "some.jar"
    path.write_bytes(content)
    return Delivery(Artifact(path.as_uri(), from_server=False, token=None, copied=True))


# By name: their bytes have the time in them, and tests that run side by side agree on what they are called.
JARS = {
    "small": jar(),
    "large": jar(100_000),
    "with a long comment": jar(comment=b"c" * 65535),
    "that can be executed": b"#!/bin/sh\nexec java -jar $0\n" + jar(),
}


@pytest.mark.parametrize("kind", JARS)
def test_jars(tmp_path: Path, kind: str) -> None:
    arriving = delivery(tmp_path, JARS[kind])
    arriving.fetch()
    assert arriving.fetched


NO_JARS = {
    "empty": b"",
    "two letters": b"PK",
    "a page": b"<html>401</html>",
    "cut off": jar(100_000)[:-30],
    "a line before": b"\n" + jar(),
}


@pytest.mark.parametrize("kind", NO_JARS)
def test_no_jars(tmp_path: Path, kind: str) -> None:
    arriving = delivery(tmp_path, NO_JARS[kind])
    with pytest.raises(EventoError, match=r"some\.jar holds is not a complete JAR: check"):
        arriving.fetch()
    assert not arriving.fetched


def unpacked(pieces: t.Iterable[bytes]) -> tuple[list[tuple[str, int]], bytes]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
        content = archive.extractfile("app.jar")
        assert content is not None
        return [(entry.name, entry.mode) for entry in archive.getmembers()], content.read()


@pytest.mark.parametrize("padding", [0, 512 - len(jar()) % 512, 1_000_000])
def test_archive_holds_the_jar_for_everybody_to_read(tmp_path: Path, padding: int) -> None:
    content = jar(padding)
    arriving = delivery(tmp_path, content)
    arriving.fetch()
    pieces = list(arriving.archive())
    assert unpacked(pieces) == ([("app.jar", 0o644)], content)
    assert max(map(len, pieces)) < 1 << 20


def test_several_can_read_it_at_the_same_time(tmp_path: Path) -> None:
    arriving = delivery(tmp_path, jar(1_000_000))
    arriving.fetch()
    other = iter(arriving.archive())
    pairs = [(piece, next(other)) for piece in arriving.archive()]
    assert unpacked(first for first, _second in pairs) == unpacked(second for _first, second in pairs)
