# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one instance must look like on a swarm: a service of its own with one task. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import typing as t
from dataclasses import dataclass, fields, replace

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._container import labels as label
from ansible_collections.evento.docker.plugins.module_utils._container.spec import ContainerSpec
from ansible_collections.evento.docker.plugins.module_utils._swarm.options import merged, parts
from ansible_collections.evento.docker.plugins.module_utils._swarm.part import escaped

# As docker service create --constraint takes it: swarmkit manager/constraint/constraint.go.
_CONSTRAINT = re.compile(r"\s*[a-zA-Z_][\w.-]+\s*[=!]=\s*[\w:./*()?+\[\]\\^$|-][\w:./*()?+\[\]\\^$| -]*", re.ASCII)


@dataclass(frozen=True)
class ServiceSpec(ContainerSpec):
    """One instance of a bundle as a service, all but its name.

    :param template: what the options add to its TaskTemplate.
    :param service: what they add beside it.
    :param constraints: which nodes it may be placed on.
    :param reschedule: whether the swarm starts it again, on another node perhaps, when it fails or its node does.
    :param runs_when_healthy: whether there is a health check, so that running means healthy.
    """

    template: dict[str, t.Any]
    service: dict[str, t.Any]
    constraints: tuple[str, ...]
    reschedule: bool
    runs_when_healthy: bool = False

    def made_from(self, reference: str, has_healthcheck: bool) -> ServiceSpec:
        """The same with a certain image, whatever its name may mean tomorrow."""
        return replace(self, image=reference or self.image, runs_when_healthy=has_healthcheck)

    def fingerprint(self, image_id: str) -> str:
        """As that of a container; what only a swarm has is in it, too."""
        identity = [super().fingerprint(image_id), "swarm", sorted(self.constraints), self.reschedule]
        return hashlib.sha256(json.dumps(identity).encode()).hexdigest()

    def config(self, slot: int, fingerprint: str) -> dict[str, t.Any]:
        """The body of the Engine API's service create call; it starts nothing yet."""
        container = super().config(slot, fingerprint)
        labels = container["Labels"]
        task = {
            "ContainerSpec": {
                "Image": self.image,
                "Env": [escaped(variable) for variable in container["Env"]],
                "Labels": dict(labels),
            },
            "RestartPolicy": {"Condition": self._condition},
            "Placement": {"Constraints": list(self.constraints)},
        }
        return {
            **self.service,
            "Labels": {**labels, **({label.HEALTHCHECK: "true"} if self.runs_when_healthy else {})},
            "TaskTemplate": merged([task, self.template]),
            "Mode": {"Replicated": {"Replicas": 0}},
        }

    def commands(self, name: str, slot: int) -> list[str]:
        """The docker command that starts this instance, quoted for a shell, with secrets masked."""
        words = ["docker", "service", "create", "--detach", "--with-registry-auth", "--name", name]
        words += ["--restart-condition", self._condition]
        words += [word for constraint in self.constraints for word in ("--constraint", constraint)]
        words += self.flags
        for variable, value in self._masked().items():
            words += ["--env", f"{variable}={value}"]
        for key, value in sorted(self._labels(slot).items()):
            words += ["--label", f"{key}={value}", "--container-label", f"{key}={value}"]
        return [shlex.join([*words, self.image])]

    @property
    def _condition(self) -> str:
        # Never any: that would start again what Evento Server has told to exit.
        return "on-failure" if self.reschedule else "none"


def service_spec(container: ContainerSpec, options: t.Mapping[str, t.Any]) -> ServiceSpec:
    """Make a service of a container.

    :param options: the values of CONTAINER_ARGS, and artifact, constraints and reschedule.
    :raises EventoError: a swarm cannot have one of them.
    """
    if options["artifact"] == "copy":
        raise EventoError(
            "artifact: copy puts the JAR on one engine, and backend: swarm starts instances on any node: set"
            " artifact to image, or artifact_url to where each node can download it.",
            INVALID_INPUT,
        )
    fetches = container.downloads_with_token and not container.has_jar
    if fetches and container.artifact.token and options["reschedule"]:
        raise EventoError(
            "artifact: url with a token: an instance that the swarm starts again could not download any more, because"
            " the token has ended by then: set artifact: image, or artifact_url, or reschedule: false.",
            INVALID_INPUT,
        )
    for number, constraint in enumerate(options["constraints"] or []):
        if not _CONSTRAINT.fullmatch(constraint):
            raise EventoError(
                f"constraints[{number}]: expected a constraint such as node.labels.zone==a, got {constraint}.",
                INVALID_INPUT,
            )
    added = parts(options, container.shape)
    known = {field.name: getattr(container, field.name) for field in fields(container)}
    return ServiceSpec(
        **{**known, "flags": tuple(flag for part in added for flag in part.flags)},
        template=merged(part.task for part in added),
        service=merged(part.service or {} for part in added),
        constraints=tuple(sorted(set(options["constraints"] or ()))),
        reschedule=options["reschedule"],
    )
