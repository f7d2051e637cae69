#!/bin/sh
# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prints path and version of the first of the interpreters in the arguments that ansible-core runs on, and "venv" if it can
# make virtual environments; nothing if there is none. Debian's Python has the module venv, but not ensurepip, which it needs.
for name in "$@"; do
    "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    "$name" -c '
import importlib.util, sys
venv = all(map(importlib.util.find_spec, ("venv", "ensurepip")))
print(sys.executable, "%d.%d" % sys.version_info[:2], "venv" if venv else "bare")
'
    exit
done
