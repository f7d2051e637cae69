# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the fake engine has: images, containers, and its answers about them."""

from __future__ import annotations

import hashlib
import threading
import typing as t
from dataclasses import dataclass, field
from http.client import responses

import requests
from docker.errors import APIError, NotFound

IMAGE = "evento-bundle-container"
READY_LINE = "Application Started!"


class Moment(t.NamedTuple):
    """What an instance does so many seconds after the moment before: print a line, change its health, exit."""

    after: float = 0
    says: str = ""
    health: str | None = None
    exits: int | None = None


Script = tuple[Moment, ...]

READY: Script = (Moment(says=READY_LINE, health="healthy"),)
HANGS: Script = ()


def ready_after(seconds: float) -> Script:
    return (Moment(seconds, READY_LINE, "healthy"),)


def crashes(code: int, says: str, after: float = 0) -> Script:
    return (Moment(says=says), Moment(after, exits=code))


def turns_unhealthy(after: float = 0) -> Script:
    return (Moment(after, health="unhealthy"),)


@dataclass
class FakeImage:
    """An image; `volumes` are the directories that it declares, `directories` those that it really has."""

    name: str = IMAGE
    healthcheck: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"sha256:{hashlib.sha256(self.name.encode()).hexdigest()}"

    @property
    def config(self) -> dict[str, t.Any]:
        check = {"Healthcheck": {"Test": ["CMD", "true"]}} if self.healthcheck else {}
        return {"Labels": self.labels, "Volumes": {path: {} for path in self.volumes}, **check}


@dataclass
class FakeContainer:
    """A container; `ended` is set once it has exited for the first time, or has been removed."""

    id: str
    name: str
    image: FakeImage
    config: dict[str, t.Any]
    host_config: dict[str, t.Any]
    created: float
    state: str = "created"
    health: str | None = None
    exit_code: int = 0
    lines: list[bytes] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def output(self) -> bytes:
        """Its lines in the frames of attach."""
        return b"".join(b"\x01\0\0\0" + len(line).to_bytes(4, "big") + line for line in self.lines)

    @property
    def status(self) -> str:
        """In the words of the list call."""
        health = {None: "", "starting": " (health: starting)"}.get(self.health, f" ({self.health})")
        code = f" ({self.exit_code}) Less than a second ago"
        words = {"created": "Created", "running": f"Up 2 seconds{health}"}
        return words.get(self.state, self.state.capitalize() + code)

    @property
    def ports(self) -> set[str]:
        bindings: dict[str, list[dict[str, str]]] = self.host_config.get("PortBindings", {})
        return {one["HostPort"] for ports in bindings.values() for one in ports if one["HostPort"].isdecimal()}


class Answer(requests.Response):
    """An answer whose body comes when it is read: a container's exit code, a text, or (as `raw`) its output."""

    def __init__(self, status: int, body: t.Callable[[], bytes] = bytes, raw: t.Any = None) -> None:
        super().__init__()
        self.status_code = status
        self.reason = responses.get(status, "")
        self.raw = raw
        self._body = body

    @property
    def content(self) -> bytes:
        return self._body()


class Output:
    """A container's output as attach gives it, from its start to its first exit."""

    def __init__(self, container: FakeContainer, news: threading.Condition) -> None:
        self._container = container
        self._news = news
        self._position = 0

    def read(self, size: int) -> bytes:
        with self._news:
            self._news.wait_for(lambda: self._there(size) or self._container.ended.is_set())
            piece = self._container.output[self._position : self._position + size]
        self._position += len(piece)
        return piece

    def _there(self, size: int) -> bool:
        return len(self._container.output) >= self._position + size


def error(status: int, words: str) -> APIError:
    """What the SDK raises where the engine answers so."""
    kind = NotFound if status == 404 else APIError
    return kind(words, Answer(status), explanation=words)
