# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Volumes and file systems in memory, which are mounts to a swarm."""

from __future__ import annotations

import csv
import io
import typing as t

from ansible_collections.evento.docker.plugins.module_utils._swarm.part import (
    Part,
    Shape,
    container_part,
    escaped,
    refused,
)

_PROPAGATIONS = ("private", "rprivate", "shared", "rshared", "slave", "rslave")

Mount = dict[str, t.Any]


def volumes(volumes: t.Sequence[str], _shape: Shape) -> Part:
    return _mounts([_volume(entry) for entry in volumes])


def tmpfs(_given: t.Any, shape: Shape) -> Part:
    return _mounts([_in_memory(path, options) for path, options in sorted(shape["HostConfig"]["Tmpfs"].items())])


def _volume(entry: str) -> Mount:
    if ":" not in entry:
        return {"Type": "volume", "Target": escaped(entry)}
    source, target, *modes = entry.split(":")
    kind = "bind" if source.startswith("/") else "volume"
    mount: Mount = {"Type": kind, "Source": escaped(source), "Target": escaped(target)}
    for mode in {mode for text in modes for mode in text.split(",")} - {"rw", ""}:
        if mode == "ro":
            mount["ReadOnly"] = True
        elif mode in _PROPAGATIONS and kind == "bind":
            mount["BindOptions"] = {"Propagation": mode}
        elif mode == "nocopy" and kind == "volume":
            mount["VolumeOptions"] = {"NoCopy": True}
        else:
            raise refused("volumes", f"a swarm does not know the mode {mode}: leave it out")
    return mount


def _in_memory(path: str, options: str) -> Mount:
    known: dict[str, int] = {}
    for option in filter(None, options.split(",")):
        name, _equals, value = option.partition("=")
        if name == "size" and value.isdecimal():
            known["SizeBytes"] = int(value)
        elif name == "mode":
            known["Mode"] = int(value, 8)
        else:
            raise refused("tmpfs", f"a swarm does not know the option {option}: name size and mode at most")
    return {"Type": "tmpfs", "Target": escaped(path), **({"TmpfsOptions": known} if known else {})}


def _mounts(mounts: t.Sequence[Mount]) -> Part:
    return container_part("Mounts", [word for mount in mounts for word in ("--mount", _words(mount))], list(mounts))


def _words(mount: Mount) -> str:
    """A mount as docker service create takes it."""
    words = [f"type={mount['Type']}"]
    words += [f"source={mount['Source']}"] if "Source" in mount else []
    words += [f"target={mount['Target']}"]
    words += ["readonly"] if mount.get("ReadOnly") else []
    words += [f"bind-propagation={mount['BindOptions']['Propagation']}"] if "BindOptions" in mount else []
    words += ["volume-nocopy"] if "VolumeOptions" in mount else []
    in_memory = mount.get("TmpfsOptions", {})
    words += [f"tmpfs-size={in_memory['SizeBytes']}"] if "SizeBytes" in in_memory else []
    words += [f"tmpfs-mode={in_memory['Mode']:o}"] if "Mode" in in_memory else []
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(words)
    return line.getvalue()
