# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs, against what others do for the same result, measured by turns in one run: make bench.

Prints a table and writes docs/benchmark.json and docs/benchmark.svg. The bounds are for a machine of two CPUs that does
nothing else. Those on a swarm, h and i, run only when asked for. With --quick, each thing is done once and in small
numbers, and nothing is written.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import lab as lab_package
from tests.benchmark.bench import Bench
from tests.benchmark.many import converged_bundles, many_instances
from tests.benchmark.measure import Figure, table
from tests.benchmark.plot import svg
from tests.benchmark.single import beside_others, memory, one_trigger, requests, triggers_at_once
from tests.benchmark.swarm import against_docker, at_scale
from tests.benchmark.tools import get_tools
from tests.integration.script_image import script_image

DOCS = Path(__file__).parents[2] / "docs"
BENCHMARKS: dict[str, Callable[[Bench], list[Figure]]] = {
    "a": one_trigger,
    "b": converged_bundles,
    "c": many_instances,
    "d": beside_others,
    "e": triggers_at_once,
    "f": memory,
    "g": requests,
    "h": against_docker,
    "i": at_scale,
}
# They bring a swarm of five nodes up.
ONLY_WHEN_ASKED = ("h", "i")


def main(arguments: list[str]) -> int:
    """Run those that are asked for, or all; 1 where a figure exceeds its bound."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.run", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="LETTER", help=f"one of {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="only show that all of it works")
    asked = parser.parse_args(arguments)
    lab, tools = lab_package.up(), get_tools()
    figures: list[Figure] = []
    with lab.client() as client, lab.server() as server, tempfile.TemporaryDirectory() as place:
        bench = Bench(lab, client, server, tools, Path(place), script_image(client), asked.quick)
        for name in asked.names or [name for name in BENCHMARKS if name not in ONLY_WHEN_ASKED]:
            found = BENCHMARKS[name](bench)
            print(table(found), flush=True)
            figures += found
    if not asked.quick and not asked.names:
        DOCS.mkdir(exist_ok=True)
        document = {"cpus": os.cpu_count(), "figures": [figure.as_dict() for figure in figures]}
        (DOCS / "benchmark.json").write_text(json.dumps(document, indent=2) + "\n")
        (DOCS / "benchmark.svg").write_text(svg(figures))
    return 0 if asked.quick or all(figure.kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
