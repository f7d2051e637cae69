# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""Images from files: built from a Dockerfile, loaded from an archive. Not in _images, to keep that quick to import."""

from __future__ import annotations

import json
import os
import tarfile
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._client import translated
from ansible_collections.evento.docker.plugins.module_utils._errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._images import follow

if t.TYPE_CHECKING:
    from docker import APIClient


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


def archived_image_id(path: str, name: str) -> str:
    """The ID of the image of that name in an archive.

    :raises EventoError: the archive cannot be read, or holds no such image.
    """
    try:
        with tarfile.open(path) as archive:
            manifest = archive.extractfile("manifest.json")
            images = json.load(manifest) if manifest else []
        ids = {
            _full_name(tag): "sha256:" + os.path.basename(image["Config"]).partition(".")[0]
            for image in images
            for tag in image["RepoTags"] or []
        }
    except (OSError, EOFError, tarfile.TarError, KeyError, TypeError, ValueError) as exc:
        cause = getattr(exc, "strerror", None) or "it is not an archive that docker save writes"
        raise EventoError(f"Could not read {path}: {cause}.", INVALID_INPUT) from exc
    if _full_name(name) not in ids:
        held = ", ".join(sorted(ids)) or "no image with a name"
        raise EventoError(f"{path} does not hold {_full_name(name)}: it holds {held}.", INVALID_INPUT)
    return ids[_full_name(name)]


def _full_name(name: str) -> str:
    """The name as the engine keeps it: docker.io/library/x and x are x:latest."""
    for prefix in ("docker.io/library/", "docker.io/"):
        if name.startswith(prefix):
            name = name[len(prefix) :]
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
