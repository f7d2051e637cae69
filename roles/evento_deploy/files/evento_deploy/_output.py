# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From task results to lines for a server's log and an exit code."""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Mapping, Sequence

from ._errors import DONE, INVALID, NOT_READY, OTHER, UNREACHABLE

MODULE = "evento.docker.evento_bundle"
OWN_MODULES = "evento.docker."
ARGUMENT_CHECK = "ansible.builtin.validate_argument_spec"

# The module's own names for what went wrong.
EXIT_CODES = {
    "invalid_input": INVALID,
    "token_expired": INVALID,
    "engine_unreachable": UNREACHABLE,
    "not_ready": NOT_READY,
    "other": OTHER,
}
# With several hosts the first of these wins: from what nobody foresaw down to what was refused untouched.
SEVERITY = (OTHER, UNREACHABLE, NOT_READY, INVALID)

# As much of Ansible's own output as a server's log should have to take.
OUTPUT_LINES = 40
_ANSIBLE_ERROR = re.compile(r"(?:\[ERROR\]:|ERROR!) *(.+)")


class Result(t.NamedTuple):
    """One task's result on one host, as the callback deploy_report wrote it."""

    host: str
    action: str
    status: str
    msg: t.Any = None
    changed: bool = False
    stale: bool = False
    answered: bool = False
    failure: str | None = None
    diff: str = ""
    commands: Sequence[str] = []
    failures: Sequence[Mapping[str, t.Any]] = []
    warnings: Sequence[str] = []

    @property
    def failed(self) -> bool:
        """Whether this result ended the run on its host."""
        return self.status in ("failed", "unreachable")

    @property
    def exit_code(self) -> int:
        """What this result, a failed one, means for the caller."""
        if self.status == "unreachable":
            return UNREACHABLE
        if self.failure is not None:
            return EXIT_CODES.get(self.failure, OTHER)
        # A module's own answer without a name for the failure: its arguments were refused before it ran.
        refused = self.action == ARGUMENT_CHECK or (self.action.startswith(OWN_MODULES) and self.answered)
        return INVALID if refused else OTHER


class Summary(t.NamedTuple):
    """What to print and how to end."""

    exit_code: int
    stdout: list[str]
    stderr: list[str]


def read_report(report: str) -> list[Result]:
    """The results in the callback's report, one JSON object per line."""
    return [Result(**json.loads(line)) for line in report.splitlines()]


def summarize(status: int, results: list[Result], output: str, *, check: bool, diff: bool, show_host: bool) -> Summary:
    """Say what happened.

    :param status: ansible-playbook's exit status; failed results count only where it is not 0, else they were rescued
    :param output: Ansible's own output, used where no result tells what went wrong
    """
    stdout = ["check mode: nothing is changed"] if check else []
    stderr = []
    exit_code = DONE
    failed = [result for result in results if result.failed] if status else []
    if failed:
        failed.sort(key=lambda result: SEVERITY.index(result.exit_code))
        exit_code = failed[0].exit_code
        for result in failed:
            stderr += _error_lines(result, show_host)
    elif status or not results:
        exit_code, lines = _without_result(status, output)
        stderr += lines
    for result in results:
        host = _host(result, show_host)
        stderr += [f"evento-deploy: warning: {host}{one_line(warning)}" for warning in result.warnings]
        stdout += [host + line for line in _result_lines(result, diff)]
    return Summary(exit_code, stdout, stderr)


def one_line(text: t.Any) -> str:
    """``text`` on one line, so that nothing in it can pass for a log line of its own or steer a terminal."""
    return printable(" ".join(str(text).split()))


def printable(text: str) -> str:
    """``text`` with control characters and the like written as escapes."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _host(result: Result, show_host: bool) -> str:
    return f"[{printable(result.host)}] " if show_host else ""


def _result_lines(result: Result, diff: bool) -> list[str]:
    lines = [printable(command) for command in result.commands]
    if diff:
        lines += [printable(line) for line in result.diff.splitlines() if line]
    told = result.action == MODULE or (result.action.startswith(OWN_MODULES) and result.changed)
    if told and result.status == "ok" and result.msg:
        lines.append(one_line(result.msg))
    return lines


def _error_lines(result: Result, show_host: bool) -> list[str]:
    message = result.msg or f"the task {result.action} failed without saying why"
    lines = [f"evento-deploy: error: {_host(result, show_host)}{one_line(message)}"]
    for failure in result.failures:
        logs = failure.get("logs")
        # What happened to it stands in the message already.
        lines.append(f"  {'the end of' if logs else 'nothing in'} the log of {one_line(failure.get('name'))}")
        lines += [f"    {printable(str(line).expandtabs())}" for line in logs or []]
    return lines


def _without_result(status: int, output: str) -> tuple[int, list[str]]:
    """Ansible ended before any task failed: say it in Ansible's words, or that there was nothing to do."""
    if not status:
        return INVALID, ["evento-deploy: error: no task ran: the inventory has no host for the playbook"]
    lines = [printable(line) for line in output.splitlines() if line.strip()]
    marked = filter(None, map(_ANSIBLE_ERROR.match, lines))
    last = lines[-1] if lines else f"ansible-playbook ended with status {status}"
    message = next((found[1] for found in marked), last)
    return OTHER, [f"evento-deploy: error: {message}", *(f"  {line}" for line in lines[-OUTPUT_LINES:])]
