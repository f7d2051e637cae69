# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""What must not be shown, and what stands in its place."""

from __future__ import annotations

import base64
import json
import typing as t
from urllib.parse import quote, quote_plus

MASK = "********"
# Shorter values (true, 8080, debug) stand in any log for other reasons; to blank them out would only spoil it.
_SHORTEST = 6


class Scrubber:
    """Takes secret values out of words that others wrote: an instance's log, the engine's explanations.

    Our own sentences are made without secrets and do not pass through here.
    """

    def __init__(self, secrets: t.Iterable[str]) -> None:
        forms = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
        self._forms = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, MASK)
        return text


def _forms(secret: str) -> t.Iterator[str]:
    yield secret
    yield from (line for line in secret.splitlines() if len(line) >= _SHORTEST)
    # A lone surrogate half, which is no text, must not make the run fail here: whoever uses the value says so.
    encoded = secret.encode("utf-8", "surrogatepass")
    yield quote(encoded, safe="")
    yield quote(encoded)
    yield quote_plus(encoded)
    yield json.dumps(secret)[1:-1]
    yield base64.b64encode(encoded).decode()
    yield base64.urlsafe_b64encode(encoded).decode()
    yield base64.b64encode(encoded).decode().rstrip("=")
