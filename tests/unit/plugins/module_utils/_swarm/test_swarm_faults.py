# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which words of a swarm are shown."""

from __future__ import annotations

import pytest

from ansible_collections.evento.docker.plugins.module_utils._swarm.faults import telling


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ('expanding env failed: expanding env "A=geheim{{foo}}": template', ""),
        ("No such image: registry/app@sha256:0123", "No such image: see to it that each node can pull it"),
        (
            'invalid mount config for type "bind": bind source path does not exist: /srv/geheim',
            "bind source path does not exist: create the directory on each node",
        ),
        (
            "no suitable node (scheduling constraints not satisfied on 5 nodes)",
            "no suitable node (scheduling constraints not satisfied on 5 nodes): see constraints",
        ),
        ("This node is not a swarm manager. Worker nodes can't", "node is not a swarm manager: name a manager"),
        ("starting container failed: failed to set geheim", ""),
    ],
)
def test_words(words: str, shown: str) -> None:
    assert telling(words).startswith(shown)
    assert bool(telling(words)) is bool(shown)
    assert "geheim" not in telling(words)
