# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle and options to make a container of."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._bundle.bundle import parse_bundle
from ansible_collections.evento.docker.plugins.module_utils._container.options import CONTAINER_ARGS
from ansible_collections.evento.docker.plugins.module_utils._container.spec import ContainerSpec, container_spec

BUNDLE = {"id": "orders", "version": 3, "artifactCoordinates": "/a.jar", "updatedAt": 1}
DEFAULTS = {
    **{name: argument.get("default") for name, argument in CONTAINER_ARGS.items()},
    "project": "default",
    "image": "evento-bundle-container",
    "artifact": "url",
    "artifact_url": None,
    "repository": None,
    "username": None,
    "download_ca_path": None,
    "download_validate_certs": True,
    "use_proxy": True,
    "server_url": "http://evento:3000/",
    "env": None,
}


def make_spec(token: str | None = "t", bundle: dict[str, t.Any] | None = None, **options: t.Any) -> ContainerSpec:
    return container_spec(parse_bundle({**BUNDLE, **(bundle or {})}, starting=True), {**DEFAULTS, **options}, token)


def environment(spec: ContainerSpec) -> dict[str, str]:
    return dict(entry.split("=", 1) for entry in spec.config(1, "f")["Env"])
