# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab on an engine that is not its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import docker

from lab import Lab


def test_users_own_engine_with_an_empty_lab_directory(lab: Lab, engine: docker.DockerClient, tmp_path: Path) -> None:
    own = {"EVENTO_LAB_DOCKER_HOST": lab.docker_host, "EVENTO_LAB_DIR": str(tmp_path / "lab")}
    bystander = engine.containers.create(lab.base_image)
    finished = subprocess.run(
        [sys.executable, "-m", "lab", "up"],
        env={**os.environ, **own},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        assert finished.returncode == 0, finished.stdout + finished.stderr
        assert finished.stdout.endswith(f"The lab is up: DOCKER_HOST={lab.docker_host}\n")
        # Not the name of the user's own image.
        assert engine.images.get("evento-bundle-container:lab").labels["evento.lab"] == "true"
        bystander.reload()
        assert bystander.status == "created"
    finally:
        bystander.remove()
        engine.api.remove_image("evento-bundle-container:lab", noprune=True)
