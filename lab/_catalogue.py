# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the REST API of Evento Server tells of its bundles, as `BundleController.java` of v1.15 does."""

from __future__ import annotations

import json
import time
import typing as t
from collections.abc import Mapping
from decimal import Decimal

# `BundleListProjection.java` and `BundleDto.java`, without what comes of handlers.
_LISTED = ("id", "version", "autorun", "deployable", "bucketType", "description")
_WHOLE = (
    *("id", "version", "bucketType", "artifactCoordinates", "artifactOriginalName", "containsHandlers"),
    *("environment", "vmOptions", "detail", "description", "autorun", "deployable", "minInstances", "maxInstances"),
    *("updatedAt", "linePrefix"),
)
_DEFAULTS: dict[str, t.Any] = {"version": 0, "minInstances": 0, "maxInstances": 64, "environment": {}, "vmOptions": {}}
_SWITCHES = ("autorun", "deployable", "containsHandlers")
_HANDLER = {"uuid": "0b7c", "handlerType": "CommandHandler", "returnIsMultiple": False, "invocations": {}, "line": 42}


class Catalogue:
    """The bundles that a server knows, as text."""

    def __init__(self) -> None:
        self._bundles: dict[str, dict[str, t.Any]] = {}

    def add(self, bundle: Mapping[str, t.Any]) -> None:
        """Tell of a bundle from now on: as the deploy script is given it, with updatedAt in seconds since 1970."""
        known = {**_DEFAULTS, **dict.fromkeys(_SWITCHES, False), **bundle}
        known["updatedAt"] = _as_kept(known["updatedAt"]) if "updatedAt" in known else None
        self._bundles[str(bundle["id"])] = known

    def answer(self, name: str) -> bytes | None:
        """The whole bundle of that name, or where there is no name the list; None where nobody knows the bundle."""
        if not name:
            return _json([_listed(bundle) for bundle in self._bundles.values()])
        bundle = self._bundles.get(name)
        return None if bundle is None else _json(_whole(bundle))


def _listed(bundle: dict[str, t.Any]) -> dict[str, t.Any]:
    return {**{key: bundle.get(key) for key in _LISTED}, "components": "1", "domains": "orders"}


def _whole(bundle: dict[str, t.Any]) -> dict[str, t.Any]:
    handler = {**_HANDLER, "bundleId": bundle["id"]}
    return {**{key: bundle.get(key) for key in _WHOLE}, "handlers": [handler], "domains": ["orders"]}


def _as_kept(seconds: float) -> str:
    """An instant as Jackson writes what PostgreSQL kept of it: microseconds."""
    microseconds = int((Decimal(str(seconds)) * 10**6).to_integral_value())
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(microseconds // 10**6))
    return f"{moment}.{microseconds % 10**6:06d}Z"


def _json(value: t.Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
