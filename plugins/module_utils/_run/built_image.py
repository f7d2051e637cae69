# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The image with the JAR in it that the instances of one bundle run; made where its registry has it not."""

from __future__ import annotations

import shlex
from functools import cached_property

from ansible_collections.evento.docker.plugins.module_utils._apply.backend import Backend
from ansible_collections.evento.docker.plugins.module_utils._artifact.delivery import Delivery
from ansible_collections.evento.docker.plugins.module_utils._bundle.bundle import Bundle
from ansible_collections.evento.docker.plugins.module_utils._container.labels import BUILT_IN_JAR
from ansible_collections.evento.docker.plugins.module_utils._engine.images import Image


class BuiltImage:
    """An image in a registry, known by its tag, which tells what is in it.

    :param name: repository and tag.
    :param base: the image that it is made from.
    :param delivery: gets the JAR where the image has to be made.
    """

    def __init__(self, engine: Backend, name: tuple[str, str], base: Image, bundle: Bundle, delivery: Delivery) -> None:
        self._engine = engine
        self._repository, self._tag = name
        self._base, self._bundle, self._delivery = base, bundle, delivery
        self._made = ""

    @property
    def name(self) -> str:
        """By what it is called; that may be another image tomorrow."""
        return f"{self._repository}:{self._tag}"

    @cached_property
    def found(self) -> str | None:
        """The digest that it had in its registry when this was asked first; None where it was not there."""
        return self._engine.digest(self.name)

    @property
    def is_there(self) -> bool:
        """Whether nothing has to be downloaded for it."""
        return bool(self._made or self.found)

    def provide(self) -> str:
        """See to it that instances can be made from it; returns the name by which it stays the same.

        :raises EventoError: the JAR cannot be had, or the image not be pushed or pulled.
        """
        if not self.is_there:
            # What is wrong with the registry shows before the JAR is downloaded.
            repository = self._engine.repository(self._repository, self._base)
            if not self._delivery.fetched:
                self._delivery.fetch()
            updated_at = self._bundle.updated_at
            changed_at = None if updated_at is None else updated_at / 10**9
            archive = self._delivery.archive(self._base.labels[BUILT_IN_JAR].lstrip("/"), changed_at)
            self._made = repository.push(archive, self._tag)
        reference = f"{self.name}@{self._made or self.found}"
        self._engine.provide(reference)
        return reference

    def commands(self) -> list[str]:
        """The commands that do the same once the JAR is there, quoted for a shell."""
        jar = self._delivery.path
        base = self._base.reference or self._base.id
        dockerfile = rf"FROM {base}\nCOPY {jar.name} {self._base.labels[BUILT_IN_JAR]}\n"
        build = shlex.join(["docker", "build", "--tag", self.name, "--file", "-", str(jar.parent)])
        return [f"printf {shlex.quote(dockerfile)} | {build}", shlex.join(["docker", "push", self.name])]
