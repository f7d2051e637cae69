# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The images of a run."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._apply.backend import Backend
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._engine.images import Image


class Found(t.NamedTuple):
    """What there is under the name of an image.

    :param image: None where there is none.
    :param final: it is the one that instances are made from; a pull that check mode leaves out may bring another one.
    """

    image: Image | None
    final: bool = True


class Images:
    """Finds images, and pulls them where that is asked for; each once, however many bundles use it.

    :param check_mode: nothing is pulled.
    """

    def __init__(self, engine: Backend, check_mode: bool) -> None:
        self._engine = engine
        self._check_mode = check_mode
        self._known: dict[tuple[str, str], Found | EventoError] = {}

    def find(self, name: str, pull: str) -> Found:
        """:raises EventoError: the engine does not tell, or the image cannot be pulled."""
        if (name, pull) not in self._known:
            try:
                self._known[name, pull] = self._find(name, pull)
            except EventoError as exc:
                self._known[name, pull] = exc
        known = self._known[name, pull]
        if isinstance(known, EventoError):
            # Each bundle adds to the result of its own.
            raise EventoError(str(known), **known.result) from known
        return known

    def _find(self, name: str, pull: str) -> Found:
        image = self._engine.image(name)
        if pull == "never" or (pull == "missing" and image):
            return Found(image)
        if self._check_mode:
            return Found(image or Image("not pulled yet", False, {}), final=False)
        self._engine.pull(name)
        return Found(self._engine.image(name))
