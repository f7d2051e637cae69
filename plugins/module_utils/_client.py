# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""The connection to the Docker engine: the only file that imports the Docker SDK."""

from __future__ import annotations

import os
import typing as t
from contextlib import contextmanager

from ansible.module_utils.basic import env_fallback
from ansible.module_utils.common.parameters import AnsibleFallbackNotFound

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


def _cert_path_fallback(name: str) -> str:
    """The file of that name in DOCKER_CERT_PATH, as the docker command looks for it."""
    path = os.path.join(os.environ.get("DOCKER_CERT_PATH", ""), name)
    if not os.environ.get("DOCKER_CERT_PATH") or not os.path.isfile(path):
        raise AnsibleFallbackNotFound
    return path


# Pair of plugins/doc_fragments/_client.py.
CLIENT_ARGS: dict[str, dict[str, t.Any]] = {
    "docker_host": {
        "type": "str",
        "default": "unix:///var/run/docker.sock",
        "fallback": (env_fallback, ["DOCKER_HOST"]),
    },
    "tls": {"type": "bool", "default": False, "fallback": (env_fallback, ["DOCKER_TLS"])},
    "validate_certs": {
        "type": "bool",
        "default": False,
        "fallback": (env_fallback, ["DOCKER_TLS_VERIFY"]),
        "aliases": ["tls_verify"],
    },
    "tls_hostname": {"type": "str", "fallback": (env_fallback, ["DOCKER_TLS_HOSTNAME"])},
    "ca_path": {"type": "path", "fallback": (_cert_path_fallback, ["ca.pem"]), "aliases": ["ca_cert", "tls_ca_cert"]},
    "client_cert": {"type": "path", "fallback": (_cert_path_fallback, ["cert.pem"]), "aliases": ["tls_client_cert"]},
    "client_key": {"type": "path", "fallback": (_cert_path_fallback, ["key.pem"]), "aliases": ["tls_client_key"]},
    "timeout": {"type": "int", "default": 60, "fallback": (env_fallback, ["DOCKER_TIMEOUT"])},
    "api_version": {
        "type": "str",
        "default": "auto",
        "fallback": (env_fallback, ["DOCKER_API_VERSION"]),
        "aliases": ["docker_api_version"],
    },
}

# Words of the engine about a fault that its operator can mend, and the next step.
_NEXT_STEPS = (
    ("port is already allocated", "publish another port, or a range of ports, with published_ports"),
    ("address already in use", "publish another port, or a range of ports, with published_ports"),
    ("no space left on device", "free disk space on the Docker host, for example with docker system prune"),
    ("no such image", "build, load or pull the image on the Docker host first"),
    ("pull access denied", "build or load the image on the Docker host, or name one that can be pulled"),
    ("manifest unknown", "check the tag of the image"),
    ("repository does not exist", "build or load the image on the Docker host, or name one that can be pulled"),
)


def connect(params: t.Mapping[str, t.Any]) -> APIClient:
    """Connect to the engine and agree on an API version (one call).

    :param params: the values of CLIENT_ARGS.
    :raises EventoError: the SDK is missing, an option is not usable, or the engine cannot be reached.
    """
    try:
        from docker import APIClient
        from docker.errors import InvalidVersion, TLSParameterError
    except ImportError as exc:
        raise EventoError(
            f"The Docker SDK for Python cannot be imported ({exc}):"
            " install docker 7.1 or later for the Python that runs this module."
        ) from exc
    host = params["docker_host"]
    with translated(f"connect to the Docker engine at {host}"):
        try:
            return APIClient(
                base_url=host,
                version=params["api_version"],
                timeout=params["timeout"],
                tls=_tls_config(params) or False,
            )
        except TLSParameterError as exc:
            raise EventoError(f"The TLS options for {host} are not usable: {exc.args[0]}", INVALID_INPUT) from exc
        except InvalidVersion as exc:
            raise EventoError(f"api_version {params['api_version']} is not usable: {exc}", INVALID_INPUT) from exc


def _tls_config(params: t.Mapping[str, t.Any]) -> TLSConfig | None:
    if not (params["tls"] or params["validate_certs"]):
        return None
    from docker.tls import TLSConfig
    from requests.adapters import HTTPAdapter

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
    from docker.errors import APIError, DockerException
    from requests.exceptions import RequestException, Timeout
    from urllib3.exceptions import HTTPError, TimeoutError

    try:
        yield
    except APIError as exc:
        words = clean(str(exc.explanation or "it did not say why")).strip().rstrip(".")
        step = next((step for sign, step in _NEXT_STEPS if sign in words.lower()), None)
        sentence = f"Could not {doing}: {words}" + (f": {step}." if step else ".")
        raise EngineError(sentence, status=None if exc.response is None else exc.response.status_code) from exc
    except (Timeout, TimeoutError) as exc:
        raise EngineError(
            f"Could not {doing}: the Docker engine did not answer in time; look at the engine, or raise timeout.",
            ENGINE_UNREACHABLE,
        ) from exc
    except (DockerException, RequestException, HTTPError, OSError) as exc:
        cause = _root_cause(exc)
        failure = ENGINE_UNREACHABLE if isinstance(cause, OSError) else OTHER
        raise EngineError(f"Could not {doing}: {clean(_explain(cause))}.", failure) from exc


def _root_cause(exc: BaseException) -> BaseException:
    """The operating system's error behind what requests, urllib3 and the SDK wrapped around it, if there is one."""
    seen: list[BaseException] = []
    link: BaseException | None = exc
    while link is not None and link not in seen:
        seen.append(link)
        link = link.__cause__ or link.__context__
    system = [link for link in seen if isinstance(link, OSError) and link.errno is not None]
    return system[-1] if system else seen[0]


def _explain(cause: BaseException) -> str:
    if isinstance(cause, PermissionError):
        return "permission denied: run as root or as a member of the group that owns the socket (docker)"
    if isinstance(cause, FileNotFoundError):
        return "there is no such socket: start the Docker engine, or set docker_host"
    if isinstance(cause, ConnectionRefusedError):
        return "nothing listens there: start the Docker engine, or set docker_host"
    if isinstance(cause, OSError) and cause.errno is not None:
        return f"{cause.strerror or cause}: check docker_host and the TLS options"
    return f"{cause}".strip().rstrip(".") or type(cause).__name__
