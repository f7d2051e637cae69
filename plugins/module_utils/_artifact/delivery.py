# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JAR on its way into the containers of a run."""

from __future__ import annotations

import os
import time
import typing as t
from pathlib import PurePosixPath

from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import FILE_NAME, Artifact
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError

_PIECE = 1 << 18
_BLOCK = 512
# Bytes a second, somewhat less than a network of 100 Mbit/s carries.
_SLOWEST = 8 << 20
# How a JAR begins, says the image's entrypoint, too: with a ZIP file's first entry, or with a script that runs it.
_BEGINNINGS = (b"PK\x03\x04", b"#!")


class Delivery:
    """Gets the JAR once, for all instances that a run starts."""

    def __init__(self, artifact: Artifact) -> None:
        self._artifact = artifact
        self._file: t.BinaryIO | None = None

    @property
    def path(self) -> PurePosixPath:
        """Where it would be for who does by hand what is done here."""
        return PurePosixPath(self._artifact.path or FILE_NAME)

    @property
    def fetched(self) -> bool:
        """Whether the JAR is here."""
        return self._file is not None

    def fetch(self) -> None:
        """Bring the JAR here and check it.

        :raises EventoError: it cannot be had, or is none.
        """
        # Imported here, because most runs start nothing.
        from ansible_collections.evento.docker.plugins.module_utils._artifact.download import fetch

        file = fetch(self._artifact)
        if not _is_jar(file):
            file.close()
            raise EventoError(
                f"What {self._artifact.shown} holds is not a complete JAR: check the address and the published file."
            )
        self._file = file

    def close(self) -> None:
        """Give the room back that the JAR takes; it can be fetched again."""
        if self._file is not None:
            self._file.close()
        self._file = None

    @property
    def grace(self) -> int:
        """Seconds that it may take to copy the JAR into a container, on a slow way to the engine."""
        return os.fstat(t.cast(t.BinaryIO, self._file).fileno()).st_size // _SLOWEST

    def archive(self, name: str = FILE_NAME, changed_at: float | None = None) -> Archive:
        """A tar archive with the JAR in it; several can be read at the same time.

        :param name: the JAR's name in there.
        :param changed_at: its date, in seconds since 1970; None for now.
        """
        file = t.cast(t.BinaryIO, self._file).fileno()
        return Archive(file, name, int(time.time() if changed_at is None else changed_at))


class Archive:
    """A tar archive with one file in it, made while it is read, which can be done more than once."""

    def __init__(self, file: int, name: str, changed_at: int) -> None:
        import tarfile

        self._file, self._size = file, os.fstat(file).st_size
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = self._size, 0o644, changed_at
        self._head = entry.tobuf(tarfile.GNU_FORMAT)
        # Zeros fill the last block up, and two blocks of them end the archive.
        self._end = bytes(-self._size % _BLOCK + 2 * _BLOCK)

    def __len__(self) -> int:
        return len(self._head) + self._size + len(self._end)

    def __iter__(self) -> t.Iterator[bytes]:
        yield self._head
        # pread has no position that two readers could move for each other.
        for start in range(0, self._size, _PIECE):
            yield os.pread(self._file, _PIECE, start)
        yield self._end


def _is_jar(file: t.BinaryIO) -> bool:
    from zipfile import is_zipfile

    return os.pread(file.fileno(), 4, 0).startswith(_BEGINNINGS) and is_zipfile(file)
