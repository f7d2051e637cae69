# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the options for volumes and file systems add to the container and to the docker run command."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._container.piece import Piece, repeated
from ansible_collections.evento.docker.plugins.module_utils._container.values import byte_size, unordered, unusable

# What the engine mounts a tmpfs with, unless told otherwise.
_TMPFS_DEFAULTS = {"rw", "noexec", "nosuid", "nodev"}


def volumes(volumes: list[str]) -> Piece:
    for entry in volumes:
        parts = entry.split(":")
        target = parts[0] if len(parts) == 1 else parts[1]
        if len(parts) > 3 or not all(parts) or not target.startswith("/"):
            raise unusable("volumes", entry, "[source:]/target[:mode], as in /srv/data:/data:ro")
    anonymous: dict[str, t.Any] = {entry: {} for entry in volumes if ":" not in entry}
    binds = unordered(_bind(entry) for entry in volumes if ":" in entry)
    return Piece(
        {"Volumes": anonymous} if anonymous else {},
        {"Binds": binds} if binds else {},
        repeated("--volume", volumes),
    )


def _bind(volume: str) -> str:
    source, target, *modes = volume.split(":")
    # rw is what holds without a mode.
    given = sorted({mode for text in modes for mode in text.split(",")} - {"rw"})
    return ":".join([source, target, *([",".join(given)] if given else [])])


def tmpfs(mounts: list[str]) -> Piece:
    options = {}
    for index, entry in enumerate(mounts):
        path, _colon, given = entry.partition(":")
        if not path.startswith("/"):
            raise unusable(f"tmpfs[{index}]", entry, "/path[:options], as in /run:size=64m,mode=1777")
        written = {_tmpfs_option(f"tmpfs[{index}]", option) for option in given.split(",") if option}
        options[path] = ",".join(unordered(written - _TMPFS_DEFAULTS))
    return Piece({}, {"Tmpfs": options}, repeated("--tmpfs", mounts))


def _tmpfs_option(path: str, option: str) -> str:
    name, _equals, value = option.partition("=")
    # A part of the memory stays one.
    if name == "size" and not value.endswith("%"):
        return f"size={byte_size(path, value)}"
    return f"mode={value.lstrip('0')}" if name == "mode" else option
