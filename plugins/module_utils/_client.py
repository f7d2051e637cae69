# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""The connection to the Docker engine, and the words for what goes wrong with it.

The only file that imports the Docker SDK.
"""

from __future__ import annotations

import os
import re
import sys
import typing as t
from contextlib import contextmanager
from http.client import HTTPException
from json import JSONDecodeError

from ansible_collections.evento.docker.plugins.module_utils._client_args import CLIENT_ARGS
from ansible_collections.evento.docker.plugins.module_utils._errors import (
    ENGINE_UNREACHABLE,
    INVALID_INPUT,
    OTHER,
    EngineError,
    EventoError,
)

if t.TYPE_CHECKING:
    from docker import APIClient
    from docker.tls import TLSConfig


# Errors without a number by which an answer shows that was cut off, or that never came.
_TELLING = (ConnectionError, HTTPException, JSONDecodeError)
# Words of the engine about a fault that its operator can mend, and the next step.
_NEXT_STEPS = (
    ("port is already allocated", "publish another port, or a range of ports, with published_ports"),
    ("address already in use", "publish another port, or a range of ports, with published_ports"),
    ("no space left on device", "free disk space on the Docker host, for example with docker system prune"),
    ("no such image", "build, load or pull the image on the Docker host first"),
    ("pull access denied", "build or load the image on the Docker host, or name one that can be pulled"),
    ("manifest unknown", "check the tag of the image"),
    ("repository does not exist", "build or load the image on the Docker host, or name one that can be pulled"),
    ("network .* not found", "create the network on the Docker host, or name another one in networks"),
    ("minimum memory limit", "raise memory"),
    ("range of cpus", "set cpus to a number within it"),
    ("client version", "set api_version to auto"),
)


def connect(params: t.Mapping[str, t.Any]) -> APIClient:
    """Connect to the engine and agree on an API version (one call).

    :param params: the values of CLIENT_ARGS.
    :raises EventoError: the SDK is missing, an option is not usable, or the engine cannot be reached.
    """
    try:
        from docker import APIClient
        from docker.errors import InvalidVersion
    except ImportError as exc:
        raise EventoError(
            f"The Docker SDK for Python cannot be imported ({exc}): install docker 7.1 or later for {sys.executable}."
        ) from exc
    # An empty DOCKER_HOST is none, as for the docker command.
    host = params["docker_host"] or CLIENT_ARGS["docker_host"]["default"]
    _check(params, host)
    with translated(f"connect to the Docker engine at {host}"):
        try:
            return APIClient(
                base_url=host,
                version=params["api_version"],
                timeout=params["timeout"],
                tls=_tls_config(params) or False,
            )
        except InvalidVersion as exc:
            raise EventoError(f"api_version {params['api_version']} is not usable: {exc}", INVALID_INPUT) from exc


def _check(params: t.Mapping[str, t.Any], host: str) -> None:
    """Refuse what the SDK would refuse in words of its own, or not at all.

    :raises EventoError: the text names the option.
    """
    from docker.errors import DockerException
    from docker.utils import parse_host

    try:
        parse_host(host)
    except (DockerException, ValueError) as exc:
        expected = "an address such as unix:///var/run/docker.sock or tcp://engine:2376"
        raise EventoError(f"docker_host: expected {expected}, got {host}.", INVALID_INPUT) from exc
    if not re.fullmatch(r"auto|\d+\.\d+", params["api_version"]):
        raise EventoError(
            f"api_version: expected auto or a version such as 1.41, got {params['api_version']}.", INVALID_INPUT
        )
    if params["timeout"] < 1:
        raise EventoError(f"timeout: expected a number of seconds above 0, got {params['timeout']}.", INVALID_INPUT)
    if not (params["tls"] or params["validate_certs"]):
        return
    for name in ("ca_path", "client_cert", "client_key"):
        if params[name] and not os.path.isfile(params[name]):
            raise EventoError(f"{name}: there is no file {params[name]}.", INVALID_INPUT)
    if bool(params["client_cert"]) != bool(params["client_key"]):
        raise EventoError("client_cert and client_key: expected both or neither, got one.", INVALID_INPUT)


def _tls_config(params: t.Mapping[str, t.Any]) -> TLSConfig | None:
    if not (params["tls"] or params["validate_certs"]):
        return None
    from docker.tls import TLSConfig
    from requests.adapters import HTTPAdapter
    from urllib3 import disable_warnings
    from urllib3.exceptions import InsecureRequestWarning

    class NamedAdapter(HTTPAdapter):
        """Expects the name of tls_hostname in the certificate, not that of the address."""

        def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().init_poolmanager(*args, assert_hostname=params["tls_hostname"], **kwargs)

    class EngineTls(TLSConfig):
        """TLS as the options say, whatever the environment says."""

        def configure_client(self, client: APIClient) -> None:
            super().configure_client(client)
            # requests would prefer REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE to ca_path.
            client.trust_env = False
            if not params["validate_certs"]:
                # That is what was asked for: no warning at each call.
                disable_warnings(InsecureRequestWarning)
            if params["tls_hostname"]:
                client.mount("https://", NamedAdapter())

    pair = (params["client_cert"], params["client_key"])
    return EngineTls(
        client_cert=pair if any(pair) else None,
        ca_cert=params["ca_path"],
        verify=params["validate_certs"],
    )


@contextmanager
def translated(doing: str, clean: t.Callable[[str], str] = str) -> t.Iterator[None]:
    """Turn what the SDK raises into an EngineError with one sentence.

    :param doing: what is being done, as in "start orders-1".
    :param clean: takes secrets out of the engine's own words.
    :raises EngineError: instead of any error of the SDK or of the connection.
    """
    from docker.errors import DockerException
    from requests.exceptions import HTTPError as StatusError
    from requests.exceptions import RequestException, Timeout
    from urllib3.exceptions import HTTPError, TimeoutError
    from urllib3.util.ssl_match_hostname import CertificateError

    try:
        yield
    except StatusError as exc:
        words = clean(_engines_words(exc)).strip().rstrip(".")
        step = next((step for sign, step in _NEXT_STEPS if re.search(sign, words, re.I)), None)
        sentence = f"Could not {doing}: {words}" + (f": {step}." if step else ".")
        raise EngineError(sentence, status=None if exc.response is None else exc.response.status_code) from exc
    except (DockerException, RequestException, HTTPError, OSError) as exc:
        links = _links(exc)
        telling = [link for link in links if isinstance(link, (*_TELLING, CertificateError)) or _is_system_error(link)]
        # Only then: a refused connection is a timeout, too, in urllib3's classes.
        if not telling and any(isinstance(link, (Timeout, TimeoutError)) for link in links):
            raise EngineError(
                f"Could not {doing}: the Docker engine did not answer in time; look at the engine, or raise timeout.",
                ENGINE_UNREACHABLE,
            ) from exc
        cause = telling[-1] if telling else exc
        failure = ENGINE_UNREACHABLE if telling or isinstance(exc, OSError) else OTHER
        raise EngineError(f"Could not {doing}: {clean(_explain(cause))}.", failure) from exc


def _engines_words(exc: t.Any) -> str:
    """What the engine said about an error; the SDK has read it already where the call was one of its own."""
    words = getattr(exc, "explanation", None)
    if not words and exc.response is not None:
        try:
            words = exc.response.json()["message"]
        except (ValueError, LookupError, TypeError):
            words = exc.response.reason
    return str(words or "it did not say why")


def _links(exc: BaseException) -> list[BaseException]:
    """An error and all that led to it; urllib3 hands some of that on as an argument only."""
    found: list[BaseException] = []
    todo: list[t.Any] = [exc]
    while todo:
        link = todo.pop(0)
        if isinstance(link, BaseException) and not any(link is known for known in found):
            found.append(link)
            todo += [link.__cause__, link.__context__, *link.args]
    return found


def _is_system_error(link: BaseException) -> bool:
    return isinstance(link, OSError) and link.errno is not None


def _explain(cause: BaseException) -> str:
    if isinstance(cause, PermissionError):
        return "permission denied: run as root or as a member of the group that owns the socket (docker)"
    if isinstance(cause, FileNotFoundError):
        return "there is no such socket: start the Docker engine, or set docker_host"
    if isinstance(cause, ConnectionRefusedError):
        return "nothing listens there: start the Docker engine, or set docker_host"
    if isinstance(cause, (ConnectionError, HTTPException, JSONDecodeError)):
        return "the connection was broken off, perhaps because the engine ended: check docker_host and the TLS options"
    words = str(cause.strerror if isinstance(cause, OSError) and cause.strerror else cause)
    # OpenSSL's own names stand before and behind its words.
    words = re.sub(r"^\[[A-Z0-9_: ]+\] | \(_ssl\.c:\d+\)$", "", words.strip()).rstrip(".")
    if _is_system_error(cause) or "certificate" in words or "hostname" in words:
        return f"{words}: check docker_host and the TLS options"
    return words or type(cause).__name__
