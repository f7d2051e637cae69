# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demos share: steps that check themselves, the bundle, and Evento Server's call."""

from __future__ import annotations

import json
import subprocess
import sysconfig
import time
import typing as t
from pathlib import Path

from lab._errors import LabError
from lab._progress import say, step

if t.TYPE_CHECKING:
    from lab.server import EventoServer

BUNDLE_ID = "DemoOrders"
MAX_INSTANCES = 3
BUNDLE_LABEL = "evento.bundle"
VERSION_LABEL = "evento.version"
_COLLECTION = Path(sysconfig.get_path("purelib")) / "ansible_collections" / "evento" / "docker"
SCRIPT = _COLLECTION / "roles" / "evento_deploy" / "files" / "evento-deploy"
# An instance may still be starting when the script returns.
_PATIENCE = 30.0


class Story:
    """The steps of a demo.

    :param settings: where the settings file of evento-deploy is to be.
    """

    def __init__(self, settings: Path) -> None:
        self._settings = settings
        self._number = 0

    def set_up(self, **settings: t.Any) -> None:
        """Write the settings file."""
        # JSON is YAML.
        self._settings.write_text(json.dumps(settings))

    def title(self, text: str) -> None:
        """Begin a step."""
        self._number += 1
        say(f"\n{self._number}. {text}")

    def promise(self, text: str, kept: bool) -> None:
        """Say what a step shows. Raises LabError when it does not."""
        if not kept:
            raise LabError(f"The demo's step {self._number} did not show this: {text}")
        say(f"  ok: {text}")

    def promise_soon(self, text: str, kept: t.Callable[[], bool], seconds: float = _PATIENCE) -> None:
        """The same for what takes a moment, in seconds at most."""
        end = time.monotonic() + seconds
        while not kept() and time.monotonic() < end:
            time.sleep(0.1)
        self.promise(text, kept())

    def call(self, server: EventoServer, bundle: str) -> None:
        """Call the script as the server does, and show what it says."""
        env = {"EVENTO_DEPLOY_CONFIG": str(self._settings)}
        with step("  calling the script"):
            try:
                done = server.deploy(SCRIPT, bundle, env=env, cwd="/")
            except (OSError, subprocess.TimeoutExpired) as exc:
                raise LabError(f"The call of {SCRIPT} failed: {exc}") from exc
        for line in (done.stdout + done.stderr).splitlines():
            say(f"  | {line}")
        self.promise("the script's exit code is 0", done.returncode == 0)


def bundle_forms(version: str) -> tuple[str, str]:
    """The bundle's JSON, published now, in the two forms that Evento Server v1.15 sends.

    The call of the publish has nanoseconds; each later one has what the server's database made microseconds of.
    """
    now = time.time_ns()
    text = json.dumps(
        {
            "id": BUNDLE_ID,
            "version": int(version),
            "description": None,
            "detail": None,
            "linePrefix": None,
            "bucketType": "LocalFilesystem",
            "artifactCoordinates": f"/server_upload/{BUNDLE_ID}-{now // 1_000_000}.jar",
            "artifactOriginalName": "demo-orders.jar",
            "containsHandlers": True,
            "environment": {"GREETING": "hello, {{ world }}"},
            "vmOptions": {"-Xmx": "64m"},
            "autorun": True,
            "deployable": True,
            "minInstances": 1,
            "maxInstances": MAX_INSTANCES,
            "updatedAt": "WHEN",
        },
        separators=(",", ":"),
    )
    # More digits than a Python float has.
    seconds = now // 1_000_000_000
    microseconds = now // 1_000 % 1_000_000
    forms = (f"{seconds}.{microseconds:06d}{nanoseconds}" for nanoseconds in ("958", ""))
    first, later = (text.replace('"WHEN"', form) for form in forms)
    return first, later
