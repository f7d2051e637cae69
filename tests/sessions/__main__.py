# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3.11 -m tests.sessions NAME...`: sets up .venv, runs sessions of noxfile.py, and sums up. make calls it.

Needs Python 3.11 and git, and for `test` and `demo` the right to install what else is missing.
"""

from __future__ import annotations

import os
import shutil
import sys

from tests.sessions import debian
from tests.sessions.environment import BIN, ROOT
from tests.sessions.programs import StepFailed, Terminated, run, say, unwind_when_terminated
from tests.sessions.setup import set_up
from tests.sessions.totals import REPORTS, closing_lines

_INSTALLING = {"test", "demo"}


def main(names: list[str]) -> int:
    """Run sessions. Returns 0 if all passed, 1 if one did not, 130 or 143 when interrupted."""
    unwind_when_terminated()
    may_install = not _INSTALLING.isdisjoint(names)
    env = dict(os.environ)
    if may_install:
        env[debian.MAY_INSTALL] = "yes"
    # With it, antsibull-nox checks the format of files instead of changing them.
    env.setdefault("CI", "true")
    shutil.rmtree(REPORTS, ignore_errors=True)
    code = 0
    fault = ""
    try:
        set_up(may_install=may_install)
        run([BIN / "nox", "--session", *names], env=env, cwd=ROOT)
    except StepFailed as exc:
        code, fault = 1, str(exc)
    except Terminated:
        code, fault = 143, "terminated"
    except KeyboardInterrupt:
        code, fault = 130, "interrupted"
    for line in closing_lines(fault):
        say(line)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
