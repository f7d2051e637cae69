# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callers that act on one engine at the same time, each as on a host of its own: its own /tmp, /run and /dev/shm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.deployment import MODULES, WRAPPER

ROOT = Path(__file__).resolve().parents[2]
# Sees of other callers' files only the checkout, wherever that is; the settings of the wrapper come over its input.
_HOST = f"""
set -e
engine=$1
shift
mkdir -p /mnt/checkout /mnt/engine
mount -t tmpfs none /mnt
mkdir /mnt/checkout /mnt/engine
mount --bind '{ROOT}' /mnt/checkout
mount --bind "$engine" /mnt/engine
for place in /tmp /var/tmp /run /dev/shm; do mount -t tmpfs none $place; done
mkdir -p '{ROOT}' "$engine"
mount --bind /mnt/checkout '{ROOT}'
mount --bind /mnt/engine "$engine"
if [ "$1" = wrapper ]; then shift; cat >/tmp/deploy.yml; exec </dev/null; fi
exec "$@"
"""


@dataclass
class Call:
    """One call of the module, or of the wrapper, which takes no options of its own.

    :param changes: to the bundle of the deployment.
    :param result: the module's; of the wrapper only msg and failed.
    """

    options: dict[str, t.Any] = field(default_factory=dict)
    changes: dict[str, t.Any] = field(default_factory=dict)
    wrapper: bool = False
    result: dict[str, t.Any] = field(default_factory=dict)

    @property
    def stale(self) -> bool:
        return bool(self.result.get("stale")) or ", stale:" in self.result["msg"]

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))


class Called(t.Protocol):
    """A bundle that many deploy at once."""

    @property
    def bundle(self) -> dict[str, t.Any]:
        """As Evento Server sends it."""

    @property
    def sockets(self) -> Path:
        """The directory with all that a caller needs to reach the engine."""

    def parameters(self, **options: t.Any) -> dict[str, t.Any]:
        """The module's options for a run."""


def call_at_once(deployment: Called, calls: t.Sequence[Call]) -> None:
    """Carry out all calls side by side, each in a process with file systems of its own; fills in their results."""
    processes = [_process(deployment, call) for call in calls]
    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        for call, result in zip(calls, pool.map(_finish, processes), strict=True):
            call.result = result


def _process(deployment: Called, call: Call) -> tuple[subprocess.Popen[str], str, bool]:
    bundle = json.dumps({**deployment.bundle, **call.changes})
    parameters = deployment.parameters(bundle=bundle, **call.options)
    if call.wrapper:
        command = ["wrapper", str(WRAPPER), parameters.pop("bundle"), parameters.pop("token")]
        given = json.dumps(parameters)
    else:
        command = [sys.executable, "-m", f"{MODULES}.evento_bundle"]
        given = json.dumps({"ANSIBLE_MODULE_ARGS": parameters})
    engine = deployment.sockets
    process = subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", _HOST, "host", str(engine), *command],
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/tmp",
            "LC_ALL": "C.UTF-8",
            "EVENTO_DEPLOY_CONFIG": "/tmp/deploy.yml",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return process, given, call.wrapper


def _finish(started: tuple[subprocess.Popen[str], str, bool]) -> dict[str, t.Any]:
    process, given, wrapper = started
    try:
        stdout, stderr = process.communicate(given, timeout=300)
    finally:
        process.kill()
    if wrapper:
        return {"msg": stdout + stderr, "failed": process.returncode != 0}
    assert not stderr, stderr
    result = json.loads(stdout)
    assert isinstance(result, dict)
    return result
