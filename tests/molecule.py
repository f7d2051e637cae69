# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs all molecule scenarios with what they need: the lab's engine, hosts, bundles on a server, a token for it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import lab
from lab.server import EventoServer
from tests.integration.hosts import Fleet

BUNDLE_IDS = ("MoleculeBundle", "MoleculeOther")
# What the server tells of each.
BUNDLE = {
    "version": 1,
    "autorun": True,
    "deployable": True,
    "bucketType": "LocalFilesystem",
    "vmOptions": {"-Xmx": "64m"},
    "minInstances": 2,
    "maxInstances": 3,
    "updatedAt": 1732320000.5,
}
# The scenarios share one token, so that it must outlive them, unlike Evento Server's.
TOKEN_LIFETIME = 3600.0
# The servers take each other's tokens.
KEY = secrets.token_hex(32)


def main() -> int:
    """Run the scenarios that the arguments choose, as `--scenario-name role`, else all; molecule's exit code."""
    running = lab.up()
    with (
        tempfile.TemporaryDirectory() as directory,
        Fleet(2, Path(directory)) as fleet,
        running.server(signing_key=KEY) as server,
        EventoServer(fleet.address, signing_key=KEY) as hosts_server,
        running.client() as engine,
    ):
        for host in fleet.hosts:
            host.load(running.image, engine)
        for bundle_id in BUNDLE_IDS:
            for one in (server, hosts_server):
                one.publish(bundle_id, running.jar(bundle_id=bundle_id))
            server.catalogue.add({**BUNDLE, "id": bundle_id})
        env = {
            **os.environ,
            "DOCKER_HOST": running.docker_host,
            "EVENTO_TEST_SERVER_URL": server.container_url,
            "EVENTO_TEST_SERVER_URL_HERE": server.url,
            "EVENTO_TEST_SIGNING_KEY": KEY,
            "EVENTO_TEST_HOSTS_SERVER_URL": hosts_server.url,
            "EVENTO_TEST_SSH": str(fleet.ssh),
            **{f"EVENTO_TEST_{host.name.upper()}": host.address for host in fleet.hosts},
            "EVENTO_TEST_TOKEN": server.token(TOKEN_LIFETIME),
            "EVENTO_TEST_IMAGE": running.image,
            "EVENTO_TEST_BASE_IMAGE": running.base_image,
        }
        program = Path(sys.executable).with_name("molecule")
        return subprocess.run([program, "test", *(sys.argv[1:] or ["--all"])], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
