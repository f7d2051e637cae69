# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong with the download of a JAR, in the words for the user.

The words of the libraries are not shown: they could hold the address with all its secrets.
"""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPException, InvalidURL
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import Artifact, Way, host_of
from ansible_collections.evento.docker.plugins.module_utils._base.errors import OTHER, TOKEN_EXPIRED, EventoError

# Evento Server calls some seconds before its HTTP port answers; what stands before it says 502 to 504 then.
_NOT_UP_YET = (502, 503, 504)

# By status: what it means, the next step, and the class of the failure.
_REFUSED = (" instead of 200", "check that it is published there", OTHER)
_REFUSED_BY_SERVER = {
    401: (": the token is expired or not valid", "let Evento Server call again, with a new token", TOKEN_EXPIRED),
    403: (": the token lacks the role ROLE_DEPLOY", "use a token that has it, as that of Evento Server's call", OTHER),
    404: (": there is nothing at that address", "check server_url", OTHER),
    500: (": it does not know the bundle, or the bundle's file is gone", "publish the bundle again", OTHER),
}
_REFUSED_BY_OTHERS = {
    401: ("", "put the right user and password into artifact_url", OTHER),
    403: (": this download is not allowed", "check user, password and query in artifact_url", OTHER),
    404: (": there is nothing at that address", "check artifact_url", OTHER),
}


class DownloadError(Exception):
    """A download failed.

    :param what: what happened, as a part of a sentence.
    :param step: the next step.
    :param passing: the server may only not be up yet.
    :param failure: the class of the failure, one of the constants of _base/errors.py.
    """

    def __init__(self, what: str, step: str, passing: bool = False, failure: str = OTHER) -> None:
        super().__init__(what)
        self.what = what
        self.step = step
        self.passing = passing
        self.failure = failure

    def error(self, tried: float) -> EventoError:
        """The error for the user.

        :param tried: for how many seconds it was tried.
        """
        during = f" (tried for {tried:.0f} s)" if self.passing and tried >= 1 else ""
        return EventoError(f"Could not download the JAR: {self.what}{during}: {self.step}.", self.failure)


def refusal(status: int, url: str, authorization: str | None, artifact: Artifact) -> DownloadError:
    """The fault of an answer that is not the JAR.

    :param authorization: the header that was sent; None where a redirect had left it behind, or there is none.
    """
    what = f"{host_of(url)} answered {status}"
    if status in _NOT_UP_YET:
        return DownloadError(what, "check that the server is up", passing=True)
    if status in (401, 403) and artifact.from_server and authorization is None:
        return DownloadError(f"{what}: a redirect led there, without the token", "let server_url name the right host")
    table = _REFUSED_BY_SERVER if artifact.from_server else _REFUSED_BY_OTHERS
    meaning, step, failure = table.get(status, _REFUSED)
    return DownloadError(what + meaning, step, failure=failure)


def odd_redirect(url: str, artifact: Artifact) -> DownloadError:
    """The fault of a server whose redirects cannot be followed."""
    what = f"{host_of(url)} redirects too often, or to something else than an http or https address"
    return DownloadError(what, f"correct {_option(artifact)}")


def _option(artifact: Artifact) -> str:
    return "server_url" if artifact.from_server else "artifact_url"


def fault(url: str, exc: Exception, way: Way) -> DownloadError:
    """The fault that an error of urllib or the system stands for."""
    connecting = isinstance(exc, URLError)
    cause = exc.reason if isinstance(exc, URLError) else exc
    what = f"cannot reach {host_of(url)}: "
    if isinstance(cause, ssl.SSLError):
        return DownloadError(
            what + (getattr(cause, "verify_message", "") or "TLS failed"),
            "check its certificate; download_ca_path names the file of those who may sign it",
        )
    if connecting and way.use_proxy and _through_proxy(url):
        refused = isinstance(cause, ConnectionError)
        return DownloadError(
            f"{what}the proxy does not let it through", "check the proxy variables, or set use_proxy to false", refused
        )
    if isinstance(exc, (FileNotFoundError, IsADirectoryError, PermissionError)):
        step = "correct download_ca_path, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE"
        return DownloadError(f"{what}there are no certificates of authorities in that file", step)
    if isinstance(exc, (InvalidURL, UnicodeError)):
        return DownloadError(f"{what}that is no address", "correct server_url or artifact_url")
    if isinstance(cause, ConnectionError) and not isinstance(cause, ConnectionRefusedError):
        return broken_off(url, passing=True)
    if isinstance(cause, HTTPException):
        return broken_off(url)
    step = "check that the server runs, and that this host reaches it at that address"
    return DownloadError(what + _reason(cause), step, isinstance(cause, ConnectionRefusedError))


def _through_proxy(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in getproxies() and not proxy_bypass(parts.netloc.rpartition("@")[2])


def _reason(cause: object) -> str:
    if isinstance(cause, socket.gaierror):
        return "its name does not resolve"
    if isinstance(cause, socket.timeout):
        return "it did not answer in time"
    return words_of(cause) if isinstance(cause, OSError) else "it cannot be asked"


def broken_off(url: str, passing: bool = False) -> DownloadError:
    """The fault of a connection that ended too early.

    :param passing: there was no answer yet.
    """
    return DownloadError(f"{host_of(url)} broke the download off", "try again", passing)


def words_of(exc: OSError) -> str:
    """The system's words for an error, as a part of a sentence."""
    return (exc.strerror or type(exc).__name__).lower()
