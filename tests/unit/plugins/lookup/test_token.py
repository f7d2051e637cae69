# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tokens that the lookup evento.docker.token makes."""

from __future__ import annotations

import time
import typing as t
import warnings

import jwt
import pytest
from ansible.errors import AnsibleError

from ansible_collections.evento.docker.plugins.lookup import token as plugin
from lab import _tokens
from tests.unit.plugins.lookup.lookups import look_up

KEY = "a signing key that is long enough for HS256"
# Evento Server's own, unless it is told another.
SHORT_KEY = "evento-server-security-key"


def make(**options: t.Any) -> str:
    [token] = look_up(plugin, **{"signing_key": KEY, **options})
    return token


def claims(token: str) -> dict[str, t.Any]:
    return jwt.decode(token, KEY, algorithms=["HS256"])


def test_token_is_as_the_servers_own() -> None:
    token, own = make(), _tokens.issue(KEY, 60)
    assert jwt.get_unverified_header(token) == jwt.get_unverified_header(own)
    mine, servers = claims(token), claims(own)
    assert mine.keys() == servers.keys()
    for same in ("iss", "clientId", "role"):
        assert mine[same] == servers[same]
    assert abs(mine["iat"] - time.time()) < 30
    assert (mine["exp"] - mine["iat"], mine["iat"] - mine["nbf"]) == (60, 1)


def test_every_token_is_another_one() -> None:
    assert claims(make())["jti"] != claims(make())["jti"]


def test_roles_and_lifetime_are_chosen() -> None:
    chosen = claims(make(role=["ROLE_WEB", "ROLE_DEPLOY"], lifetime=3600))
    assert chosen["role"] == ["ROLE_WEB", "ROLE_DEPLOY"]
    assert chosen["exp"] - chosen["iat"] == 3600
    assert claims(make(role="ROLE_WEB"))["role"] == ["ROLE_WEB"]


def test_short_key_is_as_good_as_for_the_server() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        token = make(signing_key=SHORT_KEY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert _tokens.refusal(SHORT_KEY, token) is None


@pytest.mark.parametrize(
    ("terms", "options", "message"),
    [
        ([], {"signing_key": ""}, "signing_key: expected Evento Server's evento.security.signing.key, got nothing."),
        ([], {"signing_key": KEY, "lifetime": 0}, "lifetime: expected a number of seconds above 0, got 0."),
        ([], {"signing_key": KEY, "role": []}, "role: expected names of roles, such as ROLE_DEPLOY."),
        (["ROLE_WEB"], {"signing_key": KEY}, "takes options only"),
    ],
)
def test_unusable_option(terms: list[str], options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(AnsibleError) as error:
        look_up(plugin, *terms, **options)
    assert message in str(error.value)
    assert KEY not in str(error.value)


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin, "HAS_JWT", False)
    with pytest.raises(AnsibleError, match="needs the Python package PyJWT on the control node"):
        make()
