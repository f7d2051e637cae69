# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetches a JAR for all instances of a run, in pieces, so that its size does not matter for the memory.

Proxies (http_proxy, https_proxy, no_proxy) and certificates are the business of Ansible's open_url.
"""

from __future__ import annotations

import os
import string
import tempfile
import time
import typing as t
from contextlib import ExitStack
from http.client import HTTPException, HTTPResponse
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit, urlunsplit

from ansible.module_utils.urls import open_url

from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import Artifact, Way
from ansible_collections.evento.docker.plugins.module_utils._artifact.download_faults import (
    DownloadError,
    broken_off,
    fault,
    odd_redirect,
    refusal,
    words_of,
)
from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.token import expiry

# For the connection, and for each piece that is read.
_TIMEOUT = 30
_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_PIECE = 1 << 18
_LONGEST_TRY = 40
_PAUSE = 1
_DEFAULT_PORTS = {"http": 80, "https": 443}


def fetch(
    artifact: Artifact,
    clock: t.Callable[[], float] = time.monotonic,
    sleep: t.Callable[[float], None] = time.sleep,
    now: t.Callable[[], float] = time.time,
) -> t.BinaryIO:
    """Bring a JAR here, into a file that has no name, so that nothing stays behind however the run ends.

    A server that is not up yet is asked again each second, for up to 40 s or to the token's end.

    :param clock: seconds of a clock that nobody sets.
    :param sleep: waits for so many seconds.
    :param now: seconds since 1970.
    :raises EventoError: it cannot be had, or not be kept.
    """
    pieces = _read(artifact.path) if artifact.path is not None else _download(artifact, clock, sleep, now)
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
                f"Could not keep the JAR in {directory}: {words_of(exc)}: free disk space there, or set TMPDIR."
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
            f"Could not read the JAR {path}: {words_of(exc)}: make it readable for the user that the module runs as."
        ) from exc


def _download(
    artifact: Artifact, clock: t.Callable[[], float], sleep: t.Callable[[float], None], now: t.Callable[[], float]
) -> t.Iterator[bytes]:
    end = expiry(artifact.token) if artifact.token else None
    longest = _LONGEST_TRY if end is None else min(_LONGEST_TRY, end - now())
    begin = clock()
    while True:
        try:
            answer, url = _follow(artifact)
            break
        except DownloadError as exc:
            tried = clock() - begin
            if not exc.passing or tried + _PAUSE > longest:
                raise exc.error(tried) from exc
        sleep(_PAUSE)
    with answer:
        try:
            yield from _body(answer, url, artifact.way)
        except DownloadError as exc:
            raise exc.error(0) from exc


def _body(answer: HTTPResponse, url: str, way: Way) -> t.Iterator[bytes]:
    size = 0
    try:
        while piece := answer.read(_PIECE):
            size += len(piece)
            yield piece
    except (OSError, HTTPException) as exc:
        raise fault(url, exc, way) from exc
    announced = answer.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) != size:
        raise broken_off(url)


def _follow(artifact: Artifact) -> tuple[HTTPResponse, str]:
    """The answer that holds the JAR, and the address that gave it.

    open_url would follow redirects by itself, but it takes the Authorization header along to any host.
    """
    url, authorization = artifact.url, artifact.authorization
    for _hop in range(_MOST_REDIRECTS + 1):
        answer = _ask(url, authorization, artifact)
        if isinstance(answer, HTTPResponse):
            return answer, url
        origin = _origin(answer)
        if origin is None:
            break
        if origin != _origin(url):
            authorization = None
        url = answer
    raise odd_redirect(url, artifact)


def _ask(url: str, authorization: str | None, artifact: Artifact) -> HTTPResponse | str:
    """The answer that holds the JAR, or where a redirect leads to; nothing where that is no address."""
    try:
        answer: HTTPResponse = open_url(
            _plain(url),
            headers={"Accept-Encoding": "identity", **({"Authorization": authorization} if authorization else {})},
            timeout=_TIMEOUT,
            follow_redirects="none",
            ca_path=_authorities(url, artifact.way),
            validate_certs=artifact.way.validate_certs,
            use_proxy=artifact.way.use_proxy,
            decompress=False,
            use_netrc=False,
        )
    except HTTPError as exc:
        with exc:
            if exc.code in _REDIRECTS and "Location" in exc.headers:
                # urllib has put it together with the address that was asked.
                return exc.url
        raise refusal(exc.code, url, authorization, artifact) from exc
    except (OSError, HTTPException, UnicodeError) as exc:
        raise fault(url, exc, artifact.way) from exc
    except ValueError:
        return ""
    if answer.status == 200:
        return answer
    answer.close()
    raise refusal(answer.status, url, authorization, artifact)


def _plain(url: str) -> str:
    """An address as it goes over the wire: without user and password, which are in a header, and in ASCII."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    path, query = (quote(part, safe=string.punctuation) for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, host, path, query, ""))


def _origin(url: str) -> tuple[str, str | None, int] | None:
    """Who answers at an address; None for what is no http or https address."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None


def _authorities(url: str, way: Way) -> str | None:
    """The file of those who may sign a certificate; None for those that this host trusts."""
    if urlsplit(url).scheme != "https":
        return None
    return way.ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or None
