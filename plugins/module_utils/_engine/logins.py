# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins for registries, as the SDK finds them in the Docker configuration of who runs this, or as the options say."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from docker import APIClient


def resolve(repository: str) -> tuple[str, str]:
    """The registry of a repository, and the repository's name there."""
    from docker.auth import resolve_repository_name

    registry, name = resolve_repository_name(repository)
    return registry, name


def log_in(api: APIClient, repository: str, username: str, password: str) -> None:
    """Let all calls that concern the registry of a repository have this login, whatever the configuration says."""
    from docker.auth import AuthConfig

    own, _name = resolve(repository)

    class Logins(AuthConfig):
        """Those of the configuration, but for one."""

        @property
        def is_empty(self) -> bool:
            # The SDK would look for a configuration again, and forget this one.
            return False

        def resolve_authconfig(self, registry: str | None = None) -> t.Any:
            if registry == own:
                return {"username": username, "password": password, "serveraddress": own}
            return super().resolve_authconfig(registry)

    # The SDK's own login() would keep it for less than all calls, and asks the engine to try it.
    sdk = t.cast(t.Any, api)
    sdk._auth_configs = Logins(sdk._auth_configs, sdk.credstore_env)


def login_for(api: APIClient, registry: str) -> tuple[str | None, str | None]:
    """User and password for a registry; None for those that are not known."""
    from docker.auth import resolve_authconfig

    sdk = t.cast(t.Any, api)
    found = resolve_authconfig(sdk._auth_configs, registry, credstore_env=sdk.credstore_env) or {}
    return found.get("username"), found.get("password")
