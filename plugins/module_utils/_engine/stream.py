# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of the engine that go on for as long as a container runs.

The SDK's own wait() returns only at the end, and its attach() waits for the socket below TLS to have data, while the
TLS layer may hold the rest of the output already.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._engine.watch import Watch

if t.TYPE_CHECKING:
    from docker import APIClient
    from requests import Response

Doing = t.Callable[[], t.ContextManager[None]]

_OUTPUT = {"stream": "1", "stdout": "1", "stderr": "1"}


def watch_new(api: APIClient, container_id: str, doing: Doing, ready_log: re.Pattern[str]) -> Watch:
    """Watch a container that has been created and not yet started.

    :param doing: makes a context that translates errors.
    :raises EngineError: the engine refuses a call.
    """
    with doing():
        output = _call(api, "POST", container_id, "attach", _OUTPUT)
        # Asked for before the start, so that no exit is missed: the container may remove itself at once.
        ended = _call(api, "POST", container_id, "wait", {"condition": "next-exit"})
    return _watch(output, ended, doing, ready_log)


def _watch(output: Response, ended: Response, doing: Doing, ready_log: re.Pattern[str]) -> Watch:
    def pieces() -> t.Iterator[bytes]:
        with doing():
            yield from _frames(output)

    def exit_code() -> int | None:
        with doing():
            return ended.json().get("StatusCode")

    return Watch(pieces(), exit_code, ready_log)


def _call(api: APIClient, method: str, container_id: str, what: str, query: dict[str, str]) -> Response:
    """Send a call about a container whose answer may go on for long; returns once it begins."""
    url = f"{api.base_url}/v{api.api_version}/containers/{container_id}/{what}"
    answer = api.request(method, url, params=query, stream=True, timeout=api.timeout)
    answer.raise_for_status()
    # It has begun in time, and from now on an instance may be silent for as long as it likes.
    sdk = t.cast(t.Any, api)
    sdk._disable_socket_timeout(sdk._get_raw_response_socket(answer))
    return answer


def _frames(answer: Response) -> t.Iterator[bytes]:
    """The pieces of a container's output, as it comes (Docker Engine API, ContainerAttach, "Stream format")."""
    while len(header := answer.raw.read(8)) == 8:
        yield answer.raw.read(int.from_bytes(header[4:], "big"))
