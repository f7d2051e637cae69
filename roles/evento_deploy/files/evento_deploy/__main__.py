# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start of the program. Every Python can parse this file, so that an unfit one gets a sentence, not a traceback.

It runs twice: first it hides the arguments from the process list, then it does what they ask for.
"""

import gc
import os
import signal
import sys

# Before there is something to stop, Ctrl-C ends this program as it ends any other, without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)

if sys.version_info < (3, 11):
    sys.stderr.write(
        "evento-deploy: error: %s is Python %d.%d; ansible-core needs 3.11 or later: set EVENTO_DEPLOY_PYTHON to one"
        " that has it\n" % ((sys.executable,) + sys.version_info[:2])
    )
    sys.exit(2)

# Python put this directory on the path; its parent is what makes the package importable.
sys.path[0] = os.path.dirname(os.path.abspath(sys.path[0]))

# Garbage is not worth looking for in a program this short, not even at its end.
gc.disable()

from evento_deploy._arguments import execute_without, stored_arguments

arguments = stored_arguments()
if arguments is None:
    execute_without(sys.argv)

from evento_deploy._main import main

# Not by way of sys.exit: a signal that comes while Python tidies up would have its default effect again.
os._exit(main(arguments))
