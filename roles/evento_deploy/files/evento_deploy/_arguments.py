# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments, which every user of the machine could read in the process list for as long as the call lasts.

So the program stores them in memory and executes itself anew without them: the process stays the same.
"""

from __future__ import annotations

import os
import signal
import sys
import typing as t

# Names the file with the arguments to the second execution; -X because no variable of the environment can set it.
_OPTION = "evento_deploy_arguments"


def stored_arguments() -> list[str] | None:
    """The program's arguments where this is its second execution."""
    descriptor = sys._xoptions.get(_OPTION)
    if not isinstance(descriptor, str):
        return None
    with open(int(descriptor), "rb") as file:
        return [os.fsdecode(argument) for argument in file.read().split(b"\0")[:-1]]


def execute_without(argv: list[str]) -> t.NoReturn:
    """Execute the program anew, with its arguments stored.

    :param argv: the program and its arguments, as sys.argv has them
    """
    descriptor = os.memfd_create("evento-deploy-arguments", 0)
    with open(descriptor, "r+b", closefd=False) as file:
        file.write(b"".join(os.fsencode(argument) + b"\0" for argument in argv[1:]))
    os.lseek(descriptor, 0, os.SEEK_SET)
    # Ignored, it is not answered with a traceback while Python starts; the program's first line changes that.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.execv(sys.executable, [sys.executable, "-E", "-X", "utf8", "-X", f"{_OPTION}={descriptor}", argv[0]])
