# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which words of a swarm may be shown.

A manager repeats values of a service's environment where it refuses them, and a task's error may hold whatever the
engine of its node said. So only what is known is shown, each with its next step; it holds names and numbers alone.
"""

from __future__ import annotations

import re
import typing as t
from contextlib import contextmanager

from ansible_collections.evento.docker.plugins.module_utils._base.errors import ENGINE_UNREACHABLE, EngineError
from ansible_collections.evento.docker.plugins.module_utils._engine.faults import translated

_OUT_OF_SEQUENCE = "update out of sequence"
_UNSHOWN = "its words are not shown, because they can repeat values"
# What of the words is shown, as a pattern, and the next step; empty where the words of a sentence with it say enough.
_NO_MANAGER = (
    ("node is not (?:a|part of a) swarm(?: manager)?", "name a manager of the swarm in docker_host"),
    (
        "swarm does not have a leader|context deadline exceeded",
        "see to it that more than half of its managers run and reach each other",
    ),
)
_KNOWN = (
    *_NO_MANAGER,
    (_OUT_OF_SEQUENCE, ""),
    ("name conflicts with an existing object", ""),
    ("no suitable node(?: \\([^()]*\\))?", "see constraints, memory, cpus and published_ports, and docker node ls"),
    (
        "no such image",
        "see to it that each node can pull it: the name, the registry, and the login of who runs this",
    ),
    ("pull access denied", "check the name of the image, and log in to its registry with docker login"),
    ("manifest unknown", "check the tag of the image"),
    ("no basic auth credentials", "log in to the registry of the image with docker login"),
    ("unauthorized", "log in to the registry of the image with docker login"),
    ("bind source path does not exist", "create the directory on each node, or set constraints to those that have it"),
    ("network \\S+ not found", "create it as an overlay network, or name another one in networks"),
    ("port is already allocated", "publish another port, or fewer instances than there are nodes"),
    ("address already in use", "publish another port, or fewer instances than there are nodes"),
    ("no space left on device", "free disk space on the node"),
    ("minimum memory limit", "raise memory"),
    ("executable file not found", "check the image"),
    ("exec format error", "use an image for the node's architecture, or set constraints"),
)


def telling(words: str) -> str:
    """What may be shown of a swarm's words, with the next step; empty for none."""
    for pattern, step in _KNOWN:
        found = re.search(pattern, words, re.I)
        if found:
            return f"{found.group()}: {step}" if step else found.group()
    return ""


@contextmanager
def asking(doing: str) -> t.Iterator[None]:
    """As translated of _engine, for a question: an answer to it repeats nothing.

    :raises EngineError: instead of any error of the SDK or of the connection.
    """
    with _reaching_a_manager(), translated(doing, shown=lambda words: telling(words) or words):
        yield


@contextmanager
def giving(doing: str) -> t.Iterator[None]:
    """The same where the manager is given a specification: with none but known words.

    :raises EngineError: instead of any error of the SDK or of the connection.
    """
    with _reaching_a_manager(), translated(doing, shown=lambda words: telling(words) or _UNSHOWN):
        yield


@contextmanager
def _reaching_a_manager() -> t.Iterator[None]:
    """Tell an answer that there is no working manager by its class from others."""
    try:
        yield
    except EngineError as exc:
        if exc.status is not None and any(re.search(pattern, str(exc), re.I) for pattern, _step in _NO_MANAGER):
            raise EngineError(str(exc), ENGINE_UNREACHABLE, exc.status) from exc
        raise


def is_out_of_sequence(exc: EngineError) -> bool:
    """Whether a service was changed by another since it was looked at.

    The status alone, 500, does not tell (https://github.com/moby/moby/issues/30794).
    """
    return exc.status == 500 and _OUT_OF_SEQUENCE in str(exc)
