# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wanted of a bundle's instances, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError


@dataclass(frozen=True)
class Request:
    """What is wanted.

    :param slug: what the names of the instances begin with.
    :param spec: the fingerprint of an up-to-date instance.
    :param minimum: minInstances.
    :param maximum: maxInstances.
    :param instances: the number that is asked for by name; None for none.
    :param scale_by: the number more (or fewer, when negative) than are up to date; None or 0 for none.
    :param update_order: start-first or stop-first; None leaves it to the room below the maximum.
    :param side_by_side: whether two instances can stand next to each other.
    :param recreate: ids of instances that are replaced even where they are up to date.
    :param unwanted: why none is to run, where that is not what the state says.
    :param blocked: slots whose name belongs to a container that is not ours.
    """

    slug: str
    state: str
    spec: str
    minimum: int
    maximum: int
    instances: int | None = None
    scale_by: int | None = None
    update_order: str | None = None
    side_by_side: bool = True
    recreate: frozenset[str] = frozenset()
    unwanted: str = ""
    blocked: frozenset[int] = frozenset()

    def name(self, slot: int) -> str:
        """The name of the instance in a slot."""
        return f"{self.slug}-{slot}"


def check_request(request: Request) -> None:
    """:raises EventoError: the number that is asked for is outside the limits."""
    lowest = max(1, request.minimum)
    if request.instances is not None and not lowest <= request.instances <= request.maximum:
        raise EventoError(
            f"instances is {request.instances}, but the bundle allows {lowest} to {request.maximum}"
            " (minInstances, maxInstances): choose a number between them, or state stopped for none.",
            INVALID_INPUT,
        )
