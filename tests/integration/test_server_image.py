# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example evento-server: its compose files, its image, and a call in a container of that."""

from __future__ import annotations

import json
import subprocess
import typing as t
from pathlib import Path

import docker
import pytest

from lab import Lab
from tests.benchmark.tools import get_compose
from tests.form import LONG
from tests.integration import server_image
from tests.integration.deployment import Deployment
from tests.integration.tls_engine import Certificates, TlsEngine

EXAMPLE = server_image.ROOT / "examples" / "evento-server"
GIVEN = {
    "EVENTO_SERVER_IMAGE": "eventoframework/evento-server:ev1.15.0",
    "DATABASE_PASSWORD": "x",
    "SIGNING_KEY": "y",
    "ENGINE": "engine.example",
}


@pytest.fixture(scope="module")
def compose() -> Path:
    found = get_compose()
    if found is None:
        pytest.skip("Docker Compose is not here, and Debian's cannot be had")
    return found


def config(compose: Path, file: str, given: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What Compose understands of the example with one of its engines."""
    files = ["--file", "compose.yml", "--file", file]
    words = [str(compose), *files, "--env-file", "/dev/null", "config", "--format", "json"]
    return subprocess.run(
        words, env={"PATH": "/usr/bin:/bin", **given}, cwd=EXAMPLE, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("file", "docker_host", "mounted"),
    [
        ("compose.tls.yml", "tcp://engine.example", {"/etc/evento/deploy.yml", "/etc/evento/engine-certificates"}),
        ("compose.ssh.yml", "ssh://engine.example", {"/etc/evento/deploy.yml", "/root/.ssh"}),
        ("compose.socket.yml", None, {"/etc/evento/deploy.yml", "/var/run/docker.sock"}),
    ],
)
def test_compose_files_lead_to_the_engine(compose: Path, file: str, docker_host: str | None, mounted: set[str]) -> None:
    done = config(compose, file, GIVEN)

    assert done.returncode == 0, done.stderr
    server = json.loads(done.stdout)["services"]["evento-server"]
    assert server["environment"].get("DOCKER_HOST") == docker_host
    targets = {volume["target"] for volume in server["volumes"]}
    assert targets == mounted | {"/server_upload"}
    assert Path(server["build"]["context"], server["build"]["dockerfile"]).is_file()
    assert all(Path(volume["source"]).exists() for volume in server["volumes"] if volume["target"].endswith(".yml"))


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_what_is_not_set_is_named(compose: Path, name: str) -> None:
    given = {key: value for key, value in GIVEN.items() if key != name}

    done = config(compose, "compose.tls.yml", given)

    assert done.returncode != 0
    assert name in done.stderr
    assert "set it in .env" in done.stderr


@pytest.mark.soak
@pytest.mark.skipif(not LONG, reason="builds an image from packages, which takes minutes")
def test_call_in_the_container(lab: Lab, engine: docker.DockerClient, copied: Deployment, tmp_path: Path) -> None:
    """As Evento Server makes it, to an engine behind TLS, with the settings of the example."""
    server_image.build(lab, engine)
    certificates = Certificates(tmp_path, "engine.example")
    for name, path in (("cert.pem", certificates.certificate("client")), ("key.pem", certificates.key("client"))):
        path.rename(tmp_path / name)
    settings = tmp_path / "deploy.yml"
    settings.write_text((EXAMPLE / "deploy.yml").read_text() + f"server_url: {copied.server.url}\n")
    try:
        with TlsEngine(certificates, lab.docker_host) as tls_engine:
            options: dict[str, t.Any] = {
                # The engine behind TLS, and the server, listen on this machine's own addresses.
                "network_mode": "host",
                "environment": {
                    "DOCKER_HOST": f"tcp://127.0.0.1:{tls_engine.port}",
                    "DOCKER_TLS_VERIFY": "1",
                    "DOCKER_CERT_PATH": "/etc/evento/engine-certificates",
                },
                "volumes": [f"{settings}:/etc/evento/deploy.yml:ro", f"{tmp_path}:/etc/evento/engine-certificates:ro"],
                "remove": True,
                "stderr": True,
            }
            tested = engine.containers.run(server_image.IMAGE, ["evento-deploy", "--self-test"], **options)
            script = 'exec $evento_deploy_spawn_script "$@"'
            call = ["sh", "-c", script, "sh", json.dumps(copied.bundle), copied.server.token()]
            called = engine.containers.run(server_image.IMAGE, call, **options)
    finally:
        for image in (server_image.IMAGE, server_image.BASE_IMAGE):
            engine.images.remove(image, force=True)

    assert tested.decode().endswith("works: Ansible runs, the Docker engine answers, the image is there\n")
    assert f"{copied.id} v1: 0 -> 1 running, started {copied.id}-1" in called.decode()
    assert copied.names() == [f"{copied.id}-1"]
