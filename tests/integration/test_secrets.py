# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planted secrets turn up nowhere but in the container."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import threading
import typing as t
from pathlib import Path
from urllib.parse import quote

import docker
import pytest

from lab.server import Fault
from tests.integration.deployment import WRAPPER, Deployment
from tests.integration.registry import Registry
from tests.integration.system_log import SystemLog
from tests.until import until

# Recognisable, and other when percent-encoded; of this run alone, because the processes of other runs are seen, too.
_RUN = secrets.token_hex(4)
ENVIRONMENT, ENV, OPTION = f"bundle/secret one {_RUN}", f"env/secret two {_RUN}", f"option/secret three {_RUN}"
PASSWORD = f"registry/secret four {_RUN}"


def forms(secret: str) -> t.Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    yield quote(quote(secret, safe=""), safe="")
    yield json.dumps(secret)[1:-1]
    # What comes before it shifts the letters of Base64, so there are three ways to write it.
    for before in range(3):
        code = base64.b64encode(b"." * before + secret.encode()).decode().rstrip("=")
        yield code[4 if before else 0 : -1]


class ProcessWatcher(threading.Thread):
    """Reads the command lines and environments of all processes of this machine, again and again.

    A context manager; seen is complete at its end. A container's own environment is where the values belong, so its
    processes are known by their command lines only.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[str] = set()
        self._end = threading.Event()

    def __enter__(self) -> ProcessWatcher:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._end.set()
        self.join()

    def run(self) -> None:
        here = os.readlink("/proc/self/ns/pid")
        while not self._end.wait(0.01):
            for entry in Path("/proc").glob("[0-9]*"):
                self.seen.add(_read(entry / "cmdline"))
                if _namespace(entry) == here:
                    self.seen.add(_read(entry / "environ"))


def _namespace(process: Path) -> str:
    try:
        return os.readlink(process / "ns" / "pid")
    except OSError:
        return ""


def _hides(pid: int, token: str) -> bool:
    """Whether a process shows a command line without the token; for a moment it shows none at all."""
    shown = _read(Path(f"/proc/{pid}/cmdline"))
    return shown != "" and token not in shown


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""


@pytest.fixture
def planted(deployment: Deployment) -> Deployment:
    deployment.publish(
        environment={"SECRET": ENVIRONMENT, "DEMO_DUMP": "1", "MODE": "true"}, vmOptions={"-Dsecret": OPTION}
    )
    return deployment


@pytest.fixture(scope="module")
def registry(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Registry]:
    with Registry(engine, tmp_path_factory.mktemp("registry"), ("pusher", PASSWORD)) as registry:
        yield registry


@pytest.mark.parametrize("delivery", ["url", "copy", "image"])
@pytest.mark.parametrize("case", ["success", "check mode", "failure", "crash", "refused"])
def test_secrets_stay_inside(planted: Deployment, registry: Registry, tmp_path: Path, case: str, delivery: str) -> None:
    server = planted.server.container_url if delivery == "url" else planted.server.url
    settings = {"docker_host": planted.lab.docker_host, "server_url": server, "env": {"E": ENV}, "artifact": delivery}
    settings |= {"repository": f"{registry.host}/bundles", "username": "pusher", "password": PASSWORD}
    if case == "failure":
        planted.server.fault = Fault(status=500)
    if case == "crash":
        planted.bundle["environment"]["DEMO_BEHAVIOUR"] = "crash"
    if case == "refused":
        settings["memory"] = "lots"
    (tmp_path / "deploy.yml").write_text(json.dumps(settings))
    home = tmp_path / "home"
    home.mkdir()
    token = planted.server.token()
    options = ["-vvvv", "--diff", *(["--check"] if case == "check mode" else [])]
    call = [os.fspath(WRAPPER), *options, json.dumps(planted.bundle), token]
    environment = {"EVENTO_DEPLOY_CONFIG": str(tmp_path / "deploy.yml"), "HOME": str(home), "TMPDIR": str(tmp_path)}
    with SystemLog(tmp_path) as system_log:
        process = subprocess.Popen(
            [*system_log.prefix, *call],
            env={**environment, "PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        until(lambda: _hides(process.pid, token), "the end of the first instant, when the arguments are to be seen")
        with ProcessWatcher() as watcher:
            stdout, stderr = process.communicate(timeout=120)
        logged = system_log.text
    refused_jar = {"url": 4, "copy": 5, "image": 5}[delivery]
    assert process.returncode == {"failure": refused_jar, "crash": 4, "refused": 2}.get(case, 0), stderr

    left = {path for path in tmp_path.rglob("*") if path.is_file() and path.name != "deploy.yml"}
    containers = planted.containers()
    images = {str(container.attrs["Image"]) for container in containers}
    places = {
        "output": stdout + stderr,
        "processes": "\n".join(watcher.seen),
        "files": "\n".join(_read(path) for path in left),
        "labels": json.dumps([container.labels for container in containers]),
        "images": json.dumps(
            [[planted.engine.api.inspect_image(one), planted.engine.api.history(one)] for one in images]
        ),
        "system log": logged,
    }
    planted_secrets = (token, token.rpartition(".")[2], ENVIRONMENT, ENV, OPTION, PASSWORD)
    for secret in planted_secrets:
        found = {place for place, text in places.items() for form in forms(secret) if form in text}
        assert not found, secret
    configurations = json.dumps([container.attrs for container in containers])
    hidden = [PASSWORD] if delivery == "url" else [PASSWORD, token]
    assert not [form for secret in hidden for form in forms(secret) if form in configurations]
    if delivery == "image":
        assert bool(registry.tags("bundles", planted.id)) == (case in ("success", "crash"))
        assert not registry.holds(*(form for secret in planted_secrets for form in forms(secret)))
    assert "********" in stdout or case == "refused"
    # The trace of a run that is killed; nothing is done in check mode.
    start = {"url": "docker run --detach", "copy": "curl --fail", "image": "docker push"}[delivery]
    assert (start in logged) == (case in ("success", "failure", "crash"))


@pytest.mark.engines
def test_short_values_do_not_blank_out_the_rest(planted: Deployment) -> None:
    planted.bundle["environment"].update(A="true", B="1", C="running", D=planted.id)
    result = planted.run(bundle=planted.bundle)
    assert result["instances"][0]["state"] == "running"
    assert result["msg"] == f"{planted.id} v1: 0 -> 1 running, started {planted.id}-1"


def test_log_shows_what_is_no_secret(planted: Deployment) -> None:
    planted.bundle["environment"].update(
        DEMO_BEHAVIOUR="crash",
        EVENTO_SERVER="host.docker.internal",
        PROFILE="production",
        DB_PASSWORD="tiger",
        DB_URL="postgresql://orders:lion@db/orders",
        OTHER="hunter22",
    )
    (failed,) = planted.run(bundle=planted.bundle)["failures"]
    log = "\n".join(failed["logs"])
    assert '"EVENTO_SERVER":"host.docker.internal"' in log
    assert '"PROFILE":"production"' in log
    assert not [secret for secret in ("tiger", "lion", "hunter22", ENVIRONMENT, OPTION) if secret in log]
