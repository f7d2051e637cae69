# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook in a fork of this program: Python is started, and what both need is imported, only once."""

from __future__ import annotations

import atexit
import gc
import os
import re
import signal
import sys
import traceback
import typing as t
from collections.abc import Mapping, Sequence
from contextlib import suppress

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# Of Ansible's table of what is where: the names of old, thousands of them, by what they are called today.
_OLD_NAMES = re.compile(rb"^(?:plugin_routing|action_groups):\n(?:[ #].*\n|\n)*", re.MULTILINE)


class Program(t.NamedTuple):
    """A run of ansible-playbook.

    :param arguments: without the program's name
    :param environ: its whole environment
    :param output: descriptor that takes the place of its standard output and error; None for this program's own
    :param plain: it runs the collection's own playbook on this host alone, and the settings hold nothing but options
    """

    arguments: Sequence[str]
    environ: Mapping[str, str]
    output: int | None
    plain: bool


def start(program: Program) -> int:
    """Start it in a session of its own; the number of the process, which from now on takes signals as any other."""
    ready, begun = os.pipe()
    process = os.fork()
    if not process:
        _begin(program, begun)
    os.close(begun)
    os.read(ready, 1)  # nothing ever comes; it returns once the other end is closed
    os.close(ready)
    return process


def _begin(program: Program, begun: int) -> t.NoReturn:
    status = 1
    try:
        os.setsid()
        for number in STOP_SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.close(begun)
        sys.excepthook = sys.__excepthook__
        status = _run(program)
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        # What Python would do at its end is not worth its time.
        os._exit(status)


def _run(program: Program) -> int:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if program.output is not None:
        os.dup2(program.output, 1)
        os.dup2(program.output, 2)
    os.chdir("/")
    os.environ.clear()
    os.environ.update(program.environ)
    del sys.path[0]
    sys.argv = ["ansible-playbook", *program.arguments]
    try:
        if program.plain:
            _leave_out()
        from ansible.cli.playbook import main

        # Looking for garbage every few hundred objects would take a fifth of the time of a run that makes next to none.
        gc.freeze()
        gc.set_threshold(100_000, 50, 50)
        gc.enable()
        main()
    except SystemExit as end:
        if isinstance(end.code, int):
            return end.code
        sys.stderr.write(f"{end.code}\n")
        return 1
    return 0


def _leave_out() -> None:
    """Spare Ansible what the collection's own playbook on this host has no use for: a quarter of its time.

    It names no plugin as it was called before there were collections, has nothing from a vault, and no other
    connection than the local one; that is found without having been loaded before.
    """
    for name in ("paramiko", "cryptography"):
        sys.modules.setdefault(name, t.cast(t.Any, None))
    # These names are Ansible's own affair: a release that has them no more only takes its whole time.
    with suppress(ImportError, AttributeError):
        from ansible.executor import playbook_executor

        for name in ("connection_loader", "shell_loader", "become_loader"):
            setattr(playbook_executor, name, _NothingToLoad)
        from ansible.utils.collection_loader import _collection_finder as finder

        read = finder._meta_yml_to_dict
        finder._meta_yml_to_dict = lambda text, name: read(_OLD_NAMES.sub(b"", text), name)


class _NothingToLoad:
    """In place of Ansible's loader of the plugins of one kind."""

    @staticmethod
    def all(**_options: t.Any) -> t.Iterator[t.Any]:
        return iter(())
