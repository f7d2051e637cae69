# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The name of an image that has the JAR of a bundle in it. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import Artifact, without_credentials
from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.bundle import Bundle
from ansible_collections.evento.docker.plugins.module_utils._container.slug import slug

# How a repository is named: distribution reference/regexp.go, without tag and digest.
_REPOSITORY = re.compile(
    r"(?:(?:[a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]+)?/)?"
    r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*"
)
_LENGTH = 16


def check_repository(options: t.Mapping[str, t.Any]) -> None:
    """See to it that there is a place for the image where one is to be made.

    :param options: the values of artifact, repository, username and password.
    :raises EventoError: there is none.
    """
    repository = options["repository"]
    if options["artifact"] == "image" and not repository:
        raise EventoError("artifact: image needs repository, to which the image is pushed.", INVALID_INPUT)
    if repository and not _REPOSITORY.fullmatch(repository):
        raise EventoError(
            "repository: expected a name without a tag, such as registry.example.com:5000/evento/bundles,"
            f" got {repository}.",
            INVALID_INPUT,
        )
    if options["username"] and not repository:
        raise EventoError("username: needs repository, which says for which registry it is.", INVALID_INPUT)


def built_tag(bundle: Bundle, artifact: Artifact, base_id: str) -> str:
    """The tag of the image with the JAR of a bundle; another one for another JAR, or on another image.

    No secret is part of it: everybody who sees the instances sees it.

    :param base_id: of the image that it is made from.
    """
    source = artifact.source if artifact.from_server else without_credentials(artifact.url)
    told = json.dumps([bundle.id, bundle.artifact, bundle.version, source, base_id])
    return f"{slug(bundle.id)}-{hashlib.sha256(told.encode()).hexdigest()[:_LENGTH]}"
