# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells what the targets of ansible-test need to know of the lab, as JSON, and uses the lab until its input ends."""

from __future__ import annotations

import json
import sys

import lab


def main() -> int:
    """Write one line: what integration_config.yml says, as ansible-test hands on no variables of the environment."""
    try:
        running = lab.up()
    except lab.LabError as exc:
        print(f"lab: error: {exc}", file=sys.stderr)
        return 1
    settings = {"evento_test_docker_host": running.docker_host, "evento_test_base_image": running.base_image}
    print(json.dumps(settings), flush=True)
    sys.stdin.read()  # no other checkout gets the lab meanwhile
    return 0


if __name__ == "__main__":
    sys.exit(main())
