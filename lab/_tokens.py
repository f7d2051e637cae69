# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evento Server's tokens: `AuthService.java` of Evento Server v1.15 makes and checks them like this."""

from __future__ import annotations

import time
import uuid

import jwt

_ISSUER = "evento-server"
_KEY_ID = "evento-server-auth-key"
_ALGORITHM = "HS256"
DEPLOY = "ROLE_DEPLOY"
WEB = "ROLE_WEB"


def issue(signing_key: str, lifetime: float, role: str = DEPLOY) -> str:
    """A new token, by its role for a deploy script. A lifetime (seconds) below 0 makes an expired one."""
    now = time.time()
    claims = {
        "iss": _ISSUER,
        "clientId": "evento-server-deploy",
        "role": [role],
        "iat": int(now),
        "nbf": int(now) - 1,
        "exp": int(now + lifetime),
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, signing_key, algorithm=_ALGORITHM, headers={"kid": _KEY_ID})


def refusal(signing_key: str, token: str | None, role: str = DEPLOY) -> tuple[int, str] | None:
    """Why the token does not open what needs that role, as HTTP status and message; None for a good one."""
    if not token:
        return 403, "Access Denied"
    try:
        claims = jwt.decode(token, signing_key, algorithms=[_ALGORITHM], issuer=_ISSUER)
    except jwt.ExpiredSignatureError:
        return 401, "Token expired"
    except jwt.InvalidTokenError:
        return 401, "Not unauthorized"
    return None if role in claims.get("role", []) else (403, "Access Denied")
