# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program: from its arguments to its exit code."""

from __future__ import annotations

import os
import signal
import sys
import typing as t
from importlib.util import find_spec
from pathlib import Path

from ._command_line import HELP, Call, parse
from ._errors import DONE, OTHER, DeployError
from ._locate import Collection, find_collection

PACKAGE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """Do what ``arguments`` ask for and return the exit code."""
    sys.excepthook = _unexpected
    try:
        return _run(arguments)
    except DeployError as error:
        _print(2, [f"evento-deploy: error: {error}"])
        return error.exit_code


def _run(arguments: list[str]) -> int:
    call = parse(arguments)
    if call.action == "help":
        _print(1, HELP.splitlines())
        return DONE
    from ._ansible import home_directory

    collection = find_collection(PACKAGE, home_directory(os.environ))
    if call.action == "version":
        _print(1, [f"evento-deploy {collection.version()}"])
        return DONE
    return _deploy(call, collection)


def _deploy(call: Call, collection: Collection) -> int:
    from ._ansible import run_playbook
    from ._output import read_report, summarize
    from ._settings import load_settings

    if not find_spec("ansible"):
        raise DeployError(
            f"{sys.executable} has no ansible-core; set EVENTO_DEPLOY_PYTHON to an interpreter that has it", OTHER
        )
    settings = load_settings(os.environ, collection.role_options)
    testing = call.action == "self-test"
    if testing:
        from ._self_test import judged, trial

        call, settings = trial(call, settings)
    outcome = run_playbook(call, settings, collection, os.environ)
    if outcome.stopped_by:
        name = signal.Signals(outcome.stopped_by).name
        _print(2, [f"evento-deploy: error: stopped by {name}; the next call completes what this one began"])
        return 128 + outcome.stopped_by
    summary = summarize(
        outcome.status,
        read_report(outcome.report),
        outcome.output,
        check=call.check,
        diff=call.diff,
        show_host=bool(settings.inventory),
    )
    if testing:
        summary = judged(summary, settings, os.environ, collection.version())
    _print(2, summary.stderr)
    _print(1, summary.stdout)
    return summary.exit_code


def _print(descriptor: int, lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines).encode(errors="backslashreplace")
    while text:
        try:
            text = text[os.write(descriptor, text) :]
        except OSError:  # nobody reads any more; the exit code still tells
            return


def _unexpected(kind: type[BaseException], _error: BaseException, trace: t.Any) -> None:
    """A fault of this program itself: one sentence, without values that could be secret."""
    while trace.tb_next:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno}"
    _print(2, [f"evento-deploy: error: internal error ({kind.__name__} in {place}); please report it"])
    os._exit(OTHER)
