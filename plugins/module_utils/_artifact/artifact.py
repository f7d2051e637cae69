# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the JAR of a bundle comes from, and who downloads it. Pure; download.py does it."""

from __future__ import annotations

import base64
import typing as t
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, quote, unquote, unquote_to_bytes, urlsplit, urlunsplit

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._base.secrets import MASK

# The contract of the image, see evento-bundle-container's entrypoint.
DIRECTORY = "/opt/evento/artifact"
FILE_NAME = "app.jar"

_OF_THE_CONTAINER, _OF_THIS_HOST = "http://host.docker.internal:3000", "http://localhost:3000"


class Way(t.NamedTuple):
    """How the module downloads a JAR.

    :param ca_path: the file of those who may sign a certificate; None for what the environment or the host says.
    :param validate_certs: whether a server's certificate is checked.
    :param use_proxy: whether the proxy variables of the environment count.
    """

    ca_path: str | None = None
    validate_certs: bool = True
    use_proxy: bool = True


@dataclass(frozen=True)
class Artifact:
    """The JAR of a bundle.

    :param url: its address, without the token: http, https or, only where it is copied, file.
    :param from_server: it comes from Evento Server, which wants the token.
    :param token: of Evento Server; None where none was given.
    :param copied: the module downloads it and copies it into the container.
    :param built_in: the module downloads it and puts it into an image. If neither, the container downloads it.
    :param way: how the module downloads it.
    """

    url: str = field(repr=False)
    from_server: bool
    token: str | None = field(repr=False)
    copied: bool
    built_in: bool = False
    way: Way = field(default_factory=Way)

    @property
    def shown(self) -> str:
        """The address without what could be a secret in it: user, password and query."""
        return without_credentials(self.url)

    @property
    def secrets(self) -> list[str]:
        """What must not be shown of the address, as it stands there and decoded."""
        parts = urlsplit(self.url)
        user = parts.netloc.rpartition("@")[0]
        values = [value for _name, value in parse_qsl(parts.query)]
        forms = [form for text in (user, user.partition(":")[2]) for form in (text, unquote(text))]
        return [*forms, parts.query, *values]

    @property
    def path(self) -> str | None:
        """The file on this host; None where it has to be downloaded."""
        parts = urlsplit(self.url)
        return unquote(parts.path) if parts.scheme == "file" else None

    @property
    def source(self) -> str:
        """Where it comes from; by what name this host knows Evento Server says nothing about the JAR."""
        return "Evento Server" if self.from_server else self.url

    @property
    def authorization(self) -> str | None:
        """The HTTP header for it; None where nobody has to be convinced."""
        if self.from_server:
            return f"Bearer {self.token}" if self.token else None
        user, at, _host = urlsplit(self.url).netloc.rpartition("@")
        if not at:
            return None
        credentials = unquote_to_bytes(user if ":" in user else f"{user}:")
        return f"Basic {base64.b64encode(credentials).decode()}"

    def container_url(self, token: str | None) -> str:
        """The address for a container, which sends the token as Evento Server's own deploy script makes it do.

        :param token: as it is to stand there; None where there is none.
        """
        return f"{self.url}?token={token}" if self.from_server and token else self.url


def choose_artifact(bundle_id: str, options: t.Mapping[str, t.Any], token: str | None) -> Artifact:
    """Where the JAR comes from, as the options artifact, artifact_url, server_url and those of Way say.

    :raises EventoError: an option is not usable; the text shows nothing of artifact_url.
    """
    copied, built_in = options["artifact"] == "copy", options["artifact"] == "image"
    on_this_host = copied or built_in
    way = Way(options["download_ca_path"], options["download_validate_certs"], options["use_proxy"])
    own = options["artifact_url"]
    if own:
        _check_own(own, on_this_host)
        if built_in and urlsplit(own).query:
            raise EventoError(
                "artifact_url: expected an address without a query (?) for artifact: image, because the image's tag"
                " depends on it, and who may read the tag is not to guess a secret from that.",
                INVALID_INPUT,
            )
        return Artifact(own, from_server=False, token=None, copied=copied, built_in=built_in, way=way)
    # It travels in a header then, not percent-encoded in a URL.
    if on_this_host and token and not (token.isascii() and token.isprintable()):
        raise EventoError("token: expected printable ASCII characters only, as in a JWT.", INVALID_INPUT)
    server = _server(options["server_url"] or (_OF_THIS_HOST if on_this_host else _OF_THE_CONTAINER))
    url = f"{server}/asset/bundle/{quote(bundle_id, safe='')}"
    return Artifact(url, from_server=True, token=token, copied=copied, built_in=built_in, way=way)


def without_credentials(url: str) -> str:
    """An address with asterisks in place of user and password, and of the query; all asterisks where it is no address.

    :param url: any text, as a user wrote it.
    """
    parts = _split(url)
    if parts is None:
        return MASK
    # An @ here ends a password with a ? or # in it, or one that no http:// goes before.
    path = "" if parts.netloc or parts.scheme == "file" else parts.path
    if "@" in f"{path}{parts.query}{parts.fragment}":
        return MASK
    _user, at, host = parts.netloc.rpartition("@")
    return urlunsplit((parts.scheme, f"{MASK}@{host}" if at else host, parts.path, parts.query and MASK, ""))


def host_of(url: str) -> str:
    """Scheme, host and port of an address, for messages."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _check_own(url: str, on_this_host: bool) -> None:
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https", "file") or not url.isprintable() or " " in url:
        usable = False
    elif parts.scheme == "file":
        usable = parts.netloc in ("", "localhost") and parts.path.startswith("/") and not parts.query
    else:
        usable = bool(parts.hostname)
    if parts is None or not usable or parts.fragment:
        raise EventoError(
            "artifact_url: expected an address that begins with http://, https:// or file:///,"
            " without spaces and without a fragment (#).",
            INVALID_INPUT,
        )
    if parts.scheme == "file" and not on_this_host:
        raise EventoError(
            "artifact_url: a container cannot read a file of this host: set artifact to copy"
            " or image, or give an http or https address.",
            INVALID_INPUT,
        )


def _server(url: str) -> str:
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise EventoError(
            f"server_url: expected an address such as http://evento:3000, got {without_credentials(url)}.",
            INVALID_INPUT,
        )
    return url.rstrip("/")


def _split(url: str) -> SplitResult | None:
    """The parts of an address; None for what is none."""
    try:
        parts = urlsplit(url)
        return None if parts.port == 0 else parts
    except ValueError:
        # Brackets that do not match, or a port that is no number.
        return None
