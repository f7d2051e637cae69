# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings file: module options by their names, and what to run where."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping, Sequence
from pathlib import Path

from ._errors import DeployError

DEFAULT_FILE = Path("/etc/evento/deploy.yml")
DEFAULT_PLAYBOOK = "evento.docker.deploy"
PREFIX = "evento_bundle_"
# A call asks for one instance more, and Evento's publishing client gives up after 60 seconds. Evento Server holds a
# database connection for as long as a call lasts, so nobody waits for an instance that only adds to others.
DEFAULT_OPTIONS: Mapping[str, t.Any] = {"scale_by": 1, "wait_timeout": 45, "wait_added": 3}

_OWN_KEYS = ("inventory", "hosts", "playbook", "vault_password_file")
# The call's own, and what makes no sense where a call is about one bundle.
_NO_SETTINGS = ("bundle", "token", "bundles", "prune", "prune_all")
_NO_VAULT = (
    "encrypted values cannot stand here; set them as variables in the inventory, such as evento_bundle_env in its"
    " group_vars, and name the vault_password_file"
)
_COLLECTION_PLAYBOOK = re.compile(r"[a-z_]\w*\.[a-z_]\w*(?:\.[a-z_]\w*)+")


class Settings(t.NamedTuple):
    """How to run: options of the module, and what Ansible runs where.

    ``inventory`` has its sources (none: this host), ``hosts`` the pattern of those that the play runs on.
    """

    options: Mapping[str, t.Any] = DEFAULT_OPTIONS
    inventory: Sequence[str] = []
    playbook: str = DEFAULT_PLAYBOOK
    hosts: str = "localhost"
    vault_password_file: str | None = None


def load_settings(environ: Mapping[str, str], role_options: Path) -> Settings:
    """Read the file that EVENTO_DEPLOY_CONFIG names, or the default one if it exists.

    :param role_options: the role's argument_specs.yml, which tells the known options
    :raises DeployError: if the file cannot be read or does not make sense, or a file that it names does not exist
    """
    named = environ.get("EVENTO_DEPLOY_CONFIG")
    path = Path(named or DEFAULT_FILE).absolute()
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        if named:
            raise DeployError(f"the settings file {path} does not exist (EVENTO_DEPLOY_CONFIG names it)") from None
        return Settings()
    except OSError as error:
        raise DeployError(f"the settings file {path} cannot be read: {error.strerror}") from None
    settings = parse_settings(text, path, role_options)
    check_files(settings, path)
    return settings


def check_files(settings: Settings, path: Path) -> None:
    """Check that the files exist which the settings of the file ``path`` name.

    :raises DeployError: for the first one that does not
    """
    named = [("inventory", source) for source in settings.inventory if "," not in source]
    if not _is_collection_playbook(settings.playbook):
        named.append(("playbook", settings.playbook))
    if settings.vault_password_file:
        named.append(("vault_password_file", settings.vault_password_file))
    for key, name in named:
        if not Path(name).expanduser().exists():
            raise DeployError(f"{path}: {key}: {name} does not exist")


def parse_settings(text: bytes, path: Path, role_options: Path) -> Settings:
    """Understand the settings file's text; relative paths in it are relative to the file ``path``.

    :raises DeployError: if it does not make sense
    """
    values = _mapping(text, path)
    specs = _mapping(role_options.read_bytes(), role_options)["argument_specs"]["main"]["options"]
    known = {name.removeprefix(PREFIX): spec for name, spec in specs.items() if name.startswith(PREFIX)}
    for name in _NO_SETTINGS:
        known.pop(name, None)
    for key in values:
        if key not in known and key not in _OWN_KEYS:
            raise DeployError(f"{path}: unknown setting {key!r}{_nearest(str(key), [*known, *_OWN_KEYS])}")
    given = {key: value for key, value in values.items() if value is not None}
    inventory = _inventory(given.pop("inventory", []), path)
    hosts = _hosts(given.pop("hosts", None), inventory, path)
    playbook = _playbook(given.pop("playbook", DEFAULT_PLAYBOOK), path)
    vault_password_file = _vault_password_file(given.pop("vault_password_file", None), path)
    for key, value in given.items():
        if known[key].get("type") == "path" and isinstance(value, str):
            given[key] = _from_file(value, path)
    return Settings({**DEFAULT_OPTIONS, **given}, inventory, playbook, hosts, vault_password_file)


def _mapping(text: bytes, path: Path) -> dict[str, t.Any]:
    import yaml  # takes time, and most calls have no settings file

    try:
        values = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "unknown place"
        if "'!vault'" in str(error.problem):
            raise DeployError(f"{path}: {place}: {_NO_VAULT}") from None
        raise DeployError(f"{path}: {place}: not valid YAML: {error.problem or error.context}") from None
    except yaml.YAMLError:
        raise DeployError(f"{path}: not valid YAML: it has characters that YAML does not allow") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise DeployError(f"{path}: expected settings as 'name: value' lines, got a {type(values).__name__}")
    return values


def _nearest(key: str, known: list[str]) -> str:
    import difflib

    found = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
    return f"; did you mean {found[0]!r}?" if found else ""


def _inventory(value: t.Any, path: Path) -> list[str]:
    sources = value if isinstance(value, list) else [value]
    if not all(isinstance(source, str) and source for source in sources):
        raise DeployError(f"{path}: inventory: expected a path, a list of host names with commas, or a list of these")
    return [source if "," in source else _from_file(source, path) for source in sources]


def _hosts(value: t.Any, inventory: list[str], path: Path) -> str:
    if value is None:
        return "all" if inventory else "localhost"
    if not inventory:
        raise DeployError(f"{path}: hosts: there is nothing to choose from without an inventory; set inventory as well")
    patterns = value if isinstance(value, list) else [value]
    # Ansible would evaluate a template.
    understood = all(isinstance(pattern, str) and pattern and "{" not in pattern for pattern in patterns)
    if not patterns or not understood:
        raise DeployError(f"{path}: hosts: expected a pattern such as web:!web3, or a list of these")
    return ",".join(patterns)


def _playbook(value: t.Any, path: Path) -> str:
    if not isinstance(value, str) or not value:
        raise DeployError(f"{path}: playbook: expected a path or a name such as {DEFAULT_PLAYBOOK}")
    return value if _is_collection_playbook(value) else _from_file(value, path)


def _is_collection_playbook(value: str) -> bool:
    return bool(_COLLECTION_PLAYBOOK.fullmatch(value)) and not value.endswith((".yml", ".yaml"))


def _vault_password_file(value: t.Any, path: Path) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise DeployError(f"{path}: vault_password_file: expected a path")
    return _from_file(value, path)


def _from_file(value: str, path: Path) -> str:
    return value if value.startswith("~") else str(path.parent / value)
