# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""Answers of the engine that go on for as long as a container runs.

The SDK's own wait() returns only at the end, and its attach() waits for the socket below TLS to have data, while the
TLS layer may hold the rest of the output already.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from docker import APIClient
    from requests import Response


def post_stream(api: APIClient, path: str, query: dict[str, str]) -> Response:
    """Send a POST call; returns once its answer begins.

    :raises requests.exceptions.HTTPError: the engine refuses the call.
    """
    url = f"{api.base_url}/v{api.api_version}{path}"
    answer = api.post(url, params=query, stream=True, timeout=(api.timeout, None))
    answer.raise_for_status()
    return answer


def frames(answer: Response) -> t.Iterator[bytes]:
    """The pieces of a container's output, as it comes (Docker Engine API, ContainerAttach, "Stream format")."""
    while len(header := answer.raw.read(8)) == 8:
        yield answer.raw.read(int.from_bytes(header[4:], "big"))
