# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token of a call: when it may still be used."""

from __future__ import annotations

import base64
import binascii
import json
import math
import time

from ansible_collections.evento.docker.plugins.module_utils._base.errors import (
    INVALID_INPUT,
    TOKEN_EXPIRED,
    EventoError,
)

# The end of the year 9999, in seconds since 1970: what lies beyond is no point in time.
_LATEST = 253402300799


def check_token(token: str | None, now: float, needed_for: float = 0) -> None:
    """Refuse a token with which nothing can be downloaded any more.

    Only a JWT says when it ends (claim exp, RFC 7519 section 4.1.4); its signature is Evento Server's to check.
    Any other token is used as it is.

    :param now: seconds since 1970.
    :param needed_for: seconds that pass before the download.
    :raises EventoError: there is no token, it is no text, or it ends before it is used.
    """
    if not token:
        raise EventoError(
            "token is required to start an instance: pass that of Evento Server's call, or make one with the lookup"
            " evento.docker.token.",
            INVALID_INPUT,
        )
    try:
        token.encode()
    except UnicodeEncodeError as exc:
        raise EventoError(
            "token: expected Unicode text, got an incomplete character: pass the token of Evento Server's call.",
            INVALID_INPUT,
        ) from exc
    end = expiry(token)
    if end is None or now + needed_for < end:
        return
    if now >= end:
        here = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        raise EventoError(
            f"The token expired {math.ceil(now - end)} s ago: this host's clock says {here} and may differ from that of"
            " Evento Server: let Evento Server call again, with a new token.",
            TOKEN_EXPIRED,
        )
    raise EventoError(
        f"The token expires in {math.floor(end - now)} s and may be needed {needed_for:g} s from now"
        " (stop_timeout): let Evento Server call again, with a new token.",
        TOKEN_EXPIRED,
    )


def expiry(token: str) -> float | None:
    """When a token ends, in seconds since 1970; None for one that does not say so, as only a JWT does."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        header, claims = (json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
        end = claims["exp"] if "alg" in header else None
    except (binascii.Error, ValueError, RecursionError, LookupError, TypeError):
        return None
    if isinstance(end, bool) or not isinstance(end, (int, float)):
        return None
    # By comparison, because an int may be too long to become a float; it rules out NaN and Infinity, too.
    return end if abs(end) <= _LATEST else None
