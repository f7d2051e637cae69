# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals as a server's programs find them, whoever runs the tests: nohup and shells let some of them be ignored."""

from __future__ import annotations

import signal

_HANDED_ON = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE)


def default_signals() -> None:
    """Give each signal its default again; for preexec_fn of subprocess, because what is ignored is inherited."""
    for number in _HANDED_ON:
        signal.signal(number, signal.SIG_DFL)
