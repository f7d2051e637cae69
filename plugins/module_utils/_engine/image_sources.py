# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images from files: a Dockerfile or an archive. Apart from images.py, which is to stay quick to import."""

from __future__ import annotations

import json
import os
import tarfile
import typing as t
import zlib
from contextlib import contextmanager

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._engine.faults import translated
from ansible_collections.evento.docker.plugins.module_utils._engine.images import follow, inspect_image

if t.TYPE_CHECKING:
    from docker import APIClient


_SEEN_BY_CONTAINERS = (
    "Cmd", "Entrypoint", "Env", "ExposedPorts", "Healthcheck", "Labels", "Shell", "StopSignal", "User", "Volumes",
    "WorkingDir",
)  # fmt: skip


def build_image(
    api: APIClient, name: str, path: str, build_args: t.Mapping[str, t.Any], no_cache: bool = False
) -> None:
    """Build an image from the Dockerfile in a directory of the host that this runs on.

    :raises EventoError: there is no Dockerfile, or it cannot be built; the result has the end of the output.
    """
    if not os.path.isfile(os.path.join(path, "Dockerfile")):
        raise EventoError(f"There is no Dockerfile in {path}: set path to the directory of one.", INVALID_INPUT)
    doing = f"build image {name} from {path}"
    texts = {argument: str(value) for argument, value in build_args.items()}
    with translated(doing):
        messages = api.build(path=path, tag=name, buildargs=texts, nocache=no_cache, forcerm=True, decode=True)
        follow(doing, "build_log has the last lines that the build printed", messages)


def load_image(api: APIClient, path: str) -> None:
    """Load the images of an archive that docker save has written.

    :raises EngineError: it cannot be loaded.
    """
    doing = f"load {path}"
    with translated(doing), open(path, "rb") as archive:
        follow(doing, "check the archive, and that the Docker host has space left", api.load_image(archive))


def is_loaded(api: APIClient, path: str, name: str) -> bool:
    """Whether the image of that name on the engine is the one in an archive.

    :raises EventoError: the archive cannot be read or holds no such image, or the engine does not tell.
    """
    details = inspect_image(api, name)
    with _opened(path) as archive:
        config = _config_file(archive, path, name)
        if details is None:
            return False
        # With a containerd image store the ID is the digest that the archive's index has for the image, as moby's pull
        # requests 44833 and 48894 show. Archives of engines before 25 have no index, and get an ID of its own.
        if details["Id"] in (_digest(config), *_manifest_digests(archive, name)):
            return True
        return bool(details.get("Descriptor")) and _is_same(json.loads(_read(archive, config)), details)


@contextmanager
def _opened(path: str) -> t.Iterator[tarfile.TarFile]:
    """An archive that docker save has written.

    :raises EventoError: it cannot be read, now or within the context.
    """
    try:
        with tarfile.open(path) as archive:
            yield archive
    except _reading_errors() as exc:
        cause = getattr(exc, "strerror", None) or "it is not an archive that docker save writes, or it is damaged"
        raise EventoError(f"Could not read {path}: {cause}.", INVALID_INPUT) from exc


def _reading_errors() -> tuple[type[Exception], ...]:
    """What an archive that is damaged, or none, can lead to."""
    errors = (OSError, EOFError, tarfile.TarError, zlib.error, LookupError, TypeError, ValueError, AttributeError)
    try:
        from lzma import LZMAError
    except ImportError:
        # Not every Python has it.
        return errors
    return (*errors, LZMAError)


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    return file.read() if file else b""


def _config_file(archive: tarfile.TarFile, path: str, name: str) -> str:
    """The path within an archive of the configuration of the image of that name."""
    images = json.loads(_read(archive, "manifest.json"))
    files = {_full_name(tag): str(image["Config"]) for image in images for tag in image["RepoTags"] or []}
    if _full_name(name) not in files:
        held = ", ".join(sorted(files)) or "no image with a name"
        raise EventoError(f"{path} does not hold {_full_name(name)}: it holds {held}.", INVALID_INPUT)
    return files[_full_name(name)]


def _digest(config_file: str) -> str:
    """The digest of a configuration: its file is <digest>.json, or blobs/sha256/<digest> from engine 25 on."""
    return "sha256:" + os.path.basename(config_file).partition(".")[0]


def _manifest_digests(archive: tarfile.TarFile, name: str) -> t.Iterator[str]:
    if "index.json" not in archive.getnames():
        return
    for manifest in json.loads(_read(archive, "index.json"))["manifests"] or []:
        tag = (manifest.get("annotations") or {}).get("io.containerd.image.name")
        if tag and _full_name(tag) == _full_name(name):
            yield manifest["digest"]


def _is_same(config: dict[str, t.Any], details: dict[str, t.Any]) -> bool:
    """Whether a configuration in an archive is that of an image on the engine: what containers see, and its age."""
    archived, present = config.get("config") or {}, details.get("Config") or {}
    return (
        config["rootfs"]["diff_ids"] == (details.get("RootFS") or {}).get("Layers")
        and config.get("created") == details.get("Created")
        and all((archived.get(key) or None) == (present.get(key) or None) for key in _SEEN_BY_CONTAINERS)
    )


def _full_name(name: str) -> str:
    """The name as the engine keeps it: docker.io/library/x and x are x:latest."""
    for prefix in ("docker.io/library/", "docker.io/"):
        if name.startswith(prefix):
            name = name[len(prefix) :]
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
