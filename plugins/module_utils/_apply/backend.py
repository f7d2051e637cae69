# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seam: what a run needs of that on which the instances run, be it one engine or a swarm."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._artifact.delivery import Archive
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._engine.images import Image
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance

BackendT = t.TypeVar("BackendT", bound="Backend")


class Watch(t.Protocol):
    """Watches an instance that starts, from before its start on."""

    @property
    def reported(self) -> bool:
        """A line of its log says that it is ready."""

    @property
    def exited(self) -> bool:
        """It has ended, or cannot be started."""

    @property
    def exit_code(self) -> int | None:
        """Of one that has ended; None where it is not known."""

    @property
    def error(self) -> EventoError | None:
        """Why nothing is known of it any more."""

    @property
    def tail(self) -> list[str]:
        """The last lines of its output."""

    @property
    def node(self) -> str | None:
        """The name of the node that it is on; None where that is no question, or not decided."""

    @property
    def hindrance(self) -> str:
        """Why it does not run although it was started, as the end of a sentence; empty where that is not so."""

    @property
    def ending(self) -> str:
        """How it ended, as a continuation of its name; empty where its exit code says it all."""

    def running_since(self, started: float, /) -> float | None:
        """Since when it runs, by the monotonic clock; None where it does not yet.

        :param started: when it was started.
        """

    def join(self, seconds: float, /) -> None:
        """Return once there is nothing more to learn of one that has ended, or after that long."""

    def wait(self, seconds: float, /) -> None:
        """Sleep until there is news, or for that long."""


class Repository(t.Protocol):
    """A repository of a registry, for images of one base and a JAR."""

    def push(self, archive: Archive, tag: str, /) -> str:
        """Push an image of the base and a further layer; returns its digest."""


class Backend(t.Protocol):
    """Where instances run. Each call raises EngineError where it is refused, or not answered.

    An instance is spoken of by its id and its name. One that another run removes is no error: then there is nothing
    to stop or to remove any more, and whoever wanted to start it gets an OvertakenError.
    """

    @property
    def clean(self) -> t.Callable[[str], str]:
        """Takes secrets out of the words of others."""

    def view(self: BackendT, clean: t.Callable[[str], str], project: str | None = None, /) -> BackendT:
        """The same for one bundle of many.

        :param clean: takes the secrets of that one out of the words of others.
        :param project: only instances of that project are seen; None for all.
        """

    def observe(self, bundle_id: str | None = None, /) -> list[Instance]:
        """All of our instances, of one bundle or of all."""

    def observe_settled(self, bundle_id: str, /) -> list[Instance]:
        """As observe, settled."""

    def settled(self, bundle_id: str, observed: list[Instance], /) -> list[Instance]:
        """What is there of a bundle, once what was about to start has started or has become a leftover.

        :param observed: the first look.
        """

    def foreign_slots(self, slug: str, bundle_id: str, /) -> frozenset[int]:
        """The numbers at the end of names that begin with slug, of what is not the bundle's."""

    def image(self, name: str, /) -> Image | None:
        """The image of that name; None where there is none."""

    def pull(self, name: str, /) -> None:
        """Have an image pulled from its registry."""

    def digest(self, name: str, /) -> str | None:
        """The digest of an image in its registry; None where it has none, or none for us."""

    def repository(self, name: str, base: Image, /) -> Repository:
        """A repository of a registry, for images of one base and a JAR.

        :raises EventoError: it cannot be reached, or refuses the login.
        """

    def provide(self, name: str, /) -> None:
        """See to it that instances can be made from the image of a registry of that name, which has a digest in it."""

    def cpus(self) -> int:
        """How many things can be done side by side."""

    def check_answers(self) -> None:
        """:raises EngineError: nobody answers."""

    def create(self, name: str, config: dict[str, t.Any], networks: t.Sequence[dict[str, t.Any]], /) -> str:
        """Claim a name with an instance that is not started; returns its id.

        :param config: what it must look like, as the spec of this backend makes it.
        :raises OvertakenError: the name is taken.
        """

    def put_archive(self, instance_id: str, name: str, directory: str, archive: t.Iterable[bytes], /) -> None:
        """Unpack a tar archive in an instance that has not been started."""

    def start(self, instance_id: str, name: str, /) -> None:
        """Start an instance that was created."""

    def stop(self, instance_id: str, name: str, timeout: int, /) -> None:
        """Stop an instance gracefully and remove it; returns once it has ended and its name is free.

        :param timeout: seconds that it has to end.
        """

    def remove(self, instance_id: str, name: str, /) -> None:
        """Remove an instance that serves nobody; returns once it has ended and its name is free."""

    def clear(self, instance_id: str, name: str, /) -> None:
        """Remove an instance that does not run; returns once its name is free.

        :raises OvertakenError: it runs, because its owner was only slow.
        """

    def stand_by(self, instance_id: str, name: str, /) -> str:
        """Make what can be started in place of an instance once that is gone; returns its id."""

    def copy_standby(self, standby_id: str, name: str, /) -> tuple[str, bool]:
        """Create the instance that a standby is for; returns its id, and whether it has a health check."""

    def watch(self, instance_id: str, name: str, ready_log: re.Pattern[str], /) -> Watch:
        """Watch an instance that has been created and not yet started."""

    def health(self, instance_id: str, name: str, /) -> str | None:
        """healthy, unhealthy or starting; None where it has no health check or is gone."""

    def has_logged(self, instance_id: str, name: str, pattern: re.Pattern[str], /) -> bool:
        """Whether a line of an instance's log so far matches."""

    def was_stopped(self, instance_id: str, within: float, /) -> bool:
        """Whether somebody stopped an instance, which then has not ended by itself.

        :param within: how long ago that may be, in seconds.
        """

    def commands(self, what: str, instance_id: str, name: str, timeout: int, /) -> list[str]:
        """The docker commands that do this to what is there, quoted for a shell.

        :param what: start, stop or remove.
        :param timeout: seconds that it has to end.
        """
