# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: token
short_description: Make a token that Evento Server accepts
version_added: 1.0.0
author:
  - The evento.docker maintainers (@EventoFramework)
description:
  - Makes a token from the key that Evento Server signs its own with, on the control node.
  - Each call makes a new one. So where it is written into a variable it is made each time that the variable is used,
    and lives from then on.
requirements:
  - PyJWT 2.10 or later
options:
  signing_key:
    description:
      - What Evento Server has as C(evento.security.signing.key). Keep it with Ansible Vault.
    type: str
    required: true
  role:
    description:
      - What the token is good for. V(ROLE_DEPLOY) downloads artifacts, starts and stops instances; V(ROLE_WEB) reads
        and changes bundles.
    type: list
    elements: str
    default: [ROLE_DEPLOY]
  lifetime:
    description:
      - How long it is good for, in seconds. The default is what Evento Server gives a deploy script.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: Run the order handling, with a token of its own
  evento.docker.evento_bundle:
    bundle: "{{ lookup('ansible.builtin.file', 'orders.json') | string }}"
    token: "{{ lookup('evento.docker.token', signing_key=evento_signing_key) }}"

- name: Ask Evento Server for its bundles
  ansible.builtin.uri:
    url: http://evento.example.com:3000/api/bundle/
    headers:
      Authorization: "Bearer {{ lookup('evento.docker.token', signing_key=evento_signing_key, role='ROLE_WEB') }}"
"""

RETURN = r"""
_raw:
  description: The token.
  type: list
  elements: str
"""

import time
import typing as t
import uuid
import warnings

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

try:
    import jwt
except ImportError:
    HAS_JWT = False
else:
    HAS_JWT = True


class LookupModule(LookupBase):
    """A token as com.evento.server.web.config.AuthService of Evento Server v1.15 makes it."""

    def run(self, terms: t.Any, variables: t.Any = None, **kwargs: t.Any) -> list[str]:
        """One token.

        :raises AnsibleLookupError: an option is not usable, or PyJWT is missing.
        """
        self.set_options(var_options=variables, direct=kwargs)
        if terms:
            raise AnsibleLookupError("evento.docker.token takes options only: name the role as role='ROLE_WEB'.")
        if not HAS_JWT:
            raise AnsibleLookupError(
                "evento.docker.token needs the Python package PyJWT on the control node: install it there with pip."
            )
        signing_key, roles, lifetime = (self.get_option(name) for name in ("signing_key", "role", "lifetime"))
        if not signing_key:
            raise AnsibleLookupError("signing_key: expected Evento Server's evento.security.signing.key, got nothing.")
        if not all(roles) or not roles:
            raise AnsibleLookupError("role: expected names of roles, such as ROLE_DEPLOY.")
        if lifetime <= 0:
            raise AnsibleLookupError(f"lifetime: expected a number of seconds above 0, got {lifetime}.")
        return [make_token(signing_key, roles, lifetime)]


def make_token(signing_key: str, roles: t.Sequence[str], lifetime: int) -> str:
    """A new token for a deploy script.

    :param roles: what it is good for.
    :param lifetime: in seconds.
    """
    now = int(time.time())
    claims = {
        "iss": "evento-server",
        "clientId": "evento-server-deploy",
        "role": list(roles),
        "iat": now,
        "nbf": now - 1,
        "exp": now + lifetime,
        "jti": str(uuid.uuid4()),
    }
    with warnings.catch_warnings():
        # Evento Server takes shorter keys than PyJWT recommends, and has such a one by default.
        warnings.simplefilter("ignore")
        return jwt.encode(claims, signing_key, algorithm="HS256", headers={"kid": "evento-server-auth-key"})
