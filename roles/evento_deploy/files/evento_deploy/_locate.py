# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where this program's collection is."""

from __future__ import annotations

import json
import re
import sys
import typing as t
from collections.abc import Iterable
from pathlib import Path

from ._errors import OTHER, DeployError

NAME = Path("ansible_collections", "evento", "docker")
SYSTEM_COLLECTIONS = Path("/usr/share/ansible/collections")


class Collection(t.NamedTuple):
    """The installed collection; ``path`` is ``<root>/ansible_collections/evento/docker``."""

    path: Path

    @property
    def root(self) -> Path:
        """The directory to name in Ansible's collection path."""
        return self.path.parents[2]

    @property
    def role_options(self) -> Path:
        """The file that describes the variables of the role evento_bundle."""
        return self.path / "roles" / "evento_bundle" / "meta" / "argument_specs.yml"

    def version(self) -> str:
        """The collection's version, from the manifest of an installed one, else from galaxy.yml."""
        manifest = self.path / "MANIFEST.json"
        if manifest.exists():
            return str(json.loads(manifest.read_text())["collection_info"]["version"])
        found = re.search(r"^version: *(\S+)", (self.path / "galaxy.yml").read_text(), re.MULTILINE)
        return found[1] if found else "unknown"


def find_collection(package: Path, home: Path) -> Collection:
    """The collection that holds ``package``, else the first one installed for this interpreter, user or system.

    The package's path is taken as it was called: in a virtual environment the collection can be a link to a checkout,
    and only the path through the link tells its name.

    :param package: absolute directory of this package
    :raises DeployError: if there is none
    """
    above = package.parents[3]
    if above.parts[-3:] == NAME.parts:
        return Collection(above)
    for root in _roots(home):
        if (root / NAME / "roles").is_dir():
            return Collection(root / NAME)
    raise DeployError(
        f"The collection evento.docker is neither around {package} nor installed;"
        " install it with: ansible-galaxy collection install evento.docker",
        OTHER,
    )


def collection_paths(home: Path) -> list[Path]:
    """The places where ``ansible-galaxy`` installs collections."""
    return [home / ".ansible" / "collections", SYSTEM_COLLECTIONS]


def _roots(home: Path) -> Iterable[Path]:
    yield from (Path(entry) for entry in sys.path[1:] if entry.endswith("-packages"))
    yield from collection_paths(home)
