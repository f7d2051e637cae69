# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3.11 -m tests.sessions NAME`: sets up .venv, runs a session of noxfile.py, and sums up. make calls it.

`clean` is the one name that is no session: it removes all that was set up.

Needs Python 3.11 and git, and for `test` and the demos the right to install what else is missing.
"""

from __future__ import annotations

import os
import shutil
import sys

from tests.sessions import debian
from tests.sessions.environment import BIN, ROOT
from tests.sessions.programs import StepFailed, Terminated, run, say, unwind_when_terminated
from tests.sessions.setup import clean, set_up
from tests.sessions.totals import REPORTS, closing_lines

_INSTALLING = {"test", "demo", "demo-swarm"}


def main(name: str) -> int:
    """Run a session. Returns 0 if it passed, 1 if it did not, 130 or 143 when interrupted."""
    unwind_when_terminated()
    shutil.rmtree(REPORTS, ignore_errors=True)
    code = 0
    fault = ""
    try:
        clean() if name == "clean" else _run(name)
    except StepFailed as exc:
        code, fault = 1, str(exc)
    except Terminated:
        code, fault = 143, "terminated"
    except KeyboardInterrupt:
        code, fault = 130, "interrupted"
    for line in closing_lines(fault):
        say(line)
    return code


def _run(name: str) -> None:
    env = dict(os.environ)
    if name in _INSTALLING:
        env[debian.MAY_INSTALL] = "yes"
    # With it, antsibull-nox checks the format of files instead of changing them.
    env.setdefault("CI", "true")
    set_up(may_install=name in _INSTALLING)
    # Nobody shall take it for hanging, whatever it runs.
    run([BIN / "nox", "--session", name], env=env, cwd=ROOT, silent=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
