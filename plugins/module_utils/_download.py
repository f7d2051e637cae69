# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""Fetches a JAR for all instances of a run, in pieces, so that its size does not matter for the memory.

requests is there wherever the Docker SDK is.
"""

from __future__ import annotations

import os
import socket
import ssl
import tempfile
import typing as t
from contextlib import ExitStack, contextmanager
from urllib.parse import urljoin, urlsplit

from ansible_collections.evento.docker.plugins.module_utils._artifact import Artifact, host_of
from ansible_collections.evento.docker.plugins.module_utils._errors import TOKEN_EXPIRED, EventoError

if t.TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

_CONNECT_TIMEOUT = 10
_READ_TIMEOUT = 30
_MOST_REDIRECTS = 5
_PIECE = 1 << 18


def fetch(artifact: Artifact) -> t.BinaryIO:
    """Bring a JAR here, into a file that has no name, so that nothing stays behind however the run ends.

    :raises EventoError: it cannot be had, or not be kept.
    """
    pieces = _download(artifact) if artifact.path is None else _read(artifact.path)
    directory = "the temporary directory"
    with ExitStack() as stack:
        try:
            directory = tempfile.gettempdir()
            file = stack.enter_context(tempfile.TemporaryFile())
            for piece in pieces:
                file.write(piece)
            file.flush()
        except OSError as exc:
            raise EventoError(
                f"Could not keep the JAR in {directory}: {_words(exc)}: free disk space there, or set TMPDIR."
            ) from exc
        stack.pop_all()
    return t.cast(t.BinaryIO, file)


def _read(path: str) -> t.Iterator[bytes]:
    if not os.path.isfile(path):
        raise EventoError(f"Could not read the JAR: there is no file {path} on this host: correct artifact_url.")
    try:
        with open(path, "rb") as file:
            while piece := file.read(_PIECE):
                yield piece
    except OSError as exc:
        raise EventoError(
            f"Could not read the JAR {path}: {_words(exc)}: make it readable for the user that the module runs as."
        ) from exc


def _download(artifact: Artifact) -> t.Iterator[bytes]:
    from requests import Session

    with Session() as session:
        answer, server = _follow(session, artifact)
        size = 0
        with _translated(server):
            for piece in answer.raw.stream(_PIECE, decode_content=False):
                size += len(piece)
                yield piece
        announced = answer.headers.get("Content-Length", "")
        if announced.isdecimal() and int(announced) != size:
            raise _broken_off(server)


def _follow(session: Session, artifact: Artifact) -> tuple[Response, str]:
    """The answer that holds the JAR, and who gave it.

    requests would follow redirects by itself, but it takes credentials for the new host from .netrc, and keeps
    the whole text of a redirect in memory. So the request goes to its adapter, which does nothing of the kind.
    """
    from requests import Request

    url, authorization = artifact.url, artifact.authorization
    for _hop in range(_MOST_REDIRECTS + 1):
        server = host_of(url)
        with _translated(server):
            request = Request("GET", url, {"Accept-Encoding": "identity"}, auth=_Authorization(authorization))
            prepared = session.prepare_request(request)
            settings: dict[str, t.Any] = {**session.merge_environment_settings(url, {}, True, None, None)}
            timeout = (_CONNECT_TIMEOUT, _READ_TIMEOUT)
            answer = session.get_adapter(url).send(prepared, timeout=timeout, **settings)
        if answer.status_code == 200:
            return answer, server
        answer.close()
        try:
            location = session.get_redirect_target(answer)
            if location is None:
                raise _refusal(answer.status_code, server, artifact, authorization)
            target = urljoin(url, location)
            if urlsplit(target).scheme not in ("http", "https"):
                break
            if session.should_strip_auth(url, target):
                authorization = None
            url = target
        except ValueError:
            break
    raise EventoError(
        f"Could not download the JAR: {server} redirects too often, or to something else than an http or https"
        f" address: correct {_option(artifact)}."
    )


class _Authorization:
    """The Authorization header and no other: requests would look for one in .netrc."""

    def __init__(self, value: str | None) -> None:
        self._value = value

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._value is not None:
            request.headers["Authorization"] = self._value
        return request


def _refusal(status: int, server: str, artifact: Artifact, authorization: str | None) -> EventoError:
    words = f"Could not download the JAR: {server} answered {status}"
    if status != 401:
        return EventoError(f"{words} instead of 200: check that it is published there.")
    if not artifact.from_server:
        return EventoError(f"{words}: put the right user and password into artifact_url.")
    if authorization is None:
        return EventoError(f"{words}: a redirect led there, without the token: let server_url name the right host.")
    return EventoError(
        f"{words}: the token is expired or not valid: let Evento Server call again, with a new token.", TOKEN_EXPIRED
    )


def _option(artifact: Artifact) -> str:
    return "server_url" if artifact.from_server else "artifact_url"


@contextmanager
def _translated(server: str) -> t.Iterator[None]:
    """Turn what requests raises into an EventoError; its own words could hold the address with all its secrets."""
    from requests.exceptions import RequestException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except (RequestException, HTTPError, OSError) as exc:
        raise _fault(server, exc) from exc


def _fault(server: str, exc: Exception) -> EventoError:
    from requests.exceptions import InvalidURL, ProxyError, RequestException, SSLError, Timeout
    from urllib3.exceptions import LocationValueError, TimeoutError
    from urllib3.exceptions import SSLError as TlsError

    cause = _cause(exc)
    words = ""
    step = "check that the server runs, and that this host reaches it at that address"
    if isinstance(exc, ProxyError):
        words, step = "the proxy does not let it through", "check the proxy variables"
    elif isinstance(cause, ssl.SSLError) or isinstance(exc, (SSLError, TlsError)):
        words = getattr(cause, "verify_message", "") or "TLS failed"
        step = "check its certificate; REQUESTS_CA_BUNDLE names the file of those who may sign it"
    elif isinstance(exc, (Timeout, TimeoutError)):
        words = "it did not answer in time"
    elif isinstance(exc, (InvalidURL, LocationValueError)):
        words, step = "that is no address", "correct server_url or artifact_url"
    elif isinstance(cause, socket.gaierror):
        words = "its name does not resolve"
    elif cause is not None and not isinstance(cause, (ConnectionResetError, BrokenPipeError)):
        words = _words(cause)
    elif cause is None and isinstance(exc, OSError) and not isinstance(exc, RequestException):
        # requests itself says so, and without a number.
        words, step = "there are no certificates of authorities", "correct REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE"
    if not words:
        return _broken_off(server)
    return EventoError(f"Could not download the JAR: cannot reach {server}: {words}: {step}.")


def _broken_off(server: str) -> EventoError:
    return EventoError(f"Could not download the JAR: {server} broke the download off: try again.")


def _cause(exc: BaseException) -> OSError | None:
    """The error of the system behind an error, if there is one."""
    found, link = None, t.cast("BaseException | None", exc)
    while link is not None:
        # requests' own errors are OSErrors, too, without a number.
        if isinstance(link, OSError) and link.errno is not None:
            found = link
        link = link.__cause__ or link.__context__
    return found


def _words(exc: OSError) -> str:
    return (exc.strerror or type(exc).__name__).lower()
