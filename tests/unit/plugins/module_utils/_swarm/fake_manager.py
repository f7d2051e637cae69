# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A manager of a swarm in memory: services with versions, and tasks that a test gives them."""

from __future__ import annotations

import copy
import json
import typing as t

import requests

Body = dict[str, t.Any]


class FakeManager:
    """What the collection calls of docker.APIClient for a swarm.

    :ivar tasks: of each service, by its id.
    :ivar before_update: done before an update takes effect, as another run that is faster.
    :ivar after_tasks: done each time that tasks have been listed.
    """

    base_url, api_version, timeout = "http+docker://localhost", "1.41", 60

    def __init__(self) -> None:
        self.hooks: dict[str, list[t.Any]] = {"response": []}
        self.services: dict[str, Body] = {}
        self.tasks: dict[str, list[Body]] = {}
        self.calls: list[str] = []
        self.before_update: t.Callable[[], None] = lambda: None
        self.after_tasks: t.Callable[[], None] = lambda: None
        self._index = 0
        self._auth_configs = None
        self.credstore_env = None

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith("GET")]

    def replicas(self, service_id: str) -> int:
        return int(self.services[service_id]["Spec"]["Mode"]["Replicated"]["Replicas"])

    def change(self, service_id: str, replicas: int) -> None:
        """What an update does."""
        service = self.services[service_id]
        self._index += 1
        spec = copy.deepcopy(service["Spec"])
        spec["Mode"]["Replicated"]["Replicas"] = replicas
        service.update(Version={"Index": self._index}, PreviousSpec=service["Spec"], Spec=spec)

    def request(self, method: str, url: str, params: t.Any = None, json: t.Any = None, **_more: t.Any) -> t.Any:
        path = url.removeprefix(f"{self.base_url}/v{self.api_version}")
        self.calls.append(f"{method} {path}")
        parts = path.strip("/").split("/")
        if (method, path) == ("POST", "/services/create"):
            return self._create(json)
        if parts[0] == "services" and len(parts) > 1:
            return self._service(method, parts, params, json)
        if path == "/services":
            return self._services(params)
        if path == "/tasks":
            return self._tasks(params)
        return _answer(200, [])

    def _create(self, spec: Body) -> requests.Response:
        if any(one["Spec"]["Name"].lower() == spec["Name"].lower() for one in self.services.values()):
            return _answer(409, {"message": "name conflicts with an existing object"})
        self._index += 1
        service_id = f"s{self._index}"
        created = {"ID": service_id, "CreatedAt": "2026-11-23T08:15:30Z", "Version": {"Index": self._index}}
        self.services[service_id] = {**created, "Spec": copy.deepcopy(spec)}
        return _answer(201, {"ID": service_id})

    def _services(self, params: t.Any) -> requests.Response:
        prefix = json.loads(params["filters"]).get("name", [""])[0]
        return _answer(200, [one for one in self.services.values() if one["Spec"]["Name"].startswith(prefix)])

    def _service(self, method: str, parts: list[str], params: t.Any, body: t.Any) -> requests.Response:
        service = self.services.get(parts[1])
        if service is None:
            return _answer(404, {"message": f"service {parts[1]} not found"})
        if method == "DELETE":
            del self.services[parts[1]]
            return _answer(200, {})
        if method == "GET":
            return _answer(200, service)
        self.before_update()
        if parts[1] not in self.services:
            return _answer(404, {"message": f"service {parts[1]} not found"})
        if int(params["version"]) != service["Version"]["Index"]:
            return _answer(500, {"message": "rpc error: code = Unknown desc = update out of sequence"})
        self.change(parts[1], body["Mode"]["Replicated"]["Replicas"])
        return _answer(200, {})

    def _tasks(self, params: t.Any) -> requests.Response:
        asked = json.loads(params["filters"]).get("service", list(self.services))
        answer = _answer(200, [task for service_id in asked for task in self.tasks.get(service_id, [])])
        self.after_tasks()
        return answer


def _answer(status: int, body: t.Any) -> requests.Response:
    answer = requests.Response()
    answer.status_code = status
    answer._content = json.dumps(body).encode()
    return answer
