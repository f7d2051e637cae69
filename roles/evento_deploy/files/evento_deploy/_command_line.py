# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line.

By hand, because argparse repeats what it does not understand, which can be the token, and takes an argument that begins
with ``-`` for an option wherever it stands.
"""

from __future__ import annotations

import re
import typing as t

from ._errors import DeployError

USAGE = "usage: evento-deploy [--check] [--diff] [-v] BUNDLE_JSON TOKEN"

HELP = f"""{USAGE}

Runs the bundle that BUNDLE_JSON describes on Docker, one instance more at every call, up to its maxInstances.
TOKEN lets the instance download the bundle from Evento Server. A call that only adds an instance watches it for a few
seconds (wait_added) and leaves it to start then.

options:
  --check    say what would be done, change nothing
  --diff     show what changes
  -v         show Ansible's own output; -vv and more: in more detail
  --self-test
             needs no arguments: check that a call can work (settings, Ansible, engine, image), and start nothing
  --help     show this text
  --version  show the version of the collection evento.docker

environment:
  EVENTO_DEPLOY_CONFIG  settings file (default: /etc/evento/deploy.yml, if it exists)
  EVENTO_DEPLOY_PYTHON  Python interpreter with ansible-core, for a script outside a virtual environment

exit codes:
  0  done, nothing to do, or the call is stale: a newer publish runs already
  2  wrong usage, settings or bundle, or the token has expired
  3  the Docker engine or its host cannot be reached
  4  an instance did not become ready
  5  anything else
  128 + n  stopped by signal n; the next call completes what this one began
With several hosts the first of 5, 3, 4, 2 that occurred on one of them.
"""

_OPTIONS = re.compile(r"--(?:check|diff|help|self-test|version)|-v+|-h")


class Call(t.NamedTuple):
    """What the command line asks for; ``action`` is ``deploy``, ``self-test``, ``help`` or ``version``."""

    action: str
    check: bool = False
    diff: bool = False
    verbosity: int = 0
    bundle: bytes = b""
    token: bytes = b""


def parse(arguments: list[str]) -> Call:
    """Understand the arguments: options, then always the bundle's JSON and the token, whatever they look like.

    :raises DeployError: for wrong usage; the message never repeats an argument
    """
    only_options = all(_OPTIONS.fullmatch(argument) for argument in arguments)
    options = arguments if only_options else arguments[:-2]
    for number, option in enumerate(options, start=1):
        if not _OPTIONS.fullmatch(option):
            raise DeployError(f"argument {number} of {len(arguments)} is not an option; {USAGE}")
    if "--help" in options or "-h" in options:
        return Call("help")
    if "--version" in options:
        return Call("version")
    if "--self-test" in options:
        if not only_options:
            raise DeployError("--self-test has a bundle of its own: leave out BUNDLE_JSON and TOKEN")
        return Call("self-test", verbosity=_verbosity(options))
    if only_options or len(arguments) < 2:
        raise DeployError(f"BUNDLE_JSON and TOKEN are needed; {USAGE}")
    return Call(
        "deploy",
        check="--check" in options,
        diff="--diff" in options,
        verbosity=_verbosity(options),
        bundle=_utf8("BUNDLE_JSON", arguments[-2]),
        token=_utf8("TOKEN", arguments[-1]),
    )


def _verbosity(options: list[str]) -> int:
    return sum(option.count("v") for option in options if option.startswith("-v"))


def _utf8(name: str, argument: str) -> bytes:
    try:
        return argument.encode()
    except UnicodeEncodeError:  # Python kept the odd bytes as lone surrogates
        raise DeployError(f"{name} is not UTF-8 text") from None
