# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A look at instances, beside the bundles that they are of where those are given."""

from __future__ import annotations

import typing as t

from ansible_collections.evento.docker.plugins.module_utils._engine.client import connect
from ansible_collections.evento.docker.plugins.module_utils._run.backends import make_backend
from ansible_collections.evento.docker.plugins.module_utils._run.entries import take_orders
from ansible_collections.evento.docker.plugins.module_utils._run.images import Images
from ansible_collections.evento.docker.plugins.module_utils._run.options import BUNDLE_ARGS, ENTRY_ARGS
from ansible_collections.evento.docker.plugins.module_utils._run.order import Order, take_order
from ansible_collections.evento.docker.plugins.module_utils._run.report import info_rows, version_row
from ansible_collections.evento.docker.plugins.module_utils._run.run import Connect

# What a look is not asked for, such as how many instances are to run.
_DEFAULTS = {name: option.get("default") for name, option in BUNDLE_ARGS.items()}


def look(params: dict[str, t.Any], connect: Connect = connect) -> dict[str, t.Any]:
    """Find instances, and compare them with what new ones would be.

    :param params: the info module's options.
    :param connect: makes the SDK's client for the engine that the options name.
    :returns: the module's result.
    :raises EventoError: a bundle or an option is not usable, or the engine does not tell.
    """
    orders = _take_orders({**_DEFAULTS, **params})
    if params["id"] is not None:
        orders = [order for order in orders if order.bundle.id == params["id"]]
    backend = make_backend(params, connect)
    # Nothing is pulled.
    images = Images(backend, check_mode=True)
    warnings: list[str] = []
    specs = {order.bundle.id: _fingerprint(order, images, warnings) for order in orders}
    named = [*specs] if params["id"] is None else [params["id"]]
    found = backend.observe(named[0] if len(named) == 1 else None)
    return {
        "changed": False,
        "bundles": [_bundle_row(order) for order in orders],
        "instances": info_rows([one for one in found if not named or one.bundle_id in named], specs),
        "warnings": list(dict.fromkeys(warnings)),
    }


def _take_orders(params: dict[str, t.Any]) -> list[Order]:
    if params["bundle"] is not None:
        return [take_order(params)]
    return take_orders(params, ENTRY_ARGS) if params["bundles"] is not None else []


def _fingerprint(order: Order, images: Images, warnings: list[str]) -> str:
    """That of an up-to-date instance; empty where there is none to compare with."""
    if order.container is None:
        return ""
    name = order.params["image"]
    image = images.find(name, "never").image
    if image is None:
        warnings.append(
            f"Whether instances are up to date cannot be told without the image {name}: build, load or pull it there."
        )
        return ""
    return order.blueprint(order.container, image).fingerprint


def _bundle_row(order: Order) -> dict[str, t.Any]:
    return {
        "id": order.bundle.id,
        "version": version_row(order.bundle.version),
        "min_instances": order.bundle.min_instances,
        "max_instances": order.bundle.max_instances,
    }
