# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image of the example evento-server, built on what stands for Evento Server's own: a Debian without a Python."""

from __future__ import annotations

import os
import subprocess
import typing as t
from pathlib import Path

import docker

from lab import Lab, _packages
from tests.integration.web_proxy import WebProxy

ROOT = Path(__file__).resolve().parents[2]
BASE_IMAGE = "evento-test-server-base"
IMAGE = "evento-test-server"
_DOCKERFILE = ROOT / "examples" / "evento-server" / "Dockerfile"
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_CLIENTS = ("docker", "/usr/bin/docker")


def build(lab: Lab, engine: docker.DockerClient) -> None:
    """Build IMAGE by the steps of the example's README, behind a proxy and with pip's own settings."""
    _import_base(lab, engine)
    pip_settings = lab.state.cache / "pip.conf"
    # Where pip looks, without what is about this machine's own files.
    listed = subprocess.run(["pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False)
    index = f"index-url = {listed.stdout.strip()}\n" if listed.returncode == 0 else ""
    pip_settings.write_text(f"[global]\n{index}")
    with WebProxy(lab.bridge_address) as proxy:
        words = [_client(), "build", "--quiet", f"--tag={IMAGE}", f"--file={_DOCKERFILE}"]
        words += [f"--build-arg=BASE_IMAGE={BASE_IMAGE}"]
        words += [f"--build-arg={name}={proxy.url}" for name in ("http_proxy", "https_proxy")]
        words += [f"--secret=id=pip,src={pip_settings}", f"--secret=id=ca,src={_CERTIFICATES}", str(ROOT)]
        built = subprocess.run(words, env=_environ(lab.docker_host), capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr


def _import_base(lab: Lab, engine: docker.DockerClient) -> None:
    archive = lab.state.cache / "server-base.tar"
    if not archive.exists():
        _packages.install("mmdebstrap")
        unfinished = archive.with_suffix(".unfinished.tar")
        words = ["mmdebstrap", "--mode=root", "--variant=minbase", "--quiet", _release(), str(unfinished), _sources()]
        made = subprocess.run(words, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stderr
        unfinished.rename(archive)
    engine.api.import_image_from_file(str(archive), repository=BASE_IMAGE)


def _release() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    return next(line.partition("=")[2] for line in lines if line.startswith("VERSION_CODENAME="))


def _sources() -> str:
    """The machine's own, less what is no part of its distribution."""
    words = ["apt-get", "indextargets", "--format", "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"]
    words += ["Created-By: Packages", "Origin: Debian"]
    listed = subprocess.run(words, capture_output=True, text=True, check=True)
    return "\n".join(sorted(set(listed.stdout.splitlines())))


def _client() -> str:
    """A docker command that has BuildKit, which newer ones have in a plugin."""
    for client in _CLIENTS:
        asked = [client, "build", "--help"]
        if subprocess.run(asked, env=_environ(""), capture_output=True, check=False).returncode == 0:
            return client
    raise AssertionError("no docker command here has BuildKit: install docker-buildx")


def _environ(docker_host: str) -> dict[str, t.Any]:
    return {"PATH": os.environ["PATH"], "DOCKER_HOST": docker_host, "DOCKER_BUILDKIT": "1"}
