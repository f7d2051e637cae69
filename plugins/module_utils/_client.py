# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""The connection to the Docker engine, and the words for what goes wrong with it.

The only file that imports the Docker SDK, and that when it is needed: not every run gets as far as that.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
import ssl
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
from ansible_collections.evento.docker.plugins.module_utils._ssh import explain, is_address, ssh_adapter

if t.TYPE_CHECKING:
    from docker import APIClient
    from docker.tls import TLSConfig


# How long the engine may be silent in the middle of a pull, a build or a load, in seconds: a step of a build can be.
LONGEST_SILENCE = 600
# By these an answer shows that was cut off, or that never came.
_BROKEN = (ConnectionError, HTTPException, JSONDecodeError, EOFError)
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
    # An empty DOCKER_HOST is none, as for the docker command.
    host = params["docker_host"] or CLIENT_ARGS["docker_host"]["default"]
    if not host.startswith("ssh://") or params["use_ssh_client"]:
        # The SDK imports paramiko wherever it is installed, which takes a third of the SDK's time; None says it is not.
        sys.modules.setdefault("paramiko", t.cast(t.Any, None))
    try:
        from docker.errors import InvalidVersion
    except ImportError as exc:
        raise EventoError(
            f"The Docker SDK for Python cannot be imported ({exc}): install docker 7.1 or later for {sys.executable}."
        ) from exc
    _check(params, host)
    with translated(f"connect to the Docker engine at {host}"):
        try:
            return _client(params, host)
        except InvalidVersion as exc:
            raise EventoError(f"api_version {params['api_version']} is not usable: {exc}", INVALID_INPUT) from exc


def _client(params: t.Mapping[str, t.Any], host: str) -> APIClient:
    from docker import APIClient

    adapter = ssh_adapter(host) if _shells_out(params, host) else None

    class Client(APIClient):
        """A client that waits for nothing without an end."""

        def send(self, request: t.Any, **options: t.Any) -> t.Any:
            # The SDK has no time-out for a pull and a build, and one for short calls for a load.
            if options.get("timeout") is None or request.path_url.endswith("/images/load"):
                options["timeout"] = max(LONGEST_SILENCE, self.timeout)
            return super().send(request, **options)

        def get_adapter(self, url: t.Any) -> t.Any:
            return adapter or super().get_adapter(url)

    return Client(
        # The SDK takes ssh:// for paramiko; the socket that it is told of instead is never opened.
        base_url=CLIENT_ARGS["docker_host"]["default"] if adapter else host,
        version=params["api_version"],
        timeout=params["timeout"],
        tls=_tls_config(params) or False,
    )


def _shells_out(params: t.Mapping[str, t.Any], host: str) -> bool:
    return bool(params["use_ssh_client"]) and host.startswith("ssh://")


def _check(params: t.Mapping[str, t.Any], host: str) -> None:
    """Refuse what the SDK would refuse in words of its own, or not at all.

    :raises EventoError: the text names the option.
    """
    from docker.errors import DockerException
    from docker.utils import parse_host

    if host.startswith("ssh://"):
        _check_ssh(params, host)
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


def _check_ssh(params: t.Mapping[str, t.Any], host: str) -> None:
    if not is_address(host):
        # Not the address itself: there may be a password in it.
        raise EventoError("docker_host: expected an address such as ssh://user@engine:22.", INVALID_INPUT)
    if params["use_ssh_client"]:
        return
    try:
        importlib.import_module("paramiko")
    except ImportError as exc:
        raise EventoError(
            f"paramiko, which ssh:// in docker_host needs, cannot be imported ({exc}): install paramiko 2.9.3 or later "
            f"for {sys.executable}, or set use_ssh_client.",
            INVALID_INPUT,
        ) from exc
    # It would print what it has raised, traceback and all.
    logging.getLogger("paramiko").addHandler(logging.NullHandler())


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
    from docker.errors import DockerException, StreamParseError
    from requests.exceptions import HTTPError as StatusError
    from requests.exceptions import RequestException
    from urllib3.exceptions import HTTPError

    # The SDK lets through what paramiko raises; imported it only where it is used.
    paramiko = sys.modules.get("paramiko")
    ssh_errors = (paramiko.SSHException,) if paramiko else ()
    try:
        yield
    except StatusError as exc:
        words = clean(_engines_words(exc)).strip().rstrip(".")
        step = next((step for sign, step in _NEXT_STEPS if re.search(sign, words, re.I)), None)
        sentence = f"Could not {doing}: {words}" + (f": {step}." if step else ".")
        raise EngineError(sentence, status=None if exc.response is None else exc.response.status_code) from exc
    except (DockerException, StreamParseError, RequestException, HTTPError, OSError, *_BROKEN, *ssh_errors) as exc:
        words, failure = _diagnosed(exc)
        raise EngineError(f"Could not {doing}: {clean(words)}.", failure) from exc


def _diagnosed(exc: Exception) -> tuple[str, str]:
    """What went wrong with a connection, and the class of the failure."""
    from docker.errors import StreamParseError
    from requests.exceptions import Timeout
    from urllib3.exceptions import TimeoutError

    links = _links(exc)
    # What SSH says goes before what others make of it.
    of_ssh = [words for words in map(explain, links) if words]
    if of_ssh:
        return of_ssh[0], ENGINE_UNREACHABLE
    telling = [link for link in links if isinstance(link, (*_BROKEN, StreamParseError)) or _has_own_words(link)]
    # Only then: a refused connection is a timeout, too, in urllib3's classes.
    if not telling and any(isinstance(link, (Timeout, TimeoutError)) for link in links):
        return "the Docker engine did not answer in time; look at the engine, or raise timeout", ENGINE_UNREACHABLE
    failure = ENGINE_UNREACHABLE if telling or isinstance(exc, OSError) else OTHER
    return _explain(telling[-1] if telling else exc), failure


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


def _has_own_words(link: BaseException) -> bool:
    """Whether it is an error of the system or one about a certificate, and no wrapping of another."""
    # urllib3 has moved its CertificateError about, or takes that of the ssl module.
    about_certificate = isinstance(link, ssl.CertificateError) or type(link).__name__ == "CertificateError"
    return about_certificate or _is_system_error(link)


def _is_system_error(link: BaseException) -> bool:
    return isinstance(link, OSError) and link.errno is not None


def _explain(cause: BaseException) -> str:
    from docker.errors import StreamParseError

    if isinstance(cause, PermissionError):
        return "permission denied: run as root or as a member of the group that owns the socket (docker)"
    if isinstance(cause, FileNotFoundError):
        return "there is no such socket: start the Docker engine, or set docker_host"
    if isinstance(cause, ConnectionRefusedError):
        return "nothing listens there: start the Docker engine, or set docker_host"
    if isinstance(cause, (*_BROKEN, StreamParseError)):
        return "the connection was broken off, perhaps because the engine ended: check docker_host and the TLS options"
    # As text, some errors of the ssl module look like a tuple.
    words = str(getattr(cause, "strerror", None) or (cause.args[0] if len(cause.args) == 1 else cause))
    # OpenSSL's own names stand before and behind its words.
    words = re.sub(r"^\[[A-Z0-9_: ]+\] | \(_ssl\.c:\d+\)$", "", words.strip()).rstrip(".")
    if _is_system_error(cause) or "certificate" in words or "hostname" in words:
        return f"{words}: check docker_host and the TLS options"
    return words or type(cause).__name__
