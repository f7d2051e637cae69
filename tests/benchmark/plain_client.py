# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts containers with nothing but the Docker SDK: `plain_client.py ENGINE IMAGE NUMBER LABEL THREADS`."""

from __future__ import annotations

import sys
import typing as t
from concurrent.futures import ThreadPoolExecutor


def main(engine: str, image: str, number: str, label: str, threads: str) -> None:
    """Create and start them, so many at once."""
    # The SDK imports it wherever it is installed, here for the tests; who starts containers has no need of it.
    sys.modules["paramiko"] = t.cast(t.Any, None)
    import docker

    api = docker.APIClient(engine, version="auto")
    config = api.create_host_config(auto_remove=True, extra_hosts={"host.docker.internal": "host-gateway"})
    key, value = label.split("=")

    def start(turn: int) -> None:
        name = f"{value}-{turn + 1}"
        container = api.create_container(image, name=name, host_config=config, labels={key: value})
        api.start(container["Id"])

    with ThreadPoolExecutor(int(threads)) as pool:
        list(pool.map(start, range(int(number))))


if __name__ == "__main__":
    main(*sys.argv[1:])
