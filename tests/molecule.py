# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs all molecule scenarios with what they need: the lab's engine, a bundle on a server, a token for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import lab

BUNDLE_ID = "MoleculeBundle"
# The scenarios share one token, so that it must outlive them, unlike Evento Server's.
TOKEN_LIFETIME = 3600.0


def main() -> int:
    """Molecule's exit code."""
    running = lab.up()
    with running.server() as server:
        server.publish(BUNDLE_ID, running.jar(bundle_id=BUNDLE_ID))
        env = {
            **os.environ,
            "DOCKER_HOST": running.docker_host,
            "EVENTO_TEST_SERVER_URL": server.container_url,
            "EVENTO_TEST_TOKEN": server.token(TOKEN_LIFETIME),
            "EVENTO_TEST_IMAGE": running.image,
            "EVENTO_TEST_BASE_IMAGE": running.base_image,
        }
        program = Path(sys.executable).with_name("molecule")
        return subprocess.run([program, "test", "--all"], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
