# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""What one instance must look like: for the engine, for the fingerprint, and as a docker run command."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import typing as t
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from ansible_collections.evento.docker.plugins.module_utils import _labels as label
from ansible_collections.evento.docker.plugins.module_utils._bundle import Bundle
from ansible_collections.evento.docker.plugins.module_utils._errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._instant import format_instant
from ansible_collections.evento.docker.plugins.module_utils._options import pieces
from ansible_collections.evento.docker.plugins.module_utils._secrets import MASK
from ansible_collections.evento.docker.plugins.module_utils._vm_args import needs_quotes, vm_args, vm_arguments

# Docker's rule for container names: moby daemon/names/names.go.
_REFUSED = re.compile(r"[^a-zA-Z0-9_.-]")
_LONGEST_SLUG = 100
# The contract of the image, see evento-bundle-container's entrypoint.
_JAR_URL = "APP_JAR_URL"
_VM_ARGS = "VM_ARGS"


def slug(bundle_id: str) -> str:
    """The part of a container's name that stands for a bundle; different ids get different ones."""
    legal = _REFUSED.sub("_", bundle_id)[:_LONGEST_SLUG]
    if legal == bundle_id and legal[:1].isalnum():
        return legal
    digest = hashlib.sha256(bundle_id.encode()).hexdigest()[:8]
    return f"{'' if legal[:1].isalnum() else 'b'}{legal}-{digest}"


@dataclass(frozen=True)
class ContainerSpec:
    """One instance of a bundle, all but its name.

    :param image: the image's name.
    :param url: where the container downloads the JAR, without the token.
    :param token: added to the URL when the container is created; None where none is needed.
    :param environment: what the container gets beside URL and VM_ARGS: the bundle's, then that of the option env.
    :param shape: the container's configuration for the Engine API, without image, environment and our labels.
    :param flags: the same for the docker run command.
    :param further_networks: name and aliases of each network beyond that of the configuration.
    """

    bundle: Bundle
    image: str
    url: str
    token: str | None
    environment: dict[str, str]
    shape: dict[str, t.Any]
    flags: tuple[str, ...]
    further_networks: tuple[dict[str, t.Any], ...]

    @property
    def downloads_with_token(self) -> bool:
        """Whether an instance needs the token to download its JAR."""
        return _JAR_URL not in self.environment

    @property
    def warnings(self) -> list[str]:
        """What an operator should know about this container."""
        return [
            f"The environment sets {name}, which takes the place of the one made from the bundle."
            for name in (_JAR_URL, _VM_ARGS)
            if name in self.environment
        ]

    @property
    def vm_args_need_quotes(self) -> bool:
        """Whether the image must understand quotes in VM_ARGS."""
        return _VM_ARGS not in self.environment and needs_quotes(self.bundle.vm_options)

    def fingerprint(self, image_id: str) -> str:
        """What makes a running instance outdated when it changes: not the token, updatedAt or a description."""
        identity = {
            "image": image_id,
            "artifact": self.bundle.artifact,
            "version": self.bundle.version,
            "environment": self._variables(self.url),
            "shape": self.shape,
            "networks": self.further_networks,
        }
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    def config(self, slot: int, fingerprint: str) -> dict[str, t.Any]:
        """The body of the Engine API's container create call."""
        url = f"{self.url}?token={quote(self.token, safe='')}" if self.token else self.url
        return {
            **self.shape,
            "Image": self.image,
            "Env": [f"{name}={value}" for name, value in self._variables(url).items()],
            "Labels": {**self.shape.get("Labels", {}), **self._labels(slot), label.SPEC: fingerprint},
        }

    def command(self, name: str, slot: int) -> str:
        """The docker run command for this instance, quoted for a shell, with secrets masked."""
        words = ["docker", "run", "--detach", "--name", name, *self.flags]
        for variable, value in self._masked().items():
            words += ["--env", f"{variable}={value}"]
        for key, value in sorted(self._labels(slot).items()):
            words += ["--label", f"{key}={value}"]
        return shlex.join([*words, self.image])

    def _variables(self, url: str) -> dict[str, str]:
        arguments = {_VM_ARGS: vm_args(self.bundle.vm_options)} if self.bundle.vm_options else {}
        return {_JAR_URL: url, **arguments, **self.environment}

    def _masked(self) -> dict[str, str]:
        arguments = vm_arguments(self.bundle.vm_options)
        shown = {
            _JAR_URL: f"{self.url}?token={MASK}" if self.token else self.url,
            _VM_ARGS: " ".join(option + (MASK if value else "") for option, value in arguments),
        }
        return {name: MASK if name in self.environment else shown[name] for name in self._variables(self.url)}

    def _labels(self, slot: int) -> dict[str, str]:
        updated_at = self.bundle.updated_at
        return {
            label.MANAGED_BY: label.COLLECTION,
            label.BUNDLE: self.bundle.id,
            label.VERSION: self.bundle.version,
            label.UPDATED_AT: "" if updated_at is None else format_instant(updated_at),
            label.SLOT: str(slot),
        }


def container_spec(bundle: Bundle, options: t.Mapping[str, t.Any], token: str | None) -> ContainerSpec:
    """Put bundle and options together.

    :param options: the values of CONTAINER_ARGS, image, server_url and env.
    :raises EventoError: an option is not usable.
    """
    shape: dict[str, t.Any] = {"HostConfig": {}}
    flags: list[str] = []
    for piece in pieces(options):
        shape.update(piece.config)
        shape["HostConfig"].update(piece.host_config)
        flags += piece.flags
    environment = {**bundle.environment, **_env(options["env"] or {})}
    return ContainerSpec(
        bundle=bundle,
        image=options["image"],
        url=f"{_server(options['server_url'])}/asset/bundle/{quote(bundle.id, safe='')}",
        token=token,
        environment=environment,
        shape=shape,
        flags=tuple(flags),
        # One call can create a container on one network only, up to API 1.43.
        further_networks=tuple((options["networks"] or [])[1:]),
    )


def _env(env: t.Mapping[str, t.Any]) -> dict[str, str]:
    unusable = [name for name, value in env.items() if not name or "=" in name or isinstance(value, (dict, list))]
    if unusable:
        raise EventoError(f"env.{unusable[0]}: expected a name without = and a plain value.", INVALID_INPUT)
    missing = [name for name, value in env.items() if value is None]
    if missing:
        raise EventoError(f"env.{missing[0]}: expected a string, got null.", INVALID_INPUT)
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in env.items()}


def _server(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise EventoError(f"server_url: expected an address such as http://evento:3000, got {url}.", INVALID_INPUT)
    return url.rstrip("/")
