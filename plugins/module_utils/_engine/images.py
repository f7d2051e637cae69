# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images on the engine."""

from __future__ import annotations

import time
import typing as t
from collections import deque
from dataclasses import dataclass

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EngineError
from ansible_collections.evento.docker.plugins.module_utils._engine.faults import translated

if t.TYPE_CHECKING:
    from docker import APIClient

_LOG_LINES = 20
# How long a pull, a build or a load may take, in seconds, whatever the engine says meanwhile.
LONGEST = 7200.0


@dataclass(frozen=True)
class Image:
    """An image on the engine.

    :param has_healthcheck: whether it defines a health check of its own.
    :param volumes: the directories that it declares as volumes.
    :param reference: by what it is to be named, so that it stays the same one; empty for the name that was asked for.
    """

    id: str
    has_healthcheck: bool
    labels: dict[str, str]
    volumes: frozenset[str] = frozenset()
    reference: str = ""


def inspect_image(api: APIClient, name: str) -> dict[str, t.Any] | None:
    """What the engine tells of the image of that name, in the words of its API; None where it has none.

    :raises EngineError: the engine does not tell.
    """
    try:
        with translated(f"look at image {name}"):
            return api.inspect_image(name)
    except EngineError as exc:
        if exc.status == 404:
            return None
        raise


def find_image(api: APIClient, name: str) -> Image | None:
    """The image of that name; None where the engine has none.

    :raises EngineError: the engine does not tell.
    """
    details = inspect_image(api, name)
    if details is None:
        return None
    config = details.get("Config") or {}
    volumes = frozenset(config.get("Volumes") or {})
    return Image(details["Id"], declares_healthcheck(config), config.get("Labels") or {}, volumes)


def declares_healthcheck(config: dict[str, t.Any]) -> bool:
    """Whether the configuration of an image or a container, in the words of the Engine API, has a health check."""
    test = (config.get("Healthcheck") or {}).get("Test") or ["NONE"]
    return test[0] != "NONE"


def pull_image(api: APIClient, name: str) -> None:
    """Pull an image from its registry.

    :raises EngineError: it cannot be had.
    """
    doing = f"pull image {name}"
    with translated(doing):
        messages = api.pull(name, stream=True, decode=True)
        follow(doing, "check the name, and that the Docker host reaches the registry", messages)


def follow(
    doing: str,
    next_step: str,
    messages: t.Iterable[dict[str, t.Any]],
    clock: t.Callable[[], float] = time.monotonic,
) -> None:
    """Read the engine's messages about a long task to their end.

    :param doing: the task, as in "pull image x".
    :param next_step: what the operator can do when it fails.
    :param clock: gives seconds that only go up.
    :raises EngineError: one of them is an error, its result has the last lines of a build's output; or there is no end.
    """
    deadline = clock() + LONGEST
    lines: deque[str] = deque(maxlen=_LOG_LINES)
    for message in messages:
        lines += [line for line in str(message.get("stream", "")).splitlines() if line]
        log = {"build_log": list(lines)} if lines else {}
        if "error" in message:
            words = str(message["error"]).strip().rstrip(".")
            raise EngineError(f"Could not {doing}: {words}: {next_step}.", result=log)
        if clock() > deadline:
            late = f"it has not ended after {LONGEST / 60:.0f} minutes: look at the Docker engine"
            raise EngineError(f"Could not {doing}: {late}.", result=log)
