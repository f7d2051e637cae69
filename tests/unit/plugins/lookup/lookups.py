# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lookup plugin of the collection as Ansible calls it."""

from __future__ import annotations

import types
import typing as t

import yaml
from ansible import constants


def look_up(plugin: types.ModuleType, *terms: t.Any, **options: t.Any) -> list[str]:
    """What the plugin returns for these terms and options."""
    name = f"evento.docker.{plugin.__name__.rpartition('.')[2]}"
    documented = yaml.safe_load(plugin.DOCUMENTATION)["options"]
    constants.config.initialize_plugin_configuration_definitions("lookup", name, documented)
    lookup = plugin.LookupModule()
    lookup._load_name = name
    found: list[str] = lookup.run(list(terms), {}, **options)
    return found
