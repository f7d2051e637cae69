# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The size of a JAR does not matter for the memory of the run that copies it, or makes an image of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import typing as t

from tests.integration.deployment import MODULES, Deployment
from tests.integration.registry import Registry

MEBIBYTE = 1 << 20
ALLOWED = 32 * MEBIBYTE
MOST = 64 * MEBIBYTE
# The peak of this very process image: unlike ru_maxrss, it knows nothing of the process that it was forked from.
PROGRAM = f"""
import atexit, runpy, sys
atexit.register(lambda: sys.stderr.write(open("/proc/self/status").read()))
runpy.run_module("{MODULES}.evento_bundle", run_name="__main__")
"""


def peak(deployment: Deployment) -> int:
    """Runs the module; the most memory that it took, in bytes."""
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": deployment.parameters(instances=2)})
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=arguments, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout
    found = re.search(r"VmHWM:\s+(\d+) kB", finished.stderr)
    assert found
    return int(found[1]) * 1024


def test_large_jar_takes_no_more_memory_than_a_small_one(copied: Deployment, tell: t.Callable[[str], None]) -> None:
    size = 200 * MEBIBYTE
    small = peak(copied)
    copied.remove()
    copied.publish(copied.lab.jar(size=size))
    large = peak(copied)
    tell(
        f"memory: {small / MEBIBYTE:.1f} MiB for a small JAR, {large / MEBIBYTE:.1f} MiB for one of"
        f" {size / MEBIBYTE:.0f} MiB ({ALLOWED / MEBIBYTE:.0f} MiB more allowed)"
    )
    assert large - small <= ALLOWED
    assert copied.server.requests[-1].sent == size


def test_memory_of_a_run_that_makes_an_image(
    copied: Deployment, registry: Registry, tell: t.Callable[[str], None]
) -> None:
    copied.options.update(artifact="image", repository=f"{registry.host}/bundles")
    copied.publish(copied.lab.jar(size=200 * MEBIBYTE))
    try:
        taken = peak(copied)
    finally:
        copied.remove()
    tell(f"memory: {taken / MEBIBYTE:.1f} MiB for an image with a JAR of 200 MiB ({MOST / MEBIBYTE:.0f} MiB allowed)")
    assert taken < MOST
