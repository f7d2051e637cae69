# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names of services. Pure."""

from __future__ import annotations

import re

from ansible_collections.evento.docker.plugins.module_utils._container.slug import slot_in, slug

# A service's name: moby daemon/cluster and swarmkit manager/controlapi/common.go, validateAnnotations.
_REFUSED = re.compile(r"[^a-zA-Z0-9_-]")
# Of the 63 characters of a name; the rest is for a hash, a slot and the end of a standby's name.
_LONGEST_SLUG = 29
_STANDBY = re.compile(r"-[a-z0-9]{5}-standby\Z")


def service_slug(bundle_id: str) -> str:
    """The part of a service's name that stands for a bundle; different ids get different ones."""
    return slug(bundle_id, _REFUSED, _LONGEST_SLUG)


def standby_name(name: str, service_id: str) -> str:
    """The name of the service that keeps what is needed to start an instance again.

    Runs that replace the same instance take the same name, so that only one of them creates it; nobody else would. It
    is not that of an instance: it does not end with a number.
    """
    return f"{name}-{service_id[:5]}-standby"


def slot_of(name: str, bundle_id: str) -> int | None:
    """The number of an instance, or of the one that a standby is for; None for a name that is not of our making."""
    return slot_in(_STANDBY.sub("", name), service_slug(bundle_id))
