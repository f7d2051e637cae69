# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container like another, as the engine wants to hear of it."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evento.docker.plugins.module_utils._engine.standby import copied_config

DETAILS: dict[str, t.Any] = {
    "Id": "0123456789abcdef",
    "Image": "sha256:4711",
    "Config": {"Labels": {}},
    "HostConfig": {"NetworkMode": "bridge"},
    "NetworkSettings": {"Networks": {}},
}


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        (None, []),
        ([{"Name": "nofile", "Soft": 1, "Hard": 2}], [{"Name": "nofile", "Soft": 1, "Hard": 2}]),
        ([{"Name": "RLIMIT_NOFILE", "Soft": 1, "Hard": 2}], [{"Name": "nofile", "Soft": 1, "Hard": 2}]),
    ],
    ids=["none", "docker", "podman"],
)
def test_limits_have_the_names_that_are_taken(told: t.Any, taken: list[dict[str, t.Any]]) -> None:
    details = {**DETAILS, "HostConfig": {**DETAILS["HostConfig"], "Ulimits": told}}
    body, networks = copied_config(details)
    assert (body["HostConfig"]["Ulimits"], networks) == (taken, [])
