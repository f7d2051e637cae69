# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How every module of this collection begins and ends."""

from __future__ import annotations

import gc
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.evento.docker.plugins.module_utils._artifact.artifact import without_credentials
from ansible_collections.evento.docker.plugins.module_utils._base.errors import INVALID_INPUT, EventoError, unforeseen
from ansible_collections.evento.docker.plugins.module_utils._bundle.json import Place
from ansible_collections.evento.docker.plugins.module_utils._run.arguments import read_value

# Ansible's own masking leaves this text as it is.
_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
# Per type of a secret option: what takes its place before Ansible.
_PLACEHOLDERS: dict[str, t.Any] = {"str": _HIDDEN, "raw": _HIDDEN, "dict": {}, "list": []}


class EventoModule(AnsibleModule):
    """An AnsibleModule that refuses values of a wrong type with their path, and that knows no secret while it checks.

    Ansible's own checks never see the values of its secret options, those with no_log. So no message of Ansible's can
    repeat one, and its masking has nothing to look for: that would blank out every place where a short secret, or a
    value of the environment such as "true", stands for something else.
    Secret options have a type of _PLACEHOLDERS, and neither aliases nor suboptions. Afterwards params has their values.

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
        for name, option in self.argument_spec.items():
            for key in (name, *option.get("aliases", ())):
                if self.params.get(key) is not None:
                    self._read(key, option)

    def _read(self, key: str, option: dict[str, t.Any]) -> None:
        faults: list[str] = []
        value = read_value(Place(None, key), option, self.params[key], faults)
        self._faults += faults
        if option.get("no_log"):
            self._secrets[key], value = value, _PLACEHOLDERS[option["type"]]
        self.params[key] = value
        if faults:
            # Ansible is not to complain about it once more.
            self.params[key] = option.get("default")

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
        # No traceback reaches a user.
        error = unforeseen(exc)
        failed, result = True, {"msg": str(error), **error.result}
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
