# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the modules about bundles, but for those that say where the engine is."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._container.labels import DEFAULT_PROJECT
from ansible_collections.evento.docker.plugins.module_utils._container.options import CONTAINER_ARGS

_BUNDLES: dict[str, dict[str, t.Any]] = {
    "bundle": {"type": "raw", "no_log": True},
    "bundles": {"type": "list", "elements": "raw", "no_log": True},
    "backend": {"type": "str", "default": "containers", "choices": ["containers", "swarm"]},
}
_INSTANCES: dict[str, dict[str, t.Any]] = {
    "managers": {"type": "list", "elements": "str"},
    "constraints": {"type": "list", "elements": "str"},
    "reschedule": {"type": "bool", "default": True},
    "artifact": {"type": "str", "default": "url", "choices": ["url", "copy", "image"]},
    "repository": {"type": "str"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    # It can hold a password, or be signed.
    "artifact_url": {"type": "str", "no_log": True},
    "server_url": {"type": "str"},
    "image": {"type": "str", "default": "evento-bundle-container"},
    "env": {"type": "dict", "no_log": True},
}
# What says of which bundles instances are, and how they must look. Pair of plugins/doc_fragments/_instance.py.
INSTANCE_ARGS = {**_BUNDLES, **_INSTANCES, **CONTAINER_ARGS}
# All options of evento_bundle, but for those of the container.
BUNDLE_ARGS = {
    **_BUNDLES,
    "project": {"type": "str", "default": DEFAULT_PROJECT},
    "prune": {"type": "bool", "default": False},
    "prune_all": {"type": "bool", "default": False},
    "token": {"type": "str", "no_log": True},
    **_INSTANCES,
    "state": {"type": "str", "default": "started", "choices": ["started", "stopped", "absent"]},
    "instances": {"type": "int"},
    "scale_by": {"type": "int"},
    "update_order": {"type": "str", "choices": ["start-first", "stop-first"]},
    "recreate": {"type": "bool", "default": False},
    "download_ca_path": {"type": "path"},
    "download_validate_certs": {"type": "bool", "default": True},
    "use_proxy": {"type": "bool", "default": True},
    "pull": {"type": "str", "default": "missing", "choices": ["missing", "never", "always"]},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 60},
    "wait_added": {"type": "int"},
    "ready_when": {"type": "str", "default": "reported", "choices": ["reported", "running"]},
    "ready_log": {"type": "str", "default": "Application Started!"},
    "ready_after": {"type": "int", "default": 5},
}

_FOR_ALL_BUNDLES = (
    *("bundle", "bundles", "project", "prune", "prune_all", "token", "backend", "managers"),
    *("repository", "username", "password"),
)
# What an entry of bundles can have of its own.
ENTRY_ARGS = {
    name: option for name, option in {**BUNDLE_ARGS, **CONTAINER_ARGS}.items() if name not in _FOR_ALL_BUNDLES
}
