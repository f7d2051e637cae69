# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: deploy_report
type: notification
short_description: Reports task results to the program evento-deploy
version_added: 1.0.0
author:
  - The evento.docker maintainers (@EventoFramework)
description:
  - Writes each finished result as one line of JSON to a file descriptor that the program that started Ansible holds.
  - Made for C(evento-deploy), Evento Server's deploy script. Without the descriptor it does nothing. What
    it writes may change with any release.
  - Of the collection's own modules it reports the documented return values, of any other task only its message.
requirements:
  - enabled in the configuration
options:
  report_fd:
    description:
      - Number of the inherited file descriptor to write to.
    type: int
    env:
      - name: EVENTO_DEPLOY_REPORT_FD
"""

import json
import os
import typing as t

from ansible.plugins.callback import CallbackBase

OWN_MODULES = "evento.docker."
RETURN_VALUES = ("changed", "stale", "commands", "failure", "failures", "warnings")


class CallbackModule(CallbackBase):
    """One JSON object per line: host, action, status and what else is known of the result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "evento.docker.deploy_report"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._turns: dict[tuple[str, str], list[dict[str, t.Any]]] = {}

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        self._keep("ok", result)

    def v2_runner_item_on_failed(self, result: t.Any) -> None:
        self._keep("failed", result)

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._report("ok", result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._report("ignored" if ignore_errors else "failed", result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._report("unreachable", result)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._report("skipped", result)

    def _keep(self, status: str, result: t.Any) -> None:
        """Keep one turn of a loop: only the end of the loop tells whether its failure is ignored."""
        self._turns.setdefault(_key(result), []).append(self._line(status, result))

    def _report(self, status: str, result: t.Any) -> None:
        descriptor = self.get_option("report_fd")
        if descriptor is None:
            return
        lines = self._turns.pop(_key(result), [])
        failed = [line for line in lines if line["status"] == "failed"]
        for line in failed:
            line["status"] = status
        if not lines or (status in ("failed", "unreachable") and not failed):
            lines.append(self._line(status, result))
        for line in lines:
            os.write(descriptor, json.dumps(line, default=str).encode() + b"\n")

    def _line(self, status: str, result: t.Any) -> dict[str, t.Any]:
        values, task = result._result, result._task
        action = task.resolved_action or task.action
        line = {"host": result._host.get_name(), "action": action, "status": status, "msg": values.get("msg")}
        if action.startswith(OWN_MODULES):
            line.update((key, values[key]) for key in RETURN_VALUES if key in values)
            # Only a module that spoke for itself repeats its arguments; one that crashed or never started does not.
            line["answered"] = "invocation" in values
            if values.get("diff"):
                line["diff"] = self._get_diff(values["diff"])
        return line


def _key(result: t.Any) -> tuple[str, str]:
    return result._host.get_name(), result._task._uuid
