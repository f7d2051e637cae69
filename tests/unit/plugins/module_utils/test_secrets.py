# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are taken out of others' words, and nothing else is."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from ansible_collections.evento.docker.plugins.module_utils._secrets import MASK, Scrubber

SECRET = 'pa ss/w\u00f6rd"+x'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps(SECRET)[1:-1],
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ],
)
def test_every_form_of_a_secret_is_masked(form: str) -> None:
    assert Scrubber([SECRET])(f"before {form} after") == f"before {MASK} after"


def test_lines_of_a_secret_are_masked_one_by_one() -> None:
    assert Scrubber(["-----BEGIN\nabcdefgh"])("read abcdefgh") == f"read {MASK}"


def test_short_values_leave_the_log_readable() -> None:
    assert Scrubber(["true", "8080", "prod", ""])("true: 8080 in prod") == "true: 8080 in prod"


def test_what_is_no_unicode_text_is_masked_too() -> None:
    assert Scrubber(["secret \udcff"])("a secret \udcff word") == f"a {MASK} word"


def test_a_secret_within_another_does_not_leave_its_rest() -> None:
    assert Scrubber(["secret", "secret-and-more"])("secret-and-more") == MASK
