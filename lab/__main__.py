# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `python -m lab`."""

from __future__ import annotations

import argparse
import sys

import lab
from lab import _state, demo, demo_swarm
from lab._progress import say


def main() -> int:
    """Run one command; the exit code is 0 when it did what it says."""
    parser = argparse.ArgumentParser(prog="python -m lab", description=lab.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="bring the lab up, or find that it is")
    stop = commands.add_parser("down", help="stop the lab's engine and everything in it")
    stop.add_argument("--purge", action="store_true", help="delete the images and all files too")
    commands.add_parser("status", help="say whether the lab is up (exit code 0) or down (1)")
    commands.add_parser("demo", help="show what the collection does")
    commands.add_parser("demo-swarm", help="show it on a Docker Swarm of five nodes, which ends with the demo")
    arguments = parser.parse_args()
    try:
        return _run(arguments)
    except lab.LabError as exc:
        print(f"lab: error: {exc}", file=sys.stderr)
    except KeyboardInterrupt:
        print("lab: interrupted", file=sys.stderr)
    return 1


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "up":
        say(f"The lab is up: DOCKER_HOST={lab.up().docker_host}")
    elif arguments.command == "down":
        lab.down(purge=arguments.purge)
        say("The lab is down")
    elif arguments.command == "status":
        running = lab.is_up()
        docker_host = _state.own_engine_asked() or _state.current().docker_host
        say(f"The lab is up: DOCKER_HOST={docker_host}" if running else "The lab is down")
        if running:
            say(f"Its engine is {lab.engine()}")
        return 0 if running else 1
    elif arguments.command == "demo":
        demo.run()
    else:
        demo_swarm.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
