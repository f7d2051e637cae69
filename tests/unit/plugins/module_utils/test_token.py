# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a token may still be used."""

from __future__ import annotations

import base64
import json

import jwt
import pytest

from ansible_collections.evento.docker.plugins.module_utils._errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._token import check_token

KEY = "k" * 32


def encode(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def test_a_jwt_is_good_until_its_end() -> None:
    check_token(jwt.encode({"exp": 100}, KEY), now=99)


@pytest.mark.parametrize(
    ("now", "needed_for", "words"),
    [
        (100, 0, "expired 0 s ago"),
        (111.5, 0, "expired 12 s ago"),
        (80, 30, "expires in 20 s and may be needed 30 s from now"),
    ],
)
def test_a_jwt_that_ends_too_early_is_refused(now: float, needed_for: float, words: str) -> None:
    with pytest.raises(EventoError, match=words) as caught:
        check_token(jwt.encode({"exp": 100}, KEY), now, needed_for)
    assert caught.value.result["failure"] == "token_expired"


@pytest.mark.parametrize("token", [None, ""])
def test_no_token_is_invalid_input(token: str | None) -> None:
    with pytest.raises(EventoError, match="token is required") as caught:
        check_token(token, now=0)
    assert caught.value.result["failure"] == "invalid_input"


@pytest.mark.parametrize(
    "token",
    [
        "an opaque key",
        "a.b.c",
        "...",
        "\u00fc.\u00fc.\u00fc",
        jwt.encode({"sub": "no end"}, KEY),
        f"{encode({'typ': 'JWT'})}.{encode({'exp': 1})}.",
        f"{encode({'alg': 'none'})}.{encode({'exp': 'soon'})}.",
        f"{encode({'alg': 'none'})}.{encode({'exp': float('nan')})}.",
        f"{encode([])}.{encode([])}.",
    ],
)
def test_any_other_token_is_used_as_it_is(token: str) -> None:
    check_token(token, now=10**12)
