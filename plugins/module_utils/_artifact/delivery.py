# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JAR on its way into the containers of a run."""

from __future__ import annotations

import os
import time
import typing as t

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

    def archive(self) -> t.Iterator[bytes]:
        """A tar archive with the JAR in it, made while it is read; several can be read at the same time."""
        import tarfile

        file = t.cast(t.BinaryIO, self._file).fileno()
        entry = tarfile.TarInfo(FILE_NAME)
        entry.size, entry.mode, entry.mtime = os.fstat(file).st_size, 0o644, int(time.time())
        yield entry.tobuf(tarfile.GNU_FORMAT)
        # pread has no position that two readers could move for each other.
        for start in range(0, entry.size, _PIECE):
            yield os.pread(file, _PIECE, start)
        # Zeros fill the last block up, and two blocks of them end the archive.
        yield bytes(-entry.size % _BLOCK + 2 * _BLOCK)


def _is_jar(file: t.BinaryIO) -> bool:
    from zipfile import is_zipfile

    return os.pread(file.fileno(), 4, 0).startswith(_BEGINNINGS) and is_zipfile(file)
