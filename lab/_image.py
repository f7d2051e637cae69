# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image `evento-bundle-container`, built on the lab's base image."""

from __future__ import annotations

import hashlib
import json
import typing as t
from pathlib import Path

from lab import _api, _base_image, _engine
from lab._ansible import ansible
from lab._errors import LabError
from lab._progress import step
from lab._state import CHECKOUT, State, own_engine_asked

_CONTEXT = CHECKOUT / "roles" / "evento_bundle" / "files" / "evento-bundle-container"


def name() -> str:
    """The image's name; on the user's own engine one that leaves the user's own image alone."""
    return "evento-bundle-container:lab" if own_engine_asked() else "evento-bundle-container"


def is_current(state: State) -> bool:
    """Whether the private engine has the image that was built last, and nothing that goes into it has changed."""
    image = _api.get(state.socket, f"/images/{name()}/json")
    return image is not None and _built(state) == {**_ingredients(state.docker_host), "id": image["Id"]}


def ensure(state: State, docker_host: str) -> None:
    """Make the base image and the image available on the engine; makes only what is missing or has changed."""
    wanted = _ingredients(docker_host)
    with _engine.client(docker_host) as client:
        _base_image.ensure(state, client)
        if _built(state) in [{**wanted, "id": image["Id"]} for image in client.api.images(name=name())]:
            return
        with step(f"Building the image {name()}"):
            build_image(state, docker_host)
        _note(state).write_text(json.dumps({**wanted, "id": client.images.get(name()).id}))


def build_image(state: State, docker_host: str) -> None:
    """Build the image on the engine as the role does. Raises LabError with the end of the build's output."""
    role = {"name": "evento.docker.evento_bundle", "tasks_from": "image"}
    variables = {
        "evento_bundle_image": name(),
        "evento_bundle_image_source": "build",
        "evento_bundle_image_build_args": {"BASE_IMAGE": _base_image.NAME},
        "evento_bundle_docker_host": docker_host,
    }
    task = ["-m", "ansible.builtin.include_role", "-a", json.dumps(role), "-e", json.dumps(variables)]
    ansible(state, "ansible", ["localhost", *task])


def _ingredients(docker_host: str) -> dict[str, str]:
    if not _CONTEXT.is_dir():
        raise LabError(f"The image's files are not in {_CONTEXT}; use the lab from a whole checkout.")
    files = hashlib.sha256()
    for path in sorted(path for path in _CONTEXT.rglob("*") if path.is_file()):
        files.update(f"{path.relative_to(_CONTEXT)} {path.stat().st_mode} {path.stat().st_size}\n".encode())
        files.update(path.read_bytes())
    return {"docker_host": docker_host, "base": _base_image.recipe(), "files": files.hexdigest()}


def _note(state: State) -> Path:
    return state.cache / f"image-{state.engine}.json"


def _built(state: State) -> t.Any:
    """What the last build was made of and its image's id, None before the first."""
    try:
        return json.loads(_note(state).read_text())
    except (OSError, ValueError):
        return None
