# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls to a manager of a swarm, in the words of the Engine API.

Not through the SDK's own methods: its update fetches and merges specifications, and its logs have no time-out.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EngineError, OvertakenError
from ansible_collections.evento.docker.plugins.module_utils._swarm.faults import asking, giving, is_out_of_sequence

if t.TYPE_CHECKING:
    from docker import APIClient
    from requests import Response

Filters = t.Mapping[str, t.Sequence[str]]

# How long a stream of a log may be silent, in seconds; one whose node is cut off is silent for ever.
LONGEST_SILENCE = 10.0


class Calls:
    """The calls about services, tasks and nodes. Each raises EngineError where the manager refuses or does not answer.

    :param api: connected to a manager.
    :ivar taken: the names that services were to have, and that were taken.
    """

    def __init__(self, api: APIClient) -> None:
        self.taken: set[str] = set()
        self._api = api

    def fault(self) -> str:
        """Why this is no working manager, at once and without asking the others; empty where it is one."""
        with asking("ask for the state of the swarm"):
            swarm = self._send("GET", "/info").json()["Swarm"]
        if not swarm.get("ControlAvailable"):
            return "it is not a manager of a swarm"
        return "its swarm has no leader" if swarm.get("Error") else ""

    def services(self, filters: Filters) -> list[dict[str, t.Any]]:
        """The services that match."""
        with asking("list the services"):
            return self._send("GET", "/services", {"filters": json.dumps(filters)}).json() or []

    def tasks(self, filters: Filters) -> list[dict[str, t.Any]]:
        """The tasks that match, past ones included."""
        with asking("list the tasks"):
            return self._send("GET", "/tasks", {"filters": json.dumps(filters)}).json() or []

    def tasks_of(self, service_id: str) -> list[dict[str, t.Any]]:
        """The tasks of a service; none where it is gone, which the manager takes for a mistake."""
        try:
            return self.tasks({"service": [service_id]})
        except EngineError as exc:
            if exc.status != 404:
                raise
            return []

    def nodes(self) -> list[dict[str, t.Any]]:
        """All nodes of the swarm."""
        with asking("list the nodes of the swarm"):
            return self._send("GET", "/nodes").json() or []

    def service(self, service_id: str, name: str) -> dict[str, t.Any] | None:
        """A service; None where it is gone."""
        try:
            with asking(f"look at service {name}"):
                return self._send("GET", f"/services/{service_id}").json()
        except EngineError as exc:
            if exc.status != 404:
                raise
            return None

    def create(self, spec: dict[str, t.Any]) -> str:
        """Create a service, with the login for its image's registry; returns its id.

        :raises OvertakenError: its name is taken.
        """
        name = spec["Name"]
        try:
            with giving(f"create service {name}"):
                headers = self._login(spec["TaskTemplate"]["ContainerSpec"]["Image"])
                return self._send("POST", "/services/create", body=spec, headers=headers).json()["ID"]
        except EngineError as exc:
            if exc.status == 409:
                self.taken.add(name)
                raise OvertakenError(f"The name {name} is taken.") from exc
            raise

    def update(self, service: dict[str, t.Any], spec: dict[str, t.Any]) -> bool:
        """Give a service another specification; False where it has changed since it was looked at, or is gone."""
        try:
            with giving(f"change service {spec['Name']}"):
                version = {"version": str(service["Version"]["Index"])}
                self._send("POST", f"/services/{service['ID']}/update", version, body=spec)
        except EngineError as exc:
            if exc.status == 404 or is_out_of_sequence(exc):
                return False
            raise
        return True

    def remove(self, service_id: str, name: str) -> None:
        """Remove a service; it may be gone already."""
        try:
            with asking(f"remove service {name}"):
                self._send("DELETE", f"/services/{service_id}")
        except EngineError as exc:
            if exc.status != 404:
                raise

    def log(self, what: str, name: str, silence: float = LONGEST_SILENCE, **query: str) -> t.Iterator[bytes]:
        """The pieces of the log of a service or a task, as they come.

        :param what: services/ or tasks/ with an id.
        :param silence: seconds without a piece after which it is given up.
        :param query: as in the Engine API: tail, follow.
        """
        with asking(f"read the log of {name}"):
            answer = self._send(
                "GET", f"/{what}/logs", {"stdout": "1", "stderr": "1", **query}, stream=True, timeout=silence
            )
            # Docker Engine API, ContainerAttach, "Stream format".
            while len(header := answer.raw.read(8)) == 8:
                yield answer.raw.read(int.from_bytes(header[4:], "big"))

    def _send(
        self,
        method: str,
        path: str,
        query: t.Mapping[str, str] | None = None,
        *,
        body: t.Any = None,
        headers: t.Mapping[str, str] | None = None,
        stream: bool = False,
        timeout: float | None = None,
    ) -> Response:
        api = self._api
        url = f"{api.base_url}/v{api.api_version}{path}"
        seconds = timeout or api.timeout
        answer = api.request(method, url, params=query, json=body, headers=headers, stream=stream, timeout=seconds)
        answer.raise_for_status()
        return answer

    def _login(self, image: str) -> dict[str, str]:
        """The header with the login for an image's registry, from the Docker configuration; empty without one."""
        from docker import auth

        registry, _name = auth.resolve_repository_name(image)
        header = auth.get_config_header(self._api, registry)
        return {"X-Registry-Auth": header.decode() if isinstance(header, bytes) else header} if header else {}
