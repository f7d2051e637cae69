# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of another release of Debian: made once, and again where they are not complete."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from lab import LabError, _debian, _packages
from lab._state import State

MIRROR = "http://mirror.example/debian/"


class Machine:
    """Has apt and mmdebstrap; `breaks` lets mmdebstrap end before it is done."""

    def __init__(self) -> None:
        self.breaks = False
        self.mirror = f"{MIRROR}\n{MIRROR}\n"
        self.made: list[list[str]] = []

    def run(self, command: t.Sequence[t.Any]) -> str:
        words = [str(word) for word in command]
        if words[0] == "apt-get":
            return self.mirror
        if words[0] == "mmdebstrap":
            self.made.append(words)
            dockerd = Path(words[-2], "usr/sbin/dockerd")
            dockerd.parent.mkdir(parents=True)
            if self.breaks:
                raise LabError("mmdebstrap ended with exit code 1")
            dockerd.touch()
        return ""


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(_debian, "run", machine.run)
    monkeypatch.setattr(_packages, "install", lambda *_programs: None)
    return machine


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path, "trixie")
    state.cache.mkdir()
    return state


def test_made_once_from_the_machines_mirror(machine: Machine, state: State) -> None:
    found = [_debian.programs(state, "trixie", ["docker.io", "iptables"]) for _again in range(2)]
    assert found[0] == found[1]
    assert (found[0] / "sbin/dockerd").exists()
    [words] = machine.made
    assert (words[-3], words[-1]) == ("trixie", MIRROR)
    assert "--include=docker.io,iptables" in words


def test_half_made_is_made_again(machine: Machine, state: State) -> None:
    machine.breaks = True
    with pytest.raises(LabError):
        _debian.programs(state, "trixie", ["docker.io", "iptables"])
    machine.breaks = False
    assert (_debian.programs(state, "trixie", ["docker.io", "iptables"]) / "sbin/dockerd").exists()
    assert len(machine.made) == 2


def test_machine_without_a_mirror_is_told_what_to_do(machine: Machine, state: State) -> None:
    machine.mirror = ""
    with pytest.raises(LabError, match="apt-get update"):
        _debian.programs(state, "trixie", ["docker.io", "iptables"])
