# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User and password in server_url, as a reverse proxy may ask for them, are shown to nobody."""

from __future__ import annotations

import json

import pytest

from tests.integration.deployment import run_module


@pytest.mark.parametrize(
    ("server_url", "shown"),
    [
        ("http://user:planted@evento:3000", "http://********@evento:3000"),
        ("http://user:planted@evento:3000?x", "http://********@evento:3000?********"),
        ("user:planted@evento:3000", "********"),
        (None, None),
    ],
)
def test_credentials_of_the_server_are_in_no_result(server_url: str | None, shown: str | None) -> None:
    result = run_module(
        "evento_bundle", {"bundle": {"id": "e"}, "docker_host": "unix:///nowhere", "server_url": server_url}
    )
    assert result["failed"]
    assert result["invocation"]["module_args"]["server_url"] == shown
    assert "planted" not in json.dumps(result)
