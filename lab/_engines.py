# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engines that the lab can have, by the names that EVENTO_LAB_ENGINE takes."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """One of them.

    `release` is the Debian release that its programs are from, None where the machine's own are used. `settings` is
    what its configuration file says.
    """

    release: str | None = None
    settings: Mapping[str, t.Any] = field(default_factory=dict)


DEFAULT = "machine"
KINDS = {
    DEFAULT: Kind(),
    "trixie": Kind("trixie"),
    "forky": Kind("forky"),
}
# The newest of Docker.
NEWEST = "forky"
