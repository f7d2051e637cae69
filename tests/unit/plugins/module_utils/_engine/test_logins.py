# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The login for a registry: of the Docker configuration, or of the options."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from docker.auth import AuthConfig, get_config_header

from ansible_collections.evento.docker.plugins.module_utils._engine.logins import log_in, login_for


class Client(SimpleNamespace):
    """What the SDK keeps of logins in its client."""

    def __init__(self, config: dict[str, t.Any]) -> None:
        super().__init__(_auth_configs=AuthConfig(config), credstore_env=None)


CONFIGURED = {
    "auths": {"other:5000": {"username": "o", "password": "p"}, "own:5000": {"username": "a", "password": "b"}}
}


@pytest.mark.parametrize("config", [{}, CONFIGURED, {**CONFIGURED, "credHelpers": {"own:5000": "missing"}}], ids=str)
def test_the_login_of_the_options_goes_first(config: dict[str, t.Any]) -> None:
    client = Client(config)
    log_in(t.cast(t.Any, client), "own:5000/bundles", "u", "secret")
    assert login_for(t.cast(t.Any, client), "own:5000") == ("u", "secret")
    # The SDK's own way to it, which looks for a configuration again where there is none.
    assert get_config_header(client, "own:5000")
    assert login_for(t.cast(t.Any, client), "own:5000") == ("u", "secret")


def test_other_registries_keep_theirs() -> None:
    client = Client(CONFIGURED)
    log_in(t.cast(t.Any, client), "own:5000/bundles", "u", "secret")
    assert login_for(t.cast(t.Any, client), "other:5000") == ("o", "p")
    assert login_for(t.cast(t.Any, client), "third:5000") == (None, None)
