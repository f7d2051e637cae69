# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers on the lab's engine that the benchmarks put there, and take away."""

from __future__ import annotations

import contextlib
import typing as t
import uuid
from concurrent.futures import ThreadPoolExecutor

import docker
from docker.errors import APIError

# As wide as an engine of a few CPUs takes it.
_AT_ONCE = 8


def remove(client: docker.DockerClient, label: str) -> None:
    """Remove all containers with a label (``key=value``), at once, whatever they do."""

    def take_away(container_id: str) -> None:
        try:
            client.api.remove_container(container_id, v=True, force=True)
        except APIError as error:
            # Gone, or going, by itself.
            if error.status_code not in (404, 409):
                raise

    found = client.api.containers(all=True, filters={"label": label})
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(take_away, [entry["Id"] for entry in found]))


@contextlib.contextmanager
def unrelated(client: docker.DockerClient, image: str, number: int) -> t.Iterator[None]:
    """So many containers that are none of ours, for as long as the context lasts."""
    mark = f"benchmark={uuid.uuid4().hex}"
    key, value = mark.split("=")

    def create(_number: int) -> None:
        client.api.create_container(image, labels={key: value, "evento.bundle": "unrelated"})

    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(create, range(number)))
        yield
    finally:
        remove(client, mark)
