# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiles the demo bundle and packs it as a JAR."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from lab._errors import LabError, run
from lab._progress import step
from lab._state import State

_SOURCES = Path(__file__).resolve().parent / "demo-bundle"
_MAIN_CLASS = "demo.DemoBundle"
_RELEASE = "17"
_PADDING = "padding"
_CHUNK = 1 << 20
# A JAR entry's name stands twice: in the entry's own header and in the directory at the end.
_ENTRY_OVERHEAD = 30 + 46 + 2 * len(_PADDING)
_LONGEST_MANIFEST_LINE = 72
_TIME = (2024, 11, 23, 0, 0, 0)


def classes(state: State) -> Path:
    """The directory with the compiled demo bundle; compiles it when its source has changed."""
    sources = sorted(_SOURCES.rglob("*.java"))
    key = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    made = state.cache / f"classes-{key}"
    if not made.exists():
        with step("Compiling the demo bundle"):
            state.cache.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(dir=state.cache))
            try:
                run(["javac", "--release", _RELEASE, "-Xlint:all", "-Werror", "-d", work, *sources])
                os.replace(work, made)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    return made


def build_jar(
    path: Path, compiled: Path, bundle_id: str = "DemoBundle", version: str | None = None, size: int | None = None
) -> Path:
    """Pack the compiled classes as an executable JAR and return its path.

    The bundle logs `bundle_id` and, if given, `version`. With `size`, the JAR has exactly that many bytes.
    Raises LabError when it cannot be that small, or a text cannot stand in a manifest.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as jar:
        _write(jar, "META-INF/MANIFEST.MF", _manifest(bundle_id, version))
        for file in sorted(compiled.rglob("*.class")):
            _write(jar, file.relative_to(compiled).as_posix(), file.read_bytes())
    if size is not None:
        _pad(path, size)
    return path


def _write(jar: zipfile.ZipFile, name: str, content: bytes) -> None:
    jar.writestr(zipfile.ZipInfo(name, _TIME), content, zipfile.ZIP_DEFLATED)


def _manifest(bundle_id: str, version: str | None) -> bytes:
    headers = {"Manifest-Version": "1.0", "Main-Class": _MAIN_CLASS, "Implementation-Title": bundle_id}
    if version is not None:
        headers["Implementation-Version"] = version
    lines = [f"{name}: {value}" for name, value in headers.items()]
    for line in lines:
        if len(line.encode()) > _LONGEST_MANIFEST_LINE or not line.isprintable():
            raise LabError(f"{line!r} does not fit into a line of a JAR's manifest; choose a shorter, plain text.")
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def _pad(path: Path, size: int) -> None:
    """Add an uncompressed entry of zeros that brings the file to the size."""
    missing = size - path.stat().st_size - _ENTRY_OVERHEAD
    if missing < 0:
        raise LabError(f"A JAR of {size} bytes is too small; ask for at least {size - missing}.")
    entry = zipfile.ZipInfo(_PADDING, _TIME)
    entry.file_size = missing
    with zipfile.ZipFile(path, "a") as jar, jar.open(entry, "w") as padding:
        for start in range(0, missing, _CHUNK):
            padding.write(bytes(min(_CHUNK, missing - start)))
