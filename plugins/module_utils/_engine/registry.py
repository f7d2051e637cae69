# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image that is made in a registry, of one that is there and a JAR.

The engine sees to it that the first is there, once; after that nothing but the JAR goes over the wire, as it is. To
build and push the image on an engine takes five times as long for a JAR of 200 MiB, because a push compresses it again.
"""

from __future__ import annotations

import hashlib
import json
import os
import typing as t
from contextlib import contextmanager, suppress
from ipaddress import ip_address, ip_network

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EngineError, EventoError
from ansible_collections.evento.docker.plugins.module_utils._engine.faults import LOG_IN, asked_again, translated
from ansible_collections.evento.docker.plugins.module_utils._engine.images import Image, follow, inspect_image
from ansible_collections.evento.docker.plugins.module_utils._engine.logins import login_for, resolve

if t.TYPE_CHECKING:
    from docker import APIClient
    from dxf import DXF

# Docker Hub answers by another name than that of its repositories.
_HOSTS = {"docker.io": "registry-1.docker.io"}
_AUTHORITIES = "/etc/docker/certs.d/{}/ca.crt"
# For the connection, and for each silence after that, in seconds: a registry checks a large layer before it answers.
_TIMEOUT = 300.0
_OCI = "application/vnd.oci."
_LAYER, _OCI_LAYER = "application/vnd.docker.image.rootfs.diff.tar", "application/vnd.oci.image.layer.v1.tar"


class Archive(t.Protocol):
    """A tar archive that can be read more than once."""

    def __len__(self) -> int:
        """How many bytes it has."""

    def __iter__(self) -> t.Iterator[bytes]:
        """Its content, in pieces."""


@asked_again
def digest_in_registry(api: APIClient, name: str) -> str | None:
    """The digest of an image in its registry, as the engine finds it; None where it has none, or none for us.

    :raises EngineError: the engine cannot tell.
    """
    try:
        with translated(f"look for image {name} in its registry"):
            digest: str = api.inspect_distribution(name)["Descriptor"]["digest"]
            return digest
    except EngineError as exc:
        if exc.status not in (401, 403, 404):
            raise
        return None


class Repository:
    """A repository of a registry, for images of one base and a JAR.

    :param base: that image.
    :raises EventoError: the registry cannot be reached, or refuses the login.
    """

    def __init__(self, api: APIClient, name: str, base: Image) -> None:
        self._api, self._name = api, name
        self._registry, path = resolve(name)
        try:
            self._dxf = self._connect(path)
        except ImportError as exc:
            raise EventoError(
                f"The registry's client cannot be imported ({exc}): install python-dxf 12.1 or later where the module"
                " runs, or set artifact to another value than image."
            ) from exc
        self._base, self._base_tag = base, f"base-{base.id.rpartition(':')[2][:16]}"
        self._manifest = self._look()

    def push(self, archive: Archive, tag: str) -> str:
        """Push an image of the base and a further layer; returns its digest.

        The engine pushes the base first where it is not there. The same base and the same layer make the same image,
        whoever makes it.

        :raises EventoError: the registry refuses that, or breaks it off.
        """
        return self._add(archive, tag, self._manifest or self._pushed_base())

    @asked_again
    def _add(self, archive: Archive, tag: str, base: str) -> str:
        manifest, size = json.loads(base), len(archive)
        hashed = hashlib.sha256()
        for piece in archive:
            hashed.update(piece)
        layer = f"sha256:{hashed.hexdigest()}"
        with self._asking("push the JAR"):
            config = json.loads(self._read(manifest["config"]["digest"]))
            config["rootfs"]["diff_ids"].append(layer)
            config.setdefault("history", []).append({"created": config.get("created"), "created_by": "evento.docker"})
            text = json.dumps(config).encode()
            configured = _digest(text)
            self._dxf.push_blob(data=archive, digest=layer)
            self._dxf.push_blob(data=iter([text]), digest=configured)
            media_type = _OCI_LAYER if manifest["mediaType"].startswith(_OCI) else _LAYER
            manifest["layers"].append({"mediaType": media_type, "size": size, "digest": layer})
            manifest["config"].update(size=len(text), digest=configured)
            made = json.dumps(manifest)
            self._dxf.set_manifest(tag, made)
        return _digest(made.encode())

    def _read(self, digest: str) -> bytes:
        return b"".join(t.cast("t.Iterable[bytes]", self._dxf.pull_blob(digest)))

    def _connect(self, path: str) -> DXF:
        from dxf import DXF
        from requests.exceptions import ConnectionError as NoConnection

        username, password = login_for(self._api, self._registry)
        self._has_login = username is not None

        def log_in(dxf: t.Any, answer: t.Any) -> None:
            dxf.authenticate(username, password, actions=["pull", "push"], response=answer)

        def client(insecure: bool, verify: bool | str) -> DXF:
            host = _HOSTS.get(self._registry, self._registry)
            return DXF(host, path, log_in, insecure=insecure, tlsverify=verify, timeout=_TIMEOUT)

        authorities = _AUTHORITIES.format(self._registry)
        if not self._is_insecure():
            return client(False, authorities if os.path.isfile(authorities) else True)
        # As the engine does with one that needs no TLS: first with, and then without.
        tried = client(False, False)
        with self._asking("ask whether it has TLS"):
            try:
                # Whatever it answers, it has.
                with suppress(*_answers()):
                    tried.api_version_check()
            except NoConnection:
                return client(True, False)
        return tried

    def _is_insecure(self) -> bool:
        """Whether the engine may speak to this registry without TLS, or without a look at its certificate."""
        with translated("ask the Docker engine for its registries"):
            settings = self._api.info()["RegistryConfig"]
        named = settings["IndexConfigs"].get(self._registry)
        if named:
            return not named["Secure"]
        host = self._registry.rpartition(":")[0] or self._registry
        try:
            address = ip_address("127.0.0.1" if host == "localhost" else host)
        except ValueError:
            return False
        return any(address in ip_network(network) for network in settings["InsecureRegistryCIDRs"])

    @asked_again
    def _look(self) -> str | None:
        """The manifest of the base in this repository; None where it is not there."""
        details = inspect_image(self._api, self._base.reference or self._base.id) or {}
        platform = "/".join(filter(None, [details.get(key, "") for key in ("Os", "Architecture", "Variant")]))
        try:
            with self._asking("look for the image that the JAR is added to"):
                return t.cast(str, self._dxf.get_manifest(self._base_tag, platform))
        except EngineError as exc:
            if exc.status != 404:
                raise
            return None

    def _pushed_base(self) -> str:
        """The manifest of the base, which the engine pushes."""
        failure = None
        try:
            self._push_base()
        except EngineError as exc:
            # Its name is gone from the engine where another run has just pushed the same.
            failure = exc
        manifest = self._look()
        if manifest is None:
            raise failure or self._error("push the JAR", "does not keep what the engine pushes: see what it logged")
        return manifest

    def _push_base(self) -> None:
        name = f"{self._name}:{self._base_tag}"
        doing = f"push image {name}"
        with translated(doing):
            self._api.tag(self._base.reference or self._base.id, self._name, self._base_tag)
        try:
            with translated(doing):
                step = "check repository, username and password, and that the Docker host reaches the registry"
                follow(doing, step, self._api.push(self._name, self._base_tag, stream=True, decode=True))
        finally:
            with suppress(EngineError), translated(f"remove {name}"):
                self._api.remove_image(name, noprune=True)

    @contextmanager
    def _asking(self, doing: str) -> t.Iterator[None]:
        """Turn what the client raises into an EngineError with one sentence; of others' words it shows none.

        :raises EngineError: instead of any error of the client or of the connection.
        """
        from dxf.exceptions import DXFAuthInsecureError, DXFError
        from requests.exceptions import HTTPError, RequestException, SSLError

        try:
            yield
        except DXFAuthInsecureError as exc:
            raise self._error(doing, "wants a login and has no TLS: give it a certificate") from exc
        except SSLError as exc:
            place = _AUTHORITIES.format(self._registry)
            words = f"has no certificate that this host trusts: put that of its authority into {place}"
            raise self._error(doing, words) from exc
        except HTTPError as exc:
            status = None if exc.response is None else exc.response.status_code
            raise self._error(doing, self._explain(status), status) from exc
        except DXFError as exc:
            refused = type(exc).__name__ == "DXFUnauthorizedError"
            words = self._explain(401) if refused else f"gave an answer that is of no use ({type(exc).__name__})"
            raise self._error(doing, words) from exc
        except (RequestException, OSError) as exc:
            here = os.uname().nodename
            words = f"cannot be reached from {here}, or broke off: check repository, and that it can be reached there"
            raise self._error(doing, words) from exc

    def _explain(self, status: int | None) -> str:
        if status in (401, 403):
            refused = "refused the login" if self._has_login else "wants a login"
            return f"{refused}: {LOG_IN}"
        return f"answered {status}: see what it logged"

    def _error(self, doing: str, words: str, status: int | None = None) -> EngineError:
        return EngineError(f"Could not {doing}: registry {self._registry} {words}.", status=status)


def _answers() -> tuple[type[Exception], ...]:
    """What the client raises for an answer, of whatever kind."""
    from dxf.exceptions import DXFError
    from requests.exceptions import HTTPError

    return (DXFError, HTTPError)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
