# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small image with a Java runtime, made of this machine's own files, because not every machine reaches a registry."""

from __future__ import annotations

import glob
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import typing as t
from pathlib import Path

from lab._errors import LabError, run
from lab._packages import find
from lab._progress import step
from lab._state import State

if t.TYPE_CHECKING:
    import docker

REPOSITORY, TAG = "evento-lab-jre", "17"
NAME = f"{REPOSITORY}:{TAG}"
MADE_BY_LAB = "evento.lab"
_RECIPE = "evento.lab.recipe"
_OLDEST_JAVA = 17

# What the demo bundle uses.
_MODULES = ("java.base", "java.management")
_RUNTIME = "opt/java"
# All but bash are what the image needs; with bash it has no need to install it.
_PROGRAMS = ("busybox", "curl", "bash")
_DIRECTORIES = {"tmp": 0o1777, "var/tmp": 0o1777, "root": 0o700, "etc": 0o755, "opt": 0o755, "usr/bin": 0o755}
_TEXTS = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_LOCALES = ("/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8")
# Loaded by name when a host name or a user is looked up, so that ldd does not tell of them.
_NAME_SERVICES = ("libnss_files.so.2", "libnss_dns.so.2")
_ENVIRONMENT = {"PATH": f"/usr/bin:/bin:/{_RUNTIME}/bin", "JAVA_HOME": f"/{_RUNTIME}"}


def recipe() -> str:
    """A hash of all that goes into the image: the JDK, the programs, the texts, this file."""
    ingredients = hashlib.sha256(Path(__file__).read_bytes())
    ingredients.update((_java_home() / "release").read_bytes())
    for program in (*map(_program, _PROGRAMS), Path(_CERTIFICATES)):
        if program.exists():
            status = program.stat()
            ingredients.update(f"{program} {status.st_size} {status.st_mtime_ns}".encode())
    return ingredients.hexdigest()[:16]


def ensure(state: State, client: docker.DockerClient) -> None:
    """Make the base image available on the engine."""
    wanted = recipe()
    present = client.api.images(name=NAME, filters={"label": f"{_RECIPE}={wanted}"})
    if not present:
        archive = state.cache / f"jre-{wanted}.tar"
        if not archive.exists():
            with step(f"Making a Java runtime for the base image {NAME}"):
                _make_archive(archive)
        with step(f"Importing the base image {NAME}"):
            _import(client, archive, wanted)


def _import(client: docker.DockerClient, archive: Path, wanted: str) -> None:
    changes = [f"ENV {name}={value}" for name, value in _ENVIRONMENT.items()]
    changes += [f"LABEL {MADE_BY_LAB}=true {_RECIPE}={wanted}", 'CMD ["/bin/sh"]']
    answer = client.api.import_image_from_file(str(archive), repository=REPOSITORY, changes=changes)
    told = [json.loads(line) for line in answer.splitlines() if line]
    for line in told:
        if "error" in line:
            raise LabError(f"The engine does not import {archive}: {line['error']}")
    # Podman takes no tag from the import.
    client.api.tag(told[-1]["status"], REPOSITORY, TAG)


def _program(name: str) -> Path:
    found = find(name)
    if found is None:
        raise LabError(f"The program {name} is missing; install it and try again.")
    return found


def _java_home() -> Path:
    """The JDK that the programs on PATH belong to. Raises LabError when it is too old."""
    home = _program("javac").resolve().parent.parent
    release = home / "release"
    found = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(), re.MULTILINE) if release.exists() else None
    if found is None or int(found[1]) < _OLDEST_JAVA:
        raise LabError(f"The JDK in {home} is older than Java {_OLDEST_JAVA}; put a newer one first on PATH.")
    return home


def _make_archive(archive: Path) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=archive.parent))
    try:
        runtime = _make_runtime(work / "java")
        unfinished = work / archive.name
        with tarfile.open(unfinished, "w", dereference=True) as tar:
            _fill(tar, runtime)
        for old in archive.parent.glob("jre-*.tar"):
            old.unlink()
        os.replace(unfinished, archive)
    finally:
        shutil.rmtree(work)


def _make_runtime(directory: Path) -> Path:
    jlink = _java_home() / "bin" / "jlink"
    options = ["--strip-java-debug-attributes", "--no-header-files", "--no-man-pages"]
    run([jlink, "--add-modules", ",".join(_MODULES), *options, "--output", directory])
    # The archive of the platform's own classes, which jlink leaves out: with it a JVM starts a third faster.
    run([directory / "bin" / "java", "-Xshare:dump"])
    return directory


def _fill(tar: tarfile.TarFile, runtime: Path) -> None:
    for name, mode in _DIRECTORIES.items():
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode = tarfile.DIRTYPE, mode
        tar.addfile(entry)
    for name, text in _TEXTS.items():
        entry = tarfile.TarInfo(name)
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text.encode()))
    tar.add(runtime, _RUNTIME, filter=_owned_by_root)
    programs = {name: _program(name) for name in _PROGRAMS}
    for name, program in programs.items():
        tar.add(program, f"bin/{name}", filter=_owned_by_root)
    for applet in run([programs["busybox"], "--list"]).split():
        if applet not in _PROGRAMS:
            entry = tarfile.TarInfo(f"bin/{applet}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(entry)
    for path in [*sorted(_libraries(runtime, *programs.values())), _CERTIFICATES, *_LOCALES]:
        if os.path.exists(path):
            tar.add(path, path.lstrip("/"), filter=_owned_by_root)


def _owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


def _libraries(runtime: Path, *programs: Path) -> set[str]:
    """The machine's shared libraries that the runtime and the programs load, where they look for them."""
    binaries = [*programs, runtime / "bin" / "java", *map(Path, glob.glob(f"{runtime}/lib/**/*.so", recursive=True))]
    found: set[str] = set()
    for binary in binaries:
        # ldd fails for a static program, which needs no library.
        told = subprocess.run(["ldd", binary], capture_output=True, text=True, check=False).stdout
        found.update(re.findall(r"(/\S+\.so\S*) \(0x", told))
    system = {path for path in found if not path.startswith(str(runtime))}
    directories = {os.path.dirname(path) for path in system}
    return system | {f"{directory}/{name}" for directory in directories for name in _NAME_SERVICES}
