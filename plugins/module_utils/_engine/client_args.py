# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options, with the environment variables that stand in for them."""

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.basic import env_fallback
from ansible.module_utils.common.parameters import AnsibleFallbackNotFound


def _set_fallback(name: str) -> t.Any:
    """The value of that variable; an empty one is none, as for the docker command."""
    return env_fallback(name) or _none()


def _cert_path_fallback(name: str) -> str:
    """The file of that name in DOCKER_CERT_PATH, as the docker command looks for it."""
    path = os.path.join(_set_fallback("DOCKER_CERT_PATH"), name)
    return path if os.path.isfile(path) else _none()


def _none() -> t.NoReturn:
    raise AnsibleFallbackNotFound


# Pair of plugins/doc_fragments/_client.py.
CLIENT_ARGS: dict[str, dict[str, t.Any]] = {
    "docker_host": {
        "type": "str",
        "default": "unix:///var/run/docker.sock",
        "fallback": (_set_fallback, ["DOCKER_HOST"]),
    },
    "tls": {"type": "bool", "default": False, "fallback": (_set_fallback, ["DOCKER_TLS"])},
    "validate_certs": {
        "type": "bool",
        "default": False,
        "fallback": (_set_fallback, ["DOCKER_TLS_VERIFY"]),
        "aliases": ["tls_verify"],
    },
    "tls_hostname": {"type": "str", "fallback": (_set_fallback, ["DOCKER_TLS_HOSTNAME"])},
    "ca_path": {"type": "path", "fallback": (_cert_path_fallback, ["ca.pem"]), "aliases": ["ca_cert", "tls_ca_cert"]},
    "client_cert": {"type": "path", "fallback": (_cert_path_fallback, ["cert.pem"]), "aliases": ["tls_client_cert"]},
    "client_key": {"type": "path", "fallback": (_cert_path_fallback, ["key.pem"]), "aliases": ["tls_client_key"]},
    "use_ssh_client": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 60, "fallback": (_set_fallback, ["DOCKER_TIMEOUT"])},
    "api_version": {
        "type": "str",
        "default": "auto",
        "fallback": (_set_fallback, ["DOCKER_API_VERSION"]),
        "aliases": ["docker_api_version"],
    },
}
