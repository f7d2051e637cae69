# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one instance must look like: for the engine, for the fingerprint, and as a docker run command."""

from __future__ import annotations

import hashlib
import json
import shlex
import typing as t
from dataclasses import dataclass, replace
from urllib.parse import quote

from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import (
    DIRECTORY,
    FILE_NAME,
    Artifact,
    choose_artifact,
)
from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._base.secrets import MASK
from ansible_collections.evento.docker.plugins.module_utils._bundle.bundle import Bundle
from ansible_collections.evento.docker.plugins.module_utils._bundle.instant import format_instant
from ansible_collections.evento.docker.plugins.module_utils._bundle.json import Place
from ansible_collections.evento.docker.plugins.module_utils._bundle.vm_args import needs_quotes, vm_args, vm_arguments
from ansible_collections.evento.docker.plugins.module_utils._container import labels as label
from ansible_collections.evento.docker.plugins.module_utils._container.built_image import built_tag, check_repository
from ansible_collections.evento.docker.plugins.module_utils._container.options import (
    check_texts,
    further_networks,
    pieces,
)
from ansible_collections.evento.docker.plugins.module_utils._container.values import plain_texts

# The contract of the image, see evento-bundle-container's entrypoint.
_JAR_URL = "APP_JAR_URL"
_VM_ARGS = "VM_ARGS"
# Parts of the configuration that the fingerprint leaves out: they change nothing about how an instance runs.
_NOT_COMPARED = ("StopTimeout",)
_RESTARTS_WHAT_WAS_TOLD_TO_END = ("always", "unless-stopped")


@dataclass(frozen=True)
class ContainerSpec:
    """One instance of a bundle, all but its name.

    :param project: whose the instance is.
    :param image: the image's name.
    :param repository: where the images with a JAR in them are; None where there are none.
    :param artifact: the JAR that it runs.
    :param environment: what the container gets beside URL and VM_ARGS: the bundle's, then that of the option env.
    :param shape: the container's configuration for the Engine API, without image, environment and our labels.
    :param flags: the same for the docker run command.
    :param further_networks: name and aliases of each network beyond that of the configuration.
    """

    bundle: Bundle
    project: str
    image: str
    repository: str | None
    artifact: Artifact
    environment: dict[str, str]
    shape: dict[str, t.Any]
    flags: tuple[str, ...]
    further_networks: tuple[dict[str, t.Any], ...]

    @property
    def downloads_with_token(self) -> bool:
        """Whether the token is needed to download the JAR."""
        return self.artifact.from_server and _JAR_URL not in self.environment

    @property
    def copies(self) -> bool:
        """Whether the JAR is copied into an instance, so that this downloads nothing."""
        return self.artifact.copied and _JAR_URL not in self.environment

    @property
    def is_built_in(self) -> bool:
        """Whether the JAR is in the image that an instance runs, so that this downloads nothing."""
        return self.artifact.built_in and _JAR_URL not in self.environment

    @property
    def has_jar(self) -> bool:
        """Whether the JAR is brought to an instance, in one of these two ways."""
        return self.copies or self.is_built_in

    @property
    def side_by_side(self) -> bool:
        """Whether two instances can stand next to each other: a port of the host is only there once."""
        bindings = [one for ports in self.shape["HostConfig"].get("PortBindings", {}).values() for one in ports]
        return not any(_is_one_port(binding["HostPort"]) for binding in bindings)

    @property
    def warnings(self) -> list[str]:
        """What an operator should know about this container."""
        found = [
            f"The environment sets {name}, which takes the place of the one made from the bundle."
            for name in (_JAR_URL, _VM_ARGS)
            if name in self.environment
        ]
        if (self.artifact.copied or self.artifact.built_in) and not self.has_jar:
            found.append(f"Nothing is copied: the container downloads what {_JAR_URL} names, in spite of artifact.")
        policy = self.shape["HostConfig"].get("RestartPolicy", {}).get("Name")
        if policy in _RESTARTS_WHAT_WAS_TOLD_TO_END:
            found.append(
                f"restart_policy {policy} also restarts an instance that Evento Server has told to end:"
                " on-failure does not."
            )
        return found

    @property
    def vm_args_need_quotes(self) -> bool:
        """Whether the image must understand quotes in VM_ARGS."""
        return _VM_ARGS not in self.environment and needs_quotes(self.bundle.vm_options)

    def made_from(self, _reference: str, _has_healthcheck: bool) -> ContainerSpec:
        """The same with a certain image; an engine runs the one that it has under the name.

        :param reference: what that image is to be called.
        """
        return self

    def built_name(self, image_id: str) -> tuple[str, str]:
        """Repository and tag of the image with the JAR in it.

        :param image_id: of the image that it is made from.
        """
        return t.cast(str, self.repository), built_tag(self.bundle, self.artifact, image_id)

    def fingerprint(self, image_id: str) -> str:
        """What makes a running instance outdated when it changes: not the token, updatedAt or a description."""
        identity = {
            "image": image_id,
            "artifact": self.bundle.artifact,
            "copied": self.artifact.source if self.copies else None,
            **({"built_in": [self.artifact.source, self.repository]} if self.is_built_in else {}),
            "version": self.bundle.version,
            "environment": self._variables(self.artifact.url),
            "shape": {name: value for name, value in self.shape.items() if name not in _NOT_COMPARED},
            "networks": self.further_networks,
        }
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    def config(self, slot: int, fingerprint: str) -> dict[str, t.Any]:
        """The body of the Engine API's container create call."""
        url = self.artifact.container_url(quote(self.artifact.token or "", safe=""))
        return {
            **self.shape,
            "Image": self.image,
            "Env": [f"{name}={value}" for name, value in self._variables(url).items()],
            "Labels": {**self.shape.get("Labels", {}), **self._labels(slot), label.SPEC: fingerprint},
        }

    def download_commands(self) -> list[str]:
        """What brings the JAR here before the first instance is started, quoted for a shell, with secrets masked."""
        if not self.has_jar or self.artifact.path is not None:
            return []
        way = self.artifact.way
        flags = ["--header", f"Authorization: Bearer {MASK}"] if self.artifact.from_server else []
        flags += ["--cacert", way.ca_path] if way.ca_path else []
        flags += [] if way.validate_certs else ["--insecure"]
        flags += [] if way.use_proxy else ["--noproxy", "*"]
        words = ["curl", "--fail", "--location", *flags, "--output", FILE_NAME, self.artifact.shown]
        return [shlex.join(words)]

    def commands(self, name: str, slot: int) -> list[str]:
        """The docker commands that start this instance, quoted for a shell, with secrets masked."""
        verb = ["docker", "create"] if self.copies else ["docker", "run", "--detach"]
        words = [*verb, "--name", name, *self.flags]
        for variable, value in self._masked().items():
            words += ["--env", f"{variable}={value}"]
        for key, value in sorted(self._labels(slot).items()):
            words += ["--label", f"{key}={value}"]
        lines = [[*words, self.image]]
        if self.copies:
            jar = self.artifact.path or FILE_NAME
            lines += [["docker", "cp", jar, f"{name}:{DIRECTORY}/{FILE_NAME}"], ["docker", "start", name]]
        return [shlex.join(line) for line in lines]

    def _variables(self, url: str) -> dict[str, str]:
        arguments = {_VM_ARGS: vm_args(self.bundle.vm_options)} if self.bundle.vm_options else {}
        return {**({} if self.has_jar else {_JAR_URL: url}), **arguments, **self.environment}

    def _masked(self) -> dict[str, str]:
        arguments = vm_arguments(self.bundle.vm_options)
        shown = {
            _JAR_URL: replace(self.artifact, url=self.artifact.shown).container_url(self.artifact.token and MASK),
            _VM_ARGS: " ".join(option + (MASK if value else "") for option, value in arguments),
        }
        return {name: MASK if name in self.environment else shown[name] for name in self._variables("")}

    def _labels(self, slot: int) -> dict[str, str]:
        updated_at = self.bundle.updated_at
        return {
            label.MANAGED_BY: label.COLLECTION,
            label.BUNDLE: self.bundle.id,
            label.VERSION: self.bundle.version,
            label.UPDATED_AT: "" if updated_at is None else format_instant(updated_at),
            label.SLOT: str(slot),
            label.PROJECT: self.project,
        }


def container_spec(bundle: Bundle, options: t.Mapping[str, t.Any], token: str | None) -> ContainerSpec:
    """Put bundle and options together.

    :param options: the values of CONTAINER_ARGS, project, image, env and those that say where the JAR comes from, and
        in what image it goes.
    :raises EventoError: an option is not usable.
    """
    check_texts(options)
    check_repository(options)
    shape: dict[str, t.Any] = {"HostConfig": {}}
    flags: list[str] = []
    for piece in pieces(options):
        shape.update(piece.config)
        shape["HostConfig"].update(piece.host_config)
        flags += piece.flags
    environment = {**bundle.environment, **_env(options["env"] or {})}
    return ContainerSpec(
        bundle=bundle,
        project=options["project"],
        image=options["image"],
        repository=options["repository"],
        artifact=choose_artifact(bundle.id, options, token),
        environment=environment,
        shape=shape,
        flags=tuple(flags),
        # One call can create a container on one network only, up to API 1.43.
        further_networks=tuple(further_networks(options)),
    )


def _is_one_port(host_port: str) -> bool:
    first, _dash, last = host_port.partition("-")
    return bool(first) and (not last or int(first) == int(last))


def _env(env: t.Mapping[str, t.Any]) -> dict[str, str]:
    for name in env:
        if not name or "=" in name:
            raise EventoError(f"{Place(Place(None, 'env'), name)}: expected a name without =.", INVALID_INPUT)
    return plain_texts("env", env)
