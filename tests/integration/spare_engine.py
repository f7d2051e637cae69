# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker engine for faults, beside that of the lab, which others use at the same time."""

from __future__ import annotations

from tests.integration.isolated_engine import IsolatedEngine


class SpareEngine(IsolatedEngine):
    """Its network has a loopback interface and nothing else: its containers need the network mode none or host."""

    def __init__(self) -> None:
        super().__init__("spare")

    @property
    def flags(self) -> list[str]:
        # Without a bridge there is no address that host.docker.internal could have.
        no_gateway = "--host-gateway-ip=127.0.0.1"
        return ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", no_gateway]
