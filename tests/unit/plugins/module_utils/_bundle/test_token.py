# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a token may still be used."""

from __future__ import annotations

import base64
import json

import jwt
import pytest
from hypothesis import strategies as st

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.token import check_token
from tests.laws import law

KEY = "k" * 32


def encode(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


numbers = st.integers() | st.floats() | st.sampled_from([10**400, -(10**400), 10**11])
claims = st.dictionaries(st.sampled_from(["alg", "exp"]), numbers | st.text() | st.none()) | st.lists(numbers)


def test_a_jwt_is_good_until_its_end() -> None:
    check_token(jwt.encode({"exp": 100}, KEY), now=99)


@pytest.mark.parametrize(
    ("now", "needed_for", "words"),
    [
        (100, 0, "expired 0 s ago"),
        (111.5, 0, "expired 12 s ago: this host's clock says 1970-01-01T00:01:51Z and may differ from that of Evento"),
        (80, 30, "expires in 20 s and may be needed 30 s from now"),
    ],
)
def test_a_jwt_that_ends_too_early_is_refused(now: float, needed_for: float, words: str) -> None:
    with pytest.raises(EventoError, match=words) as caught:
        check_token(jwt.encode({"exp": 100}, KEY), now, needed_for)
    assert caught.value.result["failure"] == "token_expired"


@pytest.mark.parametrize("token", ["\ud800", "a.b.\udcff"])
def test_a_token_that_is_no_text_is_invalid_input(token: str) -> None:
    with pytest.raises(EventoError, match="token: expected Unicode text, got an incomplete character: pass") as caught:
        check_token(token, now=0)
    assert caught.value.result["failure"] == "invalid_input"


@law(
    st.text(st.characters())
    | st.tuples(claims, claims, st.text()).map(lambda parts: f"{encode(parts[0])}.{encode(parts[1])}.{parts[2]}"),
    st.integers(0, 2**33),
    st.integers(0, 3600),
    short=200,
    long=20_000,
)
def test_any_token_may_be_used_or_is_refused_in_one_sentence(token: str, now: int, needed_for: int) -> None:
    failure: EventoError | None = None
    try:
        check_token(token, now, needed_for)
    except EventoError as error:
        failure = error
    if failure:
        assert failure.result["failure"] in ("token_expired", "invalid_input")
        assert str(failure).isprintable()
        assert len(str(failure)) < 200


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
        f"{encode({'alg': 'none'})}.{encode({'exp': 10**400})}.",
        f"{encode({'alg': 'none'})}.{encode({'exp': -(10**400)})}.",
        f"{encode({'alg': 'none'})}.{encode({'exp': float('-inf')})}.",
        f"{encode({'alg': 'none'})}.{encode({'exp': True})}.",
    ],
)
def test_any_other_token_is_used_as_it_is(token: str) -> None:
    check_token(token, now=10**12)
