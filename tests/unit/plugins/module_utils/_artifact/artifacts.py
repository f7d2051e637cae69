# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Artifacts for tests of downloads."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import Artifact, Way

JAR = bytes(range(256)) * 4096
# What a server gets to see of the token.
BEARER = "Bearer t0ken"


def of_server(url: str) -> Artifact:
    """One that needs the token."""
    return Artifact(url, from_server=True, token="t0ken", copied=True)


class Clock:
    """A clock that moves by sleep() alone, which takes no time."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def own(url: str, **way: t.Any) -> Artifact:
    """One that the option artifact_url names.

    :param way: how it is downloaded, as for Way.
    """
    return Artifact(url, from_server=False, token=None, copied=True, way=Way(**way))
