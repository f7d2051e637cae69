# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run is asked for: the options, checked before anything is asked of the engine."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath

from ansible_collections.evento.docker.plugins.module_utils._apply.backend import Backend
from ansible_collections.evento.docker.plugins.module_utils._apply.newcomer import Blueprint
from ansible_collections.evento.docker.plugins.module_utils._apply.readiness import Readiness, readiness
from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import DIRECTORY
from ansible_collections.evento.docker.plugins.module_utils._artifact.delivery import Delivery
from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._base.secrets import Scrubber
from ansible_collections.evento.docker.plugins.module_utils._bundle.bundle import Bundle, parse_bundle
from ansible_collections.evento.docker.plugins.module_utils._container.labels import (
    BUILT_IN_JAR,
    JAVA_ARGUMENT_FILE,
    VM_ARGS_FORMAT,
)
from ansible_collections.evento.docker.plugins.module_utils._container.spec import ContainerSpec
from ansible_collections.evento.docker.plugins.module_utils._engine.images import Image
from ansible_collections.evento.docker.plugins.module_utils._plan.model import Instance
from ansible_collections.evento.docker.plugins.module_utils._plan.request import Request, check_request
from ansible_collections.evento.docker.plugins.module_utils._run.backends import make_slug, make_spec
from ansible_collections.evento.docker.plugins.module_utils._run.built_image import BuiltImage
from ansible_collections.evento.docker.plugins.module_utils._run.images import Found
from ansible_collections.evento.docker.plugins.module_utils._run.report import enumeration


@dataclass(frozen=True)
class Order:
    """A bundle and what is wanted of it.

    :param params: the module's options.
    :param container: what an instance must look like; None where none is started.
    :param delivery: has the JAR once it is fetched; None where the containers download it, or none is started.
    :param readiness: what a new instance must show; None where nobody waits for it.
    :param request: the number of instances, without the fingerprint, which depends on the image.
    :param project_to_prune: the bundle is not wanted any more, and only that project's instances are meant; None for
        a bundle that is wanted.
    """

    params: dict[str, t.Any]
    bundle: Bundle
    container: ContainerSpec | None
    delivery: Delivery | None
    readiness: Readiness | None
    request: Request
    project_to_prune: str | None = None

    def clean(self, text: str) -> str:
        """Words of others without what no output may show."""
        return self._scrubber(text)

    @cached_property
    def _scrubber(self) -> Scrubber:
        # Most runs have no words of others.
        secrets = [
            self.params["token"] or "",
            self.params["password"] or "",
            *(self.container.artifact.secrets if self.container else []),
        ]
        variables = [*self.bundle.environment.items(), *self.bundle.vm_options.items()]
        return Scrubber(secrets, [*variables, *(self.container.environment.items() if self.container else [])])

    def check_image(self, found: Found) -> Image:
        """The image that was found.

        :raises EventoError: there is no image, or not one that takes a JAR.
        """
        name, image = self.params["image"], found.image
        if image is None and self.params["backend"] == "swarm":
            raise EventoError(
                f"There is no image {name} that the swarm could run: push it to a registry that each node reaches, and"
                " set pull to missing, so that the manager may pull it, too."
            )
        if image is None:
            raise EventoError(
                f"There is no image {name} on the Docker host: build or load it there,"
                " for example with the role evento.docker.evento_bundle, or set pull to missing."
            )
        if (
            self.container
            and self.container.copies
            and found.final
            and not any(PurePosixPath(DIRECTORY).is_relative_to(path) for path in image.volumes)
        ):
            raise EventoError(
                f"Image {name} has no volume for {DIRECTORY}, where artifact: copy puts the JAR: set artifact to url,"
                " or use the image of the role evento.docker.evento_bundle."
            )
        if self.container and self.container.is_built_in and BUILT_IN_JAR not in image.labels and found.final:
            raise EventoError(
                f"Image {name} does not say where it looks for a JAR that is part of it (label {BUILT_IN_JAR}): use the"
                " one of the role evento.docker.evento_bundle, built anew, or set artifact to another value than image."
            )
        return image

    def blueprint(self, container: ContainerSpec, image: Image) -> Blueprint:
        """What new instances are made from."""
        check = self.params["healthcheck"]
        own_check = check and check["test"] not in ("NONE", ["NONE"])
        has_healthcheck = bool(own_check) if check else image.has_healthcheck
        return Blueprint(
            container=container.made_from(image.reference, has_healthcheck),
            fingerprint=container.fingerprint(image.id),
            image_labels=image.labels,
            has_healthcheck=has_healthcheck,
            readiness=self.readiness,
            delivery=self.delivery if container.copies else None,
        )

    def built_image(self, engine: Backend, base: Image) -> BuiltImage | None:
        """The image with the JAR in it that is to run; None where the JAR is not in an image."""
        if not (self.container and self.delivery and self.container.is_built_in):
            return None
        return BuiltImage(engine, self.container.built_name(base.id), base, self.bundle, self.delivery)

    def newcomer(self, fingerprint: str) -> Instance:
        """A new instance, but for name and slot."""
        return Instance(
            id="",
            name="",
            bundle_id=self.bundle.id,
            slot=None,
            state="running",
            health=None,
            version=self.bundle.version,
            updated_at=self.bundle.updated_at,
            spec=fingerprint,
            created_at=int(time.time()),
            age=0,
            project=self.params["project"],
        )

    def warnings(self, image: Image | None, there: t.Iterable[Instance]) -> list[str]:
        """What the operator should know.

        :param image: with it there is more to say.
        :param there: the bundle's instances.
        """
        found = [*(self.container.warnings if self.container else []), *self._strangers(there)]
        unquoted = image and image.labels.get(VM_ARGS_FORMAT) != JAVA_ARGUMENT_FILE
        if unquoted and self.container and self.container.vm_args_need_quotes:
            found.append(
                f"vmOptions hold spaces, quotes or the like, and image {self.params['image']} does not say"
                " that it understands quotes in VM_ARGS: the JVM may get other options than those meant."
            )
        return found

    def _strangers(self, there: t.Iterable[Instance]) -> t.Iterator[str]:
        mine = self.params["project"]
        others = sorted({(one.project, one.name) for one in there if one.live and one.project != mine})
        for project in sorted({project for project, _name in others}):
            names = enumeration([name for other, name in others if other == project])
            yield f"Of project {project}, not {mine}, until they are replaced: {names}."


def take_order(params: dict[str, t.Any]) -> Order:
    """Check the options and put them together.

    :raises EventoError: the bundle is faulty, or an option is not usable.
    """
    if not params["project"]:
        raise EventoError("project: expected a name, got an empty one.", INVALID_INPUT)
    starting = params["state"] == "started"
    bundle = parse_bundle(params["bundle"], starting, has_artifact=bool(params["artifact_url"]))
    container = make_spec(bundle, params) if starting else None
    request = Request(
        slug=make_slug(bundle.id, params["backend"]),
        state=params["state"],
        spec="",
        minimum=bundle.min_instances,
        maximum=bundle.max_instances,
        instances=params["instances"],
        scale_by=params["scale_by"],
        update_order=params["update_order"],
        side_by_side=container is None or container.side_by_side,
    )
    order = Order(
        params,
        bundle,
        container,
        Delivery(container.artifact) if container and container.has_jar else None,
        readiness(params),
        request,
    )
    if starting:
        check_request(request)
    return order


def order_to_prune(params: dict[str, t.Any], bundle_id: str) -> Order:
    """An order to stop what a project still has of a bundle that is not wanted any more."""
    order = take_order({**params, "state": "absent", "bundle": {"id": bundle_id}})
    request = replace(order.request, unwanted=f"not among the bundles of project {params['project']}")
    return replace(order, request=request, project_to_prune=params["project"])
