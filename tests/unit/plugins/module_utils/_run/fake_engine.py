# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker engine in memory, behind those methods of docker.APIClient that the collection calls.

What it answers is what Docker Engine 20.10 answers; tests/integration/test_fake_engine.py compares the two.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
import typing as t
from contextlib import contextmanager
from email.utils import formatdate

from docker.errors import NotFound

from ansible_collections.evento.docker.plugins.module_utils._bundle.instant import format_instant
from tests.unit.plugins.module_utils._run.fake_containers import (
    READY,
    Answer,
    FakeContainer,
    FakeImage,
    Output,
    Script,
    error,
)

_RUNNING = ("running", "restarting")


class FakeEngine:
    """The engine. What is public and no method of docker.APIClient is for tests to look at and to set.

    :ivar scripts: what an instance does, by the value of SCRIPT in its environment; READY for any other.
    :ivar clock_off_by: how far its clock is from the real one, in seconds; `tells_time` whether its answers carry it.
    :ivar calls: method and subject (a container's name, an image, ...) of each call.
    """

    base_url, api_version, timeout = "http+docker://localhost", "1.41", 60

    def __init__(self, *images: FakeImage) -> None:
        self.images = {one.name: one for one in images or (FakeImage(),)}
        self.scripts: dict[str, Script] = {}
        self.clock_off_by = 0.0
        self.tells_time = True
        self.calls: list[tuple[str, str]] = []
        self.hooks: dict[str, list[t.Any]] = {"response": []}
        self._containers: dict[str, FakeContainer] = {}
        self._plays: dict[tuple[str, str, int], t.Callable[[], t.Any]] = {}
        self._stops: dict[str, float] = {}
        self._serial = 0
        self._news = threading.Condition(threading.RLock())

    # For tests.

    def before(self, method: str, number: int, do: t.Callable[[], t.Any]) -> None:
        """Do something, as raise an error or let another run act, before the n-th call from now on takes effect."""
        self._plays[("before", method, self._count(method) + number)] = do

    def after(self, method: str, number: int, do: t.Callable[[], t.Any]) -> None:
        """The same once it has taken effect, and before it is answered."""
        self._plays[("after", method, self._count(method) + number)] = do

    @property
    def there(self) -> list[FakeContainer]:
        """All containers, by name."""
        with self._news:
            return sorted(self._containers.values(), key=lambda one: one.name)

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.there]

    def __getitem__(self, name: str) -> FakeContainer:
        """The container of that name or id; an APIError where there is none, as for any call about it."""
        with self._news:
            for one in self._containers.values():
                if name in (one.id, one.name):
                    return one
        raise error(404, f"No such container: {name}")

    def writes(self) -> list[tuple[str, str]]:
        """The calls that change something."""
        reads = ("containers", "inspect_container", "inspect_image", "info", "ping", "logs", "events", "attach", "wait")
        return [call for call in self.calls if call[0] not in reads]

    def end(self, one: FakeContainer, code: int) -> None:
        """A container exits, whatever its script says."""
        with self._news:
            policy = one.host_config.get("RestartPolicy", {}).get("Name")
            one.exit_code, one.health = code, None
            again = policy == "on-failure" and code and one.id not in self._stops
            one.state = "restarting" if again else "exited"
            one.ended.set()
            if one.host_config["AutoRemove"]:
                self._containers.pop(one.id, None)
            self._news.notify_all()

    # The methods of docker.APIClient.

    def info(self) -> dict[str, t.Any]:
        with self._called("info"):
            return {"NCPU": 2, "SystemTime": format_instant(int(self._now() * 10**9))}

    def ping(self) -> bool:
        with self._called("ping"):
            return True

    def inspect_image(self, name: str) -> dict[str, t.Any]:
        with self._called("inspect_image", name):
            image = self._image(name, f"no such image: {name}: ")
            return {"Id": image.id, "Config": image.config}

    def containers(self, all: bool, filters: dict[str, t.Any]) -> list[dict[str, t.Any]]:
        with self._called("containers"):
            wanted = {tuple(pair.split("=", 1)) for pair in filters.get("label", [])}
            name = re.compile(filters.get("name", ""))
            found = [one for one in self._containers.values() if wanted <= set(one.config["Labels"].items())]
            return [
                {
                    "Id": one.id,
                    "Names": [f"/{one.name}"],
                    "Labels": one.config["Labels"],
                    "State": one.state,
                    "Status": one.status,
                    "Created": int(one.created),
                }
                for one in found
                if name.search(f"/{one.name}") and (all or one.state in _RUNNING)
            ]

    def inspect_container(self, container: str) -> dict[str, t.Any]:
        with self._called("inspect_container", container):
            one = self[container]
            return {
                "Id": one.id,
                "Name": f"/{one.name}",
                "Image": one.image.id,
                "Config": one.config,
                "HostConfig": one.host_config,
                "NetworkSettings": {"Networks": {"bridge": {"Aliases": None}}},
                "State": {"Status": one.state, **({"Health": {"Status": one.health}} if one.health else {})},
            }

    def create_container_from_config(self, config: dict[str, t.Any], name: str) -> dict[str, t.Any]:
        with self._called("create", name):
            image = self._image(config["Image"])
            for other in config["HostConfig"].get("VolumesFrom", []):
                if other not in self._containers:
                    raise error(400, f"No such container: {other}")
            for one in self._containers.values():
                if one.name == name:
                    raise error(
                        409,
                        f'Conflict. The container name "/{name}" is already in use by container "{one.id}". You have'
                        " to remove (or rename) that container to be able to reuse that name.",
                    )
            self._serial += 1
            own = {key: value for key, value in config.items() if key not in ("HostConfig", "NetworkingConfig")}
            own["Labels"] = {**image.labels, **config.get("Labels", {})}
            host_config = {"NetworkMode": "default", "AutoRemove": False, **config["HostConfig"]}
            new = hashlib.sha256(str(self._serial).encode()).hexdigest()
            self._containers[new] = FakeContainer(
                new, name, image, {**image.config, **own}, host_config, created=self._now()
            )
            return {"Id": new}

    def connect_container_to_network(self, container: str, net_id: str, aliases: list[str] | None) -> None:
        with self._called("connect", container):
            raise error(404, f"network {net_id} not found")

    def put_archive(self, container: str, path: str, data: t.Iterable[bytes]) -> bool:
        with self._called("put_archive", container):
            one = self[container]
            for _piece in data:
                pass
            if path not in one.image.directories:
                raise error(404, f"Could not find the file {path} in container {container}")
            return True

    def start(self, container: str) -> None:
        with self._called("start", container):
            one = self[container]
            if one.state in _RUNNING:
                return
            others = [other for other in self._containers.values() if other.state in _RUNNING]
            for port in sorted(one.ports & {port for other in others for port in other.ports}):
                if one.host_config["AutoRemove"]:
                    self._containers.pop(one.id)
                raise error(
                    500,
                    f"driver failed programming external connectivity on endpoint {one.name} ({one.id}):"
                    f" Bind for 0.0.0.0:{port} failed: port is already allocated",
                )
            check = one.config.get("Healthcheck", {}).get("Test", ["NONE"])
            one.state, one.health = "running", None if check == ["NONE"] else "starting"
            environment = dict(pair.split("=", 1) for pair in one.config.get("Env", []))
            script = self.scripts.get(environment.get("SCRIPT", ""), READY)
            threading.Thread(target=self._perform, args=(one, script), daemon=True).start()

    def stop(self, container: str, timeout: int) -> None:
        with self._called("stop", container):
            one = self[container]
            if one.state in _RUNNING:
                self._stops[one.id] = self._now()
                self.end(one, 137)

    def remove_container(self, container: str, v: bool = False, force: bool = False) -> None:
        with self._called("remove", container):
            one = self[container]
            if one.state in _RUNNING:
                if not force:
                    raise error(
                        409,
                        f"You cannot remove a {one.state} container {one.id}. Stop the container before attempting"
                        " removal or force remove",
                    )
                self._stops[one.id] = self._now()
                self.end(one, 137)
            self._containers.pop(one.id, None)
            one.ended.set()
            self._news.notify_all()

    def logs(self, container: str, **_which: bool) -> bytes:
        with self._called("logs", container):
            return b"".join(self[container].lines)

    def request(self, method: str, url: str, params: dict[str, str], **_options: t.Any) -> Answer:
        if url.endswith("/events"):
            return self._events(params)
        container, what = url.split("/")[-2:]
        with self._called(what, container):
            try:
                one = self[container]
            except NotFound as exc:
                words = str(exc.explanation)
                # In answer to attach the engine speaks no JSON.
                body = words if what == "attach" else json.dumps({"message": words})
                return Answer(404, body.encode)

        def code() -> bytes:
            one.ended.wait()
            return json.dumps({"Error": None, "StatusCode": one.exit_code}).encode()

        return Answer(200, code, Output(one, self._news))

    def _get_raw_response_socket(self, answer: Answer) -> None:
        """There is none."""

    def _disable_socket_timeout(self, socket: None) -> None:
        """Nothing here has a time-out."""

    # What they have in common.

    def _events(self, params: dict[str, str]) -> Answer:
        with self._called("events"):
            [container] = json.loads(params["filters"])["container"]
            asked = float(params["since"]) <= self._stops.get(container, float("-inf")) <= float(params["until"])
            return Answer(200, lambda: b'{"Action": "kill"}\n' if asked else b"")

    @contextmanager
    def _called(self, method: str, subject: str = "") -> t.Iterator[None]:
        """One call: what a test has planned for it, and the engine's time with the answer."""
        with self._news:
            known = self._containers.get(subject)
            self.calls.append((method, known.name if known else subject))
            number = self._count(method)
        self._play("before", method, number)
        with self._news:
            yield
        self._play("after", method, number)
        answer = Answer(200)
        if self.tells_time:
            answer.headers["Date"] = formatdate(self._now(), usegmt=True)
        for hook in self.hooks["response"]:
            hook(answer)

    def _play(self, when: str, method: str, number: int) -> None:
        do = self._plays.pop((when, method, number), None)
        if do:
            do()

    def _count(self, method: str) -> int:
        return sum(called == method for called, _subject in self.calls)

    def _now(self) -> float:
        return time.time() + self.clock_off_by

    def _image(self, name: str, prefix: str = "") -> FakeImage:
        for image in self.images.values():
            if name in (image.name, image.id):
                return image
        raise error(404, f"{prefix}No such image: {name}:latest")

    def _perform(self, one: FakeContainer, script: Script) -> None:
        """Do what a script says, until the container ends."""
        for moment in script:
            if one.ended.wait(moment.after):
                return
            with self._news:
                if moment.says:
                    one.lines.append(f"{moment.says}\n".encode())
                if moment.health and one.health:
                    one.health = moment.health
                self._news.notify_all()
            if moment.exits is not None:
                self.end(one, moment.exits)


def fault(status: int, words: str) -> t.Callable[[], None]:
    """For before() and after(): the engine answers with an error."""

    def answer() -> None:
        raise error(status, words)

    return answer
