# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the options that limit an instance's resources add to the container and to the docker run command."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError
from ansible_collections.evento.docker.plugins.module_utils._container.piece import Piece, repeated
from ansible_collections.evento.docker.plugins.module_utils._container.values import TOO_MUCH, byte_size, unusable

_UNLIMITED = -1
_NO_LIMIT = ("unlimited", str(_UNLIMITED))
# The kernel's bounds, and what a CPU has without the option.
_SHARES = range(2, 2**18 + 1)
_CPU_RANGE = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?", re.ASCII)
# Those that the engine knows: docker/go-units ulimit.go.
_ULIMITS = "core|cpu|data|fsize|locks|memlock|msgqueue|nice|nofile|nproc|rss|rtprio|rttime|sigpending|stack"
_ULIMIT = re.compile(rf"(?P<name>{_ULIMITS}):(?P<soft>-1|\d{{1,18}})(?::(?P<hard>-1|\d{{1,18}}))?", re.ASCII)


def memory(size: str) -> Piece:
    return Piece({}, {"Memory": byte_size("memory", size)}, ["--memory", size])


def memory_reservation(size: str) -> Piece:
    reserved = byte_size("memory_reservation", size)
    return Piece({}, {"MemoryReservation": reserved}, ["--memory-reservation", size])


def memory_swap(size: str) -> Piece:
    if size in _NO_LIMIT:
        return Piece({}, {"MemorySwap": _UNLIMITED}, ["--memory-swap", str(_UNLIMITED)])
    return Piece({}, {"MemorySwap": byte_size("memory_swap", size)}, ["--memory-swap", size])


def check_memory(options: t.Mapping[str, t.Any]) -> None:
    """See to it that the sizes go together, as the engine wants it.

    :param options: memory, memory_swap and memory_reservation, each for itself usable.
    :raises EventoError: they do not.
    """
    memory_size, reserved, swap = options["memory"], options["memory_reservation"], options["memory_swap"]
    limit = byte_size("memory", memory_size) if memory_size else TOO_MUCH
    if reserved and byte_size("memory_reservation", reserved) > limit:
        raise unusable("memory_reservation", reserved, f"at most memory ({memory_size})")
    if not swap or swap in _NO_LIMIT:
        return
    if not memory_size:
        raise EventoError("memory_swap: needs memory, since it is the sum of memory and swap space.", INVALID_INPUT)
    if byte_size("memory_swap", swap) < limit:
        raise unusable("memory_swap", swap, f"at least memory ({memory_size}), since it is the sum with swap space")


def cpus(cpus: float) -> Piece:
    # Not a number is neither more nor less than anything.
    # The engine counts in billionths, and takes 0 for no limit.
    if not 0.5 < cpus * 10**9 < TOO_MUCH:
        raise unusable("cpus", f"{cpus:g}", "a number above 0, such as 1.5")
    return Piece({}, {"NanoCpus": round(cpus * 10**9)}, ["--cpus", f"{cpus:g}"])


def cpu_shares(shares: int) -> Piece:
    if shares == 0:
        return Piece({}, {}, [])
    if shares not in _SHARES:
        raise unusable("cpu_shares", str(shares), f"a number from {_SHARES[0]} to {_SHARES[-1]}, or 0 for the default")
    return Piece({}, {"CpuShares": shares}, ["--cpu-shares", str(shares)])


def cpuset_cpus(cpus: str) -> Piece:
    numbers: set[int] = set()
    for part in cpus.split(","):
        match = _CPU_RANGE.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first:
            raise unusable("cpuset_cpus", cpus, "numbers of CPUs and ranges from low to high, as in 0-2,5")
        numbers.update(range(first, last + 1))
    return Piece({}, {"CpusetCpus": ",".join(map(str, sorted(numbers)))}, ["--cpuset-cpus", cpus])


def pids_limit(limit: int) -> Piece:
    if limit < _UNLIMITED:
        raise unusable("pids_limit", str(limit), "a number above 0, or -1 for no limit")
    # 0 is another way to say it.
    return Piece({}, {"PidsLimit": limit or _UNLIMITED}, ["--pids-limit", str(limit)])


def ulimits(limits: list[str]) -> Piece:
    found = {}
    for index, limit in enumerate(limits):
        match = _ULIMIT.fullmatch(limit)
        if not match:
            names = _ULIMITS.replace("|", ", ")
            raise unusable(f"ulimits[{index}]", limit, f"name:soft[:hard], the name one of {names}")
        soft, hard = int(match["soft"]), int(match["hard"] or match["soft"])
        if hard != _UNLIMITED and not _UNLIMITED < soft <= hard:
            raise unusable(f"ulimits[{index}]", limit, "a soft limit that is not above the hard one")
        found[match["name"]] = {"Name": match["name"], "Soft": soft, "Hard": hard}
    words = [f"{one['Name']}={one['Soft']}:{one['Hard']}" for one in found.values()]
    return Piece({}, {"Ulimits": [found[name] for name in sorted(found)]}, repeated("--ulimit", words))
