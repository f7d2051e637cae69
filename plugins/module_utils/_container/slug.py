# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of a name that stands for a bundle. Pure."""

from __future__ import annotations

import hashlib
import re

# Docker's rule for container names: moby daemon/names/names.go.
_REFUSED = re.compile(r"[^a-zA-Z0-9_.-]")
_LONGEST_SLUG = 100
# What slug() adds to an id that it had to change; an id that ends like this by itself gets one, too.
_DIGEST = re.compile(r"-[0-9a-f]{8}\Z")


def slug(bundle_id: str, refused: re.Pattern[str] = _REFUSED, longest: int = _LONGEST_SLUG) -> str:
    """The part of a container's name that stands for a bundle; different ids get different ones.

    :param refused: characters that no name can have.
    :param longest: of how many characters of the id it is made.
    """
    legal = refused.sub("_", bundle_id)[:longest]
    if legal == bundle_id and legal[:1].isalnum() and not _DIGEST.search(legal):
        return legal
    digest = hashlib.sha256(bundle_id.encode()).hexdigest()[:8]
    return f"{'' if legal[:1].isalnum() else 'b'}{legal}-{digest}"


def slot_in(name: str, beginning: str) -> int | None:
    """The number of the instance that has this name; None for a name that is not of our making.

    :param beginning: the slug of its bundle.
    """
    digits = name[len(beginning) + 1 :]
    ours = name == f"{beginning}-{digits}" and digits.isdecimal() and not digits.startswith("0")
    return int(digits) if ours and len(digits) < 10 else None
