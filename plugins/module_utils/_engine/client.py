# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection to the Docker engine. The SDK is imported when it is needed: not every run gets as far as that."""

from __future__ import annotations

import importlib
import logging
import os
import re
import sys
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._engine.client_args import CLIENT_ARGS
from ansible_collections.evento.docker.plugins.module_utils._engine.faults import translated
from ansible_collections.evento.docker.plugins.module_utils._engine.ssh import (
    is_address,
    outlive_connections,
    ssh_adapter,
)

if t.TYPE_CHECKING:
    from docker import APIClient
    from docker.tls import TLSConfig


# How long the engine may be silent in the middle of a pull, a build or a load, in seconds: a step of a build can be.
LONGEST_SILENCE = 600
_OF_ANOTHER_HOST = ("tcp://", "http://", "https://", "ssh://")


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
            f"The Docker SDK for Python cannot be imported on {_this_host()} ({exc}): install docker 7.1 or later for"
            f" {sys.executable} there, or let the role evento.docker.evento_bundle do it, with evento_bundle_sdk."
        ) from exc
    _check(params, host)
    # Each host has a socket of that name.
    place = host if host.startswith(_OF_ANOTHER_HOST) else f"{host} on {_this_host()}"
    with translated(f"connect to the Docker engine at {place}"):
        try:
            return _client(params, host)
        except InvalidVersion as exc:
            raise EventoError(f"api_version {params['api_version']} is not usable: {exc}", INVALID_INPUT) from exc


def _this_host() -> str:
    return os.uname().nodename


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

    client = Client(
        # The SDK takes ssh:// for paramiko; the socket that it is told of instead is never opened.
        base_url=CLIENT_ARGS["docker_host"]["default"] if adapter else host,
        version=params["api_version"],
        timeout=params["timeout"],
        tls=_tls_config(params) or False,
    )
    if host.startswith("ssh://") and not adapter:
        outlive_connections(client.get_adapter(client.base_url))
    return client


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
            f"paramiko, which ssh:// in docker_host needs, cannot be imported on {_this_host()} ({exc}): install"
            f" paramiko 2.9.3 or later for {sys.executable} there, or set use_ssh_client.",
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
