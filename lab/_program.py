# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine as a program: its words, and the place that it runs in."""

from __future__ import annotations

import subprocess
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Program:
    """What starts an engine: its `words`, and the `environment` that it gets to see.

    `set_up` is what a shell does before, in namespaces of its own, and `arguments` are that shell's $1 and so on;
    `namespaces` are flags of unshare beside that of the mounts.
    """

    words: Sequence[str]
    environment: Mapping[str, str]
    set_up: str
    arguments: Sequence[str]
    namespaces: Sequence[str] = ()

    def launch(self, pid: Path, log: Path, usr: Path | None) -> None:
        """Start it; returns at once.

        :param pid: gets its process id.
        :param log: gets what it prints.
        :param usr: what its /usr shall be, if not the machine's.
        """
        # The mounts of containers lie in the same namespace as its own mounts and vanish with the engine.
        enter = ["setsid", "--fork", "unshare", "--mount", *self.namespaces, "--propagation", "slave"]
        script = f"""
echo $$ >"$1"
usr=$2
shift 2
{self.set_up}
if [ -n "$usr" ]; then mount --bind "$usr" /usr; fi
shift {len(self.arguments)}
exec "$@"
"""
        given: list[t.Any] = [pid, usr or "", *self.arguments, *self.words]
        with log.open("wb") as output:
            subprocess.run(
                [*enter, "sh", "-c", script, "sh", *map(str, given)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=self.environment,
                check=True,
            )
