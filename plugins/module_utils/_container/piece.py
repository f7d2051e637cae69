# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one option adds to a container."""

from __future__ import annotations

import typing as t


class Piece(t.NamedTuple):
    """What one option adds.

    The engine's part is the same for each way to write the same thing, and sorted where order means nothing: the
    fingerprint is made of it. The command shows what the user wrote.

    :param config: to the container's configuration.
    :param host_config: to its HostConfig.
    :param flags: to the docker run command.
    """

    config: dict[str, t.Any]
    host_config: dict[str, t.Any]
    flags: list[str]


def repeated(flag: str, values: t.Iterable[str]) -> list[str]:
    """The words for a flag of the docker run command that comes once for each value."""
    return [word for value in values for word in (flag, value)]
