# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from evento_deploy._command_line import Call, parse
from evento_deploy._errors import DeployError


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        (["{}", "t"], Call("deploy", bundle=b"{}", token=b"t")),
        (["--check", "--diff", "-vv", "-v", "{}", "t"], Call("deploy", True, True, 3, b"{}", b"t")),
        (["-x", "--odd"], Call("deploy", bundle=b"-x", token=b"--odd")),
        (["--check", "--help", "{}"], Call("deploy", True, bundle=b"--help", token=b"{}")),
        (["--check", "{}", "--version"], Call("deploy", True, bundle=b"{}", token=b"--version")),
        (["", ""], Call("deploy")),
        (["--help"], Call("help")),
        (["--check", "-h"], Call("help")),
        (["--version"], Call("version")),
        (["--self-test"], Call("self-test")),
        (["-v", "--self-test"], Call("self-test", verbosity=1)),
    ],
)
def test_the_last_two_arguments_are_bundle_and_token(arguments: list[str], call: Call) -> None:
    assert parse(arguments) == call


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "BUNDLE_JSON and TOKEN are needed"),
        (["secret"], "BUNDLE_JSON and TOKEN are needed"),
        (["--check", "--diff"], "BUNDLE_JSON and TOKEN are needed"),
        (["--secret", "{}", "t"], "argument 1 of 3 is not an option"),
        (["--check", "secret", "{}", "t"], "argument 2 of 4 is not an option"),
        (["--self-test", "secret", "secret"], "--self-test has a bundle of its own"),
        (["{}", "secret \udcff"], "TOKEN is not UTF-8 text"),
    ],
)
def test_wrong_usage_is_told_without_repeating_arguments(arguments: list[str], told: str) -> None:
    with pytest.raises(DeployError) as caught:
        parse(arguments)

    assert str(caught.value).startswith(told)
    assert "secret" not in str(caught.value)
    assert caught.value.exit_code == 2
