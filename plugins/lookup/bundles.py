# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: bundles
short_description: Ask Evento Server for its bundles
version_added: 1.0.0
author:
  - The evento.docker maintainers (@EventoFramework)
description:
  - Asks Evento Server's REST API for the bundles that it knows, from the control node.
  - Each is JSON text as the server sent it, fit for O(evento.docker.evento_bundle#module:bundle). Nothing in it is ever
    evaluated, and it stays text, with every digit of its numbers.
options:
  _terms:
    description:
      - The bundles' C(id), in the order in which they are wanted. Without any, all bundles.
    type: list
    elements: str
  autorun:
    description:
      - Whether to leave out bundles that Evento Server does not start by itself, which are all but those with
        C(autorun) and C(deployable). Bundles that are named are never left out.
    type: bool
    default: false
  server_url:
    description:
      - Address of Evento Server, as the control node sees it, without a user.
    type: str
    default: http://localhost:3000
  token:
    description:
      - A token with the role C(ROLE_WEB), as P(evento.docker.token#lookup) makes it.
    type: str
    required: true
  validate_certs:
    description:
      - Whether to check the certificate of an https address.
    type: bool
    default: true
  ca_path:
    description:
      - File with the certificate of the authority that signed that of the server, where the system does not know it.
    type: path
  use_proxy:
    description:
      - Whether the variables C(http_proxy), C(https_proxy) and C(no_proxy) count.
    type: bool
    default: true
  timeout:
    description:
      - How long the server may take for each answer, in seconds.
    type: int
    default: 30
seealso:
  - plugin: evento.docker.token
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Run all bundles that Evento Server starts by itself
  evento.docker.evento_bundle:
    bundles: "{{ query('evento.docker.bundles', autorun=true, token=web_token, server_url=url) }}"
    token: "{{ lookup('evento.docker.token', signing_key=evento_signing_key) }}"
  vars:
    url: http://evento.example.com:3000
    web_token: "{{ lookup('evento.docker.token', signing_key=evento_signing_key, role='ROLE_WEB') }}"

- name: Run one of them
  evento.docker.evento_bundle:
    bundle: "{{ lookup('evento.docker.bundles', 'orders', token=web_token, server_url=url) }}"
    token: "{{ lookup('evento.docker.token', signing_key=evento_signing_key) }}"
  vars:
    url: http://evento.example.com:3000
    web_token: "{{ lookup('evento.docker.token', signing_key=evento_signing_key, role='ROLE_WEB') }}"
"""

RETURN = r"""
_raw:
  description: The bundles, each as JSON text.
  type: list
  elements: str
"""

import http.client
import json
import re
import time
import typing as t
import urllib.error
from urllib.parse import quote

from ansible.errors import AnsibleLookupError
from ansible.module_utils.urls import ConnectionError as UrlsConnectionError
from ansible.module_utils.urls import open_url
from ansible.plugins.lookup import LookupBase

# Up to ansible-core 2.18 only a text of this class is neither evaluated nor made an object of; later, any text is.
from ansible.utils.unsafe_proxy import NativeJinjaUnsafeText

from ansible_collections.evento.docker.plugins.module_utils._bundle.json import shortened

_CHUNK = 1 << 16
_LONGEST_SHOWN = 80
_TOKEN = re.compile(r"[!-~]+")
# Without a user, whose place the token takes, and without a query.
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#@]*)?")
_REFUSALS = {
    401: "refused the token: it has expired, or was not made with this server's evento.security.signing.key",
    403: "refused the token: it lacks the role ROLE_WEB",
}


class LookupModule(LookupBase):
    """Bundles as com.evento.server.web.BundleController of Evento Server v1.15 tells of them."""

    def run(self, terms: t.Any, variables: t.Any = None, **kwargs: t.Any) -> list[str]:
        """The bundles, each as JSON text.

        :raises AnsibleLookupError: an option is not usable, or the server does not tell.
        """
        self.set_options(var_options=variables, direct=kwargs)
        for term in terms:
            if not isinstance(term, str) or not term:
                raise AnsibleLookupError("evento.docker.bundles: expected the ids of bundles, got something else.")
        server = _Server(self.get_options())
        return [
            t.cast(str, NativeJinjaUnsafeText(server.bundle(name)))
            for name in terms or server.ids(self.get_option("autorun"))
        ]


class _Server:
    """Evento Server's REST API.

    :param options: those of the plugin.
    """

    def __init__(self, options: t.Mapping[str, t.Any]) -> None:
        self._options = options
        self._url = options["server_url"].rstrip("/")
        self._shown = f"Evento Server at {self._url}"
        if not _ADDRESS.fullmatch(self._url):
            raise AnsibleLookupError("server_url: expected an address such as http://evento.example.com:3000.")
        if not _TOKEN.fullmatch(options["token"]):
            raise AnsibleLookupError("token: expected a token with the role ROLE_WEB, got something else.")
        if options["timeout"] <= 0:
            raise AnsibleLookupError(f"timeout: expected a number of seconds above 0, got {options['timeout']}.")

    def ids(self, autorun: bool) -> list[str]:
        """The ids of its bundles.

        :param autorun: only of those that it starts by itself.
        """
        listed = _read(self._get("", "its list of bundles"))
        if not isinstance(listed, list) or not all(isinstance(one, dict) and _is_id(one.get("id")) for one in listed):
            raise self._fault("answered with something else than a list of bundles: see that server_url is right")
        return [one["id"] for one in listed if not autorun or (one.get("autorun") and one.get("deployable"))]

    def bundle(self, name: str) -> str:
        """A bundle as JSON text, as it was sent."""
        shown = shortened(json.dumps(name), _LONGEST_SHOWN)
        text = self._get(quote(name, safe="", errors="replace"), f"bundle {shown}")
        told = _read(text)
        if not isinstance(told, dict) or told.get("id") != name:
            raise self._fault(f"answered with something else than bundle {shown}: see that server_url is right")
        return text

    def _get(self, path: str, what: str) -> str:
        """The answer to one request.

        :param what: what is asked for, in words.
        """
        try:
            return self._ask(f"{self._url}/api/bundle/{path}").decode()
        except urllib.error.HTTPError as exc:
            exc.close()
            raise self._refusal(exc.code, what) from None
        except UnicodeDecodeError:
            raise self._fault(f"sent {what} in something else than UTF-8: see that server_url is right") from None
        except (urllib.error.URLError, UrlsConnectionError, OSError, http.client.HTTPException) as exc:
            reason = getattr(exc, "reason", None) or exc
            words = shortened(str(reason) or type(reason).__name__, 2 * _LONGEST_SHOWN)
            raise self._fault(
                f"could not be asked for {what}: {words}. See that it runs, and that server_url is its address as this"
                " host sees it"
            ) from None

    def _ask(self, url: str) -> bytes:
        timeout = self._options["timeout"]
        end = time.monotonic() + timeout
        answer = open_url(
            url,
            headers={"Authorization": f"Bearer {self._options['token']}", "Accept": "application/json"},
            timeout=timeout,
            validate_certs=self._options["validate_certs"],
            ca_path=self._options["ca_path"],
            use_proxy=self._options["use_proxy"],
            # Neither another host nor another user may take the token's place.
            follow_redirects="none",
            use_netrc=False,
        )
        with answer:
            content = b""
            while chunk := answer.read1(_CHUNK):
                content += chunk
                if time.monotonic() > end:
                    raise TimeoutError(f"the answer was not complete after {timeout} s")
        if answer.length:
            raise http.client.IncompleteRead(content, answer.length)
        return content

    def _refusal(self, status: int, what: str) -> AnsibleLookupError:
        if status in _REFUSALS:
            return self._fault(_REFUSALS[status])
        if status in (404, 500):
            return self._fault(f"answered {status} when it was asked for {what}: see that it is there")
        return self._fault(f"answered {status} when it was asked for {what}: see that server_url is right")

    def _fault(self, what: str) -> AnsibleLookupError:
        return AnsibleLookupError(f"{self._shown} {what}.")


def _is_id(value: t.Any) -> bool:
    return isinstance(value, str) and value != ""


def _read(text: str) -> t.Any:
    """What a JSON text says, its numbers aside; None where it is none."""
    try:
        return json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
