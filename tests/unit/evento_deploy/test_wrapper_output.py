# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import typing as t

import pytest

from evento_deploy._output import Result, Summary, read_report, summarize

MODULE = "evento.docker.evento_bundle"


def result(**values: t.Any) -> Result:
    return Result(**{"host": "localhost", "action": MODULE, "status": "ok", **values})


def failed(**values: t.Any) -> Result:
    return result(**{"status": "failed", "msg": "no", **values})


def summary(*results: Result, status: int = 0, output: str = "", **flags: bool) -> Summary:
    return summarize(status, list(results), output, **{"check": False, "diff": False, "show_host": False, **flags})


@pytest.mark.parametrize(
    ("outcome", "exit_code"),
    [
        (failed(failure="invalid_input"), 2),
        (failed(failure="token_expired"), 2),
        (failed(failure="engine_unreachable"), 3),
        (failed(failure="not_ready"), 4),
        (failed(failure="other"), 5),
        (failed(failure="of a later version"), 5),
        (failed(msg="Unsupported parameters", answered=True), 2),
        (failed(action="evento.docker.evento_bundle_image", failure="engine_unreachable"), 3),
        (failed(msg="MODULE FAILURE"), 5),
        (failed(action="ansible.builtin.validate_argument_spec"), 2),
        (failed(action="ansible.builtin.copy"), 5),
        (result(status="unreachable", msg="ssh: no route"), 3),
    ],
)
def test_exit_code_of_a_failure(outcome: Result, exit_code: int) -> None:
    assert summary(outcome, status=2).exit_code == exit_code


@pytest.mark.parametrize(
    ("failures", "exit_code"),
    [
        (["not_ready", "invalid_input"], 4),
        (["not_ready", "engine_unreachable"], 3),
        (["invalid_input", "other", "engine_unreachable"], 5),
    ],
)
def test_the_gravest_failure_of_several_hosts_counts_and_comes_first(failures: list[str], exit_code: int) -> None:
    told = summary(*(failed(host=name, failure=name, msg=name) for name in failures), status=2, show_host=True)

    assert told.exit_code == exit_code
    codes = {"invalid_input": 2, "engine_unreachable": 3, "not_ready": 4, "other": 5}
    first = next(name for name in failures if codes[name] == exit_code)
    assert told.stderr[0] == f"evento-deploy: error: [{first}] {first}"


def test_success_prints_commands_then_the_message() -> None:
    told = summary(
        result(action="ansible.builtin.debug", msg="chatter"),
        result(action="evento.docker.evento_bundle_image", msg="the image is there"),
        result(status="skipped", msg="skipped"),
        result(msg="orders v3: 1 -> 2 running", commands=["docker run -d a", "docker stop b"], warnings=["careful"]),
    )

    assert told.stdout == ["docker run -d a", "docker stop b", "orders v3: 1 -> 2 running"]
    assert told.stderr == ["evento-deploy: warning: careful"]
    assert told.exit_code == 0


def test_a_failure_that_the_playbook_handled_is_none() -> None:
    assert summary(failed(failure="other"), result(msg="done")).exit_code == 0
    assert summary(failed(status="ignored"), failed(failure="not_ready"), status=2).exit_code == 4


def test_hosts_are_shown_where_there_is_an_inventory() -> None:
    told = summary(result(host="web1", msg="done", commands=["docker run a"], warnings=["hm"]), show_host=True)

    assert told.stdout == ["[web1] docker run a", "[web1] done"]
    assert told.stderr == ["evento-deploy: warning: [web1] hm"]


def test_check_and_diff() -> None:
    outcome = result(msg="would start orders-1", diff="--- before\n+++ after\n+orders-1\n")

    assert summary(outcome, check=True).stdout == ["check mode: nothing is changed", "would start orders-1"]
    assert summary(outcome, diff=True).stdout == ["--- before", "+++ after", "+orders-1", "would start orders-1"]


def test_the_error_is_one_line_and_the_log_follows() -> None:
    told = summary(
        failed(
            msg="orders-2 exited\nat once",
            failure="not_ready",
            failures=[
                {"name": "orders-2", "exit_code": 77, "reason": "the server said 401", "logs": ["one", "\ttwo"]},
                {"name": "orders-3", "exit_code": None, "reason": "no report in 45 s", "logs": []},
            ],
        ),
        status=2,
    )

    assert told.stderr == [
        "evento-deploy: error: orders-2 exited at once",
        "  the end of the log of orders-2",
        "    one",
        "            two",
        "  nothing in the log of orders-3",
    ]


def test_nothing_can_forge_a_line_or_steer_a_terminal() -> None:
    told = summary(result(msg="a\nevento-deploy: error: forged\x1b[2J\u202e", commands=["docker run 'x\ny'"]))

    assert told.stdout == ["docker run 'x\\ny'", "a evento-deploy: error: forged\\x1b[2J\\u202e"]


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("[WARNING]: old\n[ERROR]: no such play\nmore\n", "no such play"),
        ("ERROR! no such play\n\nmore\n", "no such play"),
        ("line\nlast words\n", "last words"),
        ("", "ansible-playbook ended with status 1"),
    ],
)
def test_without_any_result_ansible_has_the_word(output: str, told: str) -> None:
    outcome = summary(status=1, output=output)

    assert outcome.exit_code == 5
    assert outcome.stderr[0] == f"evento-deploy: error: {told}"
    assert outcome.stderr[1:] == [f"  {line}" for line in output.splitlines() if line]


def test_a_run_without_any_task_is_an_error() -> None:
    assert summary().exit_code == 2


def test_the_report_is_read_line_by_line() -> None:
    lines = [{"host": "a", "action": MODULE, "status": "ok", "stale": True, "answered": False, "msg": "é"}]

    assert read_report("".join(json.dumps(line) + "\n" for line in lines)) == [result(host="a", stale=True, msg="é")]
