# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many instances of many bundles start at a time: a hundred JVMs at once would keep each other from starting."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager
from threading import Semaphore

from ansible_collections.evento.docker.plugins.module_utils._plan.steps import Start, Step


class Starts:
    """Limits the instances that start at the same time, over all bundles of a run together.

    :param limit: how many.
    """

    def __init__(self, limit: int) -> None:
        self._free = Semaphore(limit)

    @contextmanager
    def turn(self) -> t.Iterator[None]:
        """Wait for one's turn: whoever has it may start one instance at a time."""
        with self._free:
            yield

    @contextmanager
    def share(self, batch: list[Step]) -> t.Iterator[list[Step]]:
        """For one whose turn it is: as much of a batch as may be carried out now."""
        further = 0
        try:
            # Not waiting for more, because two that do could wait for each other.
            while isinstance(batch[0], Start) and 1 + further < len(batch) and self._free.acquire(blocking=False):
                further += 1
            yield batch[: 1 + further] if isinstance(batch[0], Start) else batch
        finally:
            for _number in range(further):
                self._free.release()
