# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call for a bundle that nobody has, in check mode: all that a real one goes through, and nothing is started."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from ._command_line import Call
from ._output import Summary
from ._settings import Settings

BUNDLE_ID = "evento-deploy-self-test"
# The module's defaults for an artifact that the container downloads, and for one that the module does.
_OF_THE_CONTAINER, _OF_THIS_HOST = "http://host.docker.internal:3000", "http://localhost:3000"
_ENGINE_HOST = "host.docker.internal"
_PORTS = {"http": 80, "https": 443}
# Seconds that a server gets to answer.
_PATIENCE = 5


def trial(call: Call, settings: Settings) -> tuple[Call, Settings]:
    """The call to make, and the settings for it.

    A missing image is a fault here unless the settings say where it comes from: pulled by the first call, it would
    arrive after Evento's publishing client has given up.
    """
    bundle = json.dumps({"id": BUNDLE_ID}).encode()
    options = {"pull": "never", **settings.options}
    return call._replace(check=True, bundle=bundle, token=b"none"), settings._replace(options=options)


def judged(summary: Summary, settings: Settings, environ: Mapping[str, str], version: str) -> Summary:
    """What to print and how to end, from the summary of the call."""
    if summary.exit_code:
        return summary._replace(stdout=[])
    said = f"evento-deploy {version} works: Ansible runs, the Docker engine answers, the image is there"
    return Summary(0, [said], summary.stderr + server_warnings(settings, environ))


def server_warnings(settings: Settings, environ: Mapping[str, str]) -> list[str]:
    """One if nothing listens where the artifact comes from. No fault: Evento Server may be installed later."""
    options = settings.options
    key = "artifact_url" if options.get("artifact_url") else "server_url"
    default = _OF_THE_CONTAINER if options.get("artifact", "url") == "url" else _OF_THIS_HOST
    address = _address(str(options.get(key) or default))
    if settings.inventory or address is None:
        return []
    host, port = address
    if host == _ENGINE_HOST:
        docker_host = options.get("docker_host") or environ.get("DOCKER_HOST") or "unix:"
        if not str(docker_host).startswith("unix:"):
            return []
        host = "localhost"
    try:
        socket.create_connection((host, port), _PATIENCE).close()
    except OSError as error:
        words = error.strerror or error
        return [
            f"evento-deploy: warning: nothing answers at {host}:{port} ({words}): start the server, or correct {key}"
        ]
    return []


def _address(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None
