#!/usr/bin/python
# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: evento_bundle_image
short_description: Make the image for Evento bundles available
version_added: 1.0.0
description:
  - Builds, pulls or loads the image that M(evento.docker.evento_bundle) starts its instances from.
  - Instances of another image are outdated, so the next run of M(evento.docker.evento_bundle) replaces them.
author:
  - The evento.docker maintainers (@EventoFramework)
extends_documentation_fragment:
  - evento.docker._client
  - evento.docker._attributes
attributes:
  check_mode:
    support: partial
    details:
      - Only a build or a pull can tell whether it changes an image that is present, so none is predicted for it.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - With O(source=build) it depends on the engine's build cache, with O(source=pull) and O(force) on the registry.
options:
  name:
    description:
      - Name of the image, with a tag where it is not C(latest).
    type: str
    default: evento-bundle-container
  source:
    description:
      - V(build) builds it from the Dockerfile in O(path).
      - V(pull) pulls it from its registry.
      - V(archive) loads it from the file O(path), as C(docker save) writes it.
    type: str
    choices: [build, pull, archive]
    required: true
  path:
    description:
      - The directory with the Dockerfile, or the archive, on the host that the module runs on.
      - Required with O(source=build) and O(source=archive).
    type: path
  build_args:
    description:
      - Values for the Dockerfile's C(ARG) instructions, such as C(BASE_IMAGE).
      - They can be read in the image's history, so they are no place for secrets.
    type: dict
    default: {}
  force:
    description:
      - Build without the cache, or pull an image that is present.
      - O(source=archive) loads an archive whenever its image is another one than the image that is present.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Build the image on another base image
  evento.docker.evento_bundle_image:
    source: build
    path: /opt/evento/evento-bundle-container
    build_args:
      BASE_IMAGE: eclipse-temurin:25-jre

- name: Load the image on a host that reaches no registry
  evento.docker.evento_bundle_image:
    source: archive
    path: /opt/evento/evento-bundle-container.tar.gz
"""

RETURN = r"""
image:
  description: The image as it is now.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: evento-bundle-container
    id:
      description: Its ID; none in check mode for an image that is not there yet.
      type: str
      sample: sha256:609375405237bf6e24d3f61a2f5147dab6b27d76f1ec4127081ab5a9912bbe1e
msg:
  description: What happened, in one sentence.
  returned: always
  type: str
  sample: evento-bundle-container is built.
failure:
  description: Class of the failure, one of invalid_input, engine_unreachable, other.
  returned: failure
  type: str
  sample: engine_unreachable
build_log:
  description: The last lines that the build printed.
  returned: failure of a build
  type: list
  elements: str
"""

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._engine.client import connect
from ansible_collections.evento.docker.plugins.module_utils._engine.client_args import CLIENT_ARGS
from ansible_collections.evento.docker.plugins.module_utils._engine.image_sources import (
    build_image,
    is_loaded,
    load_image,
)
from ansible_collections.evento.docker.plugins.module_utils._engine.images import find_image, pull_image
from ansible_collections.evento.docker.plugins.module_utils._run.module import EventoModule, finish

_PAST = {"build": "built", "pull": "pulled", "archive": "loaded"}


def _needed(client: t.Any, params: dict[str, t.Any], present: str | None) -> bool:
    """Whether something is to be done; for a build only the engine can tell."""
    if params["source"] == "archive":
        return not is_loaded(client, params["path"], params["name"])
    return bool(params["source"] == "build" or present is None or params["force"])


def _make(client: t.Any, params: dict[str, t.Any]) -> None:
    if params["source"] == "build":
        build_image(client, params["name"], params["path"], params["build_args"], no_cache=params["force"])
    elif params["source"] == "pull":
        pull_image(client, params["name"])
    else:
        load_image(client, params["path"])


def _ensure(params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    name, source = params["name"], params["source"]
    client = connect(params)
    found = find_image(client, name)
    before = after = found.id if found else None
    needed = _needed(client, params, before)
    if check_mode:
        changed = needed and (before is None or source == "archive")
    else:
        if needed:
            _make(client, params)
            found = find_image(client, name)
            after = found.id if found else None
        changed = after != before
    msg = f"{name} is {_PAST[source]}." if changed else f"{name} is up to date."
    return {"changed": changed, "image": {"name": name, "id": after}, "msg": msg}


def main() -> None:
    module = EventoModule(
        argument_spec={
            **CLIENT_ARGS,
            "name": {"type": "str", "default": "evento-bundle-container"},
            "source": {"type": "str", "required": True, "choices": ["build", "pull", "archive"]},
            "path": {"type": "path"},
            "build_args": {"type": "dict", "default": {}},
            "force": {"type": "bool", "default": False},
        },
        required_if=[("source", "build", ["path"]), ("source", "archive", ["path"])],
        supports_check_mode=True,
    )
    finish(module, lambda: _ensure(module.params, module.check_mode))


if __name__ == "__main__":
    main()
