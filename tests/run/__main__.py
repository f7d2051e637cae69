# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the project's gates and tools: `python3.11 tests/run NAME`, or `make NAME`.

Needs Python 3.11, git and, where something is missing, the right to install it.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence

from bootstrap import bootstrap
from console import StepFailed, say
from figures import Totals
from steps import LAB_DOWN, LAB_UP, Step, chosen, figures, forget_totals, lab_is_up, names, totals


def main() -> int:
    """Run what was asked for. Returns 0 if every step passed, 1 after the first that did not, 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="tests/run", description="Runs the gates and tools of evento.docker.")
    parser.add_argument("name", choices=names())
    name = parser.parse_args().name
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that what runs is ended, too
    steps = chosen(name)
    if name != "clean":
        steps.insert(0, Step("set-up", "set-up", bootstrap))
    forget_totals()
    return Run(steps).go()


class Run:
    """One run of some steps: it stops at the first fault and brings the lab down if it brought it up."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._lines: list[str] = []
        self._lab_is_ours = False
        self._fault = ""

    def go(self) -> int:
        """Run the steps and print the summary. Returns the exit code."""
        code = 0
        try:
            for number, step in enumerate(self._steps, start=1):
                if step.needs_lab and not self._lab_is_ours and not lab_is_up():
                    self._lab_is_ours = True  # before it is up: what is half up comes down as well
                    self._timed(LAB_UP, "")
                self._timed(step, f"[{number}/{len(self._steps)}] ")
        except StepFailed:
            code = 1
        except KeyboardInterrupt:
            code = 130
        finally:
            code = self._bring_lab_down() or code
        self._sum_up()
        return code

    def _timed(self, step: Step, place: str) -> None:
        say(f"\n=== {place}{step.title}")
        start = time.monotonic()
        outcome = "failed"
        try:
            step.action()
            outcome = "passed"
        except StepFailed as exc:
            self._fault = f"{step.title}: {exc}"
            raise
        except KeyboardInterrupt:
            self._fault = f"{step.title}: interrupted"
            raise
        finally:
            self._lines.append(f"{outcome}  {step.title:<30} {time.monotonic() - start:7.1f} s")
            say(f"=== {self._lines[-1]}")

    def _bring_lab_down(self) -> int:
        if not self._lab_is_ours:
            return 0
        earlier = self._fault
        try:
            self._timed(LAB_DOWN, "")
        except StepFailed:
            self._fault = earlier or self._fault
            return 1
        return 0

    def _sum_up(self) -> None:
        say("\n=== summary")
        for line in self._lines:
            say(line)
        for line in figures():
            say(line)
        counted = totals()
        if self._fault:
            say(f"FAILED at {self._fault}")
        # A run that failed elsewhere must not end with a line that reads like success.
        if counted != Totals() and (counted.failed or not self._fault):
            say(f"tests: {counted}")


if __name__ == "__main__":
    sys.exit(main())
