# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs programs and tells the developer how it goes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

HEARTBEAT = 30.0  # seconds between two signs of life


class StepFailed(Exception):
    """A step found a fault; the text is one sentence."""


class Terminated(KeyboardInterrupt):
    """SIGTERM has come: we alone have been told to end, unlike with Ctrl-C."""


def unwind_when_terminated() -> None:
    """Make an exception of SIGTERM, so that what runs is ended, too, and things are tidied up."""
    signal.signal(signal.SIGTERM, _raise_terminated)


def _raise_terminated(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # tidying up is not disturbed by a second one
    raise Terminated


def say(text: str) -> None:
    """Print a line at once, so that it stays in order with the output of the programs."""
    print(text, flush=True)


def run(argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, silent: bool = False) -> None:
    """Run a program, its output going where ours goes, with nothing on its standard input.

    A program that is silent while it works gets a line for each half minute. Raises StepFailed when the program cannot
    be started or ends with another exit code than 0.
    """
    name = Path(argv[0]).name
    start = time.monotonic()
    with _started(argv, env=env, cwd=cwd) as process:
        try:
            while process.poll() is None:
                try:
                    process.wait(HEARTBEAT if silent else None)
                except subprocess.TimeoutExpired:
                    say(f"-- {name} has been running for {time.monotonic() - start:.0f} s")
        except Terminated:
            process.terminate()
            process.wait()
            raise
        except KeyboardInterrupt:  # the terminal has told the program, too: it tidies up
            process.wait()
            raise
    if process.returncode:
        raise StepFailed(f"{name} ended with exit code {process.returncode}")


def output(argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path) -> str:
    """Run a short program and return what it wrote to its standard output.

    Raises StepFailed when it cannot be started or ends with another exit code than 0, and then with what it wrote.
    """
    with _started(argv, env=env, cwd=cwd, stdout=subprocess.PIPE) as process:
        text = process.communicate()[0]
    if process.returncode:
        raise StepFailed(f"{Path(argv[0]).name} ended with exit code {process.returncode}\n{text}".strip())
    return text


def _started(
    argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, stdout: int | None = None
) -> subprocess.Popen[str]:
    command = [os.fspath(word) for word in argv]
    try:
        return subprocess.Popen(command, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=stdout, text=True)
    except OSError as exc:
        raise StepFailed(f"{command[0]} cannot be started: {exc.strerror}") from exc
