# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small image that does what the variable SCRIPT of its environment says: quicker than a JVM, and knows no Evento."""

from __future__ import annotations

import io

import docker
from docker.models.containers import Container

from tests.until import until

NAME = "evento-test-script"
# SIGKILL, because a shell that is process 1 ignores SIGTERM. The label tells what one exit code means.
_DOCKERFILE = b"""\
FROM evento-lab-jre:17
LABEL evento.exit-code.9="the script was told to fail"
STOPSIGNAL SIGKILL
ENTRYPOINT ["/bin/sh", "-c", "eval \\"${SCRIPT:-exec sleep 600}\\""]
"""


def script_image(engine: docker.DockerClient, tag: str = "latest", more: bytes = b"") -> str:
    """Make the image available on the lab's engine; returns its name.

    :param more: further lines of its Dockerfile.
    """
    name = f"{NAME}:{tag}"
    engine.images.build(fileobj=io.BytesIO(_DOCKERFILE + more), tag=name, rm=True)
    return name


def await_health(container: Container, health: str) -> None:
    """Return once the engine says that of a container with a health check."""

    def told() -> bool:
        container.reload()
        return bool(container.attrs["State"].get("Health", {}).get("Status") == health)

    until(told, f"{container.name} becomes {health}")
