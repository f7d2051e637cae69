# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How every module of this collection begins and ends."""

from __future__ import annotations

import gc
import os
import traceback
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.validation import check_type_dict

from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import without_credentials
from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, OTHER, EventoError
from ansible_collections.evento.docker.plugins.module_utils._run.arguments import kind_of, misfits

# Ansible's own masking leaves this text as it is.
_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def _as_text(value: t.Any) -> str:
    # A key of digits only comes as a number from YAML.
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    raise TypeError


# Per type of a secret option: what takes its place before Ansible, how its value is read, and what was expected of it.
_SECRET_TYPES: dict[str, tuple[t.Any, t.Callable[[t.Any], t.Any], str]] = {
    "str": (_HIDDEN, _as_text, "a string"),
    "dict": ({}, check_type_dict, "an object"),
    "raw": (_HIDDEN, lambda value: value, "a value"),
}


class EventoModule(AnsibleModule):
    """An AnsibleModule that never sees the values of its secret options, those with no_log, while it checks them.

    So no message of Ansible's can repeat one, and its masking has nothing to look for: that would blank out
    every place where a short secret, or a value of the environment such as "true", stands for something else.
    Secret options have a type of _SECRET_TYPES, and neither aliases nor suboptions. Afterwards params has their values.

    :param argument_spec: as for AnsibleModule, as are the rest.
    """

    def __init__(self, argument_spec: dict[str, dict[str, t.Any]], **checks: t.Any) -> None:
        self._secrets: dict[str, t.Any] = {}
        self._faults: list[str] = []
        self._checked = False
        super().__init__(argument_spec=argument_spec, **checks)
        self._checked = True
        if self._faults:
            self.fail_json(" ".join(self._faults), failure=INVALID_INPUT)
        self.params.update(self._secrets)
        self.no_log_values.clear()

    def _load_params(self) -> None:
        super()._load_params()
        self._faults += misfits(self.argument_spec, self.params)
        for name, option in self.argument_spec.items():
            value = self.params.get(name)
            if option.get("no_log") and value is not None:
                self.params[name], read, expected = _SECRET_TYPES[option["type"]]
                try:
                    self._secrets[name] = read(value)
                except (TypeError, ValueError):
                    self._faults.append(f"{name}: expected {expected}, got {kind_of(value)}.")

    def exit_json(self, **result: t.Any) -> None:
        """End with a result.

        :param result: its keys; made without secrets.
        """
        super().exit_json(**self._completed(result))

    def fail_json(self, msg: str, **result: t.Any) -> None:
        """End with a failure.

        :param msg: one sentence, without secrets.
        :param result: further keys of the result.
        """
        if not self._checked:
            msg = " ".join([*self._faults, msg])
            result = {"failure": INVALID_INPUT, **result}
        super().fail_json(msg, **self._completed(result))

    def _completed(self, result: dict[str, t.Any]) -> dict[str, t.Any]:
        return {**result, "invocation": {"module_args": self._shown()}}

    def _shown(self) -> dict[str, t.Any]:
        """The options without secrets, and only options: the value of a mistyped one may be a secret, too."""
        shown = {name: value for name, value in self.params.items() if name in self.argument_spec}
        if isinstance(shown.get("server_url"), str):
            shown["server_url"] = without_credentials(shown["server_url"])
        secret = {name for name, option in self.argument_spec.items() if option.get("no_log")}
        return {name: _HIDDEN if name in secret and value is not None else value for name, value in shown.items()}


def finish(module: EventoModule, work: t.Callable[[], dict[str, t.Any]]) -> None:
    """Do a module's work and end with its result, or with one sentence on what went wrong.

    :param work: returns the module's result; its warnings stand under warnings.
    """
    failed = False
    try:
        result = work()
    except EventoError as exc:
        failed, result = True, {"msg": str(exc), **exc.result}
    except Exception as exc:
        # No traceback reaches a user, and the text of an unforeseen error could hold a secret.
        place = traceback.extract_tb(exc.__traceback__)[-1]
        where = f"{type(exc).__name__} in {os.path.basename(place.filename)}, line {place.lineno}"
        failed, result = True, {"msg": f"Internal error: {where}. Please report it.", "failure": OTHER}
    for warning in result.pop("warnings", []):
        module.warn(warning)
    if not module._diff:
        result.pop("diff", None)
    # Python would look through all objects for garbage before it ends.
    gc.freeze()
    # Outside of the except clauses: fail_json would add the pending exception's traceback.
    if failed:
        module.fail_json(**result)
    else:
        module.exit_json(**result)
