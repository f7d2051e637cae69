# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Ansible runs the module evento_bundle: on the control node itself from where the collection lies.

For every other host Ansible packs the module with all that it imports, and the host compiles that anew at each run.
Here both are for nothing: Python has the bytecode of what is installed, and that takes half of a run's time.
"""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

import ansible
from ansible.executor import module_common
from ansible.plugins.action.normal import ActionModule as NormalAction

_NAME = "ansible_collections.evento.docker.plugins.modules.evento_bundle"
_COLLECTIONS = str(Path(__file__).absolute().parents[4])
_ANSIBLE = str(Path(ansible.__file__).parents[1])
# Ansible gives this to the interpreter by a pipe, or in a file; on sys.path, Ansible takes the place of the directory
# that the file, or the shell, is in. The collection is found under its name alone: beside it can lie other packages,
# those of another Python too, and this Python can have another release of the collection.
_PROGRAM = """
import sys
sys.path[:1] = [{ansible!r}]
import runpy
import types
sys.modules["ansible_collections"] = types.ModuleType("ansible_collections")
sys.modules["ansible_collections"].__path__ = [{collections!r}]
from ansible.module_utils import basic
basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = {arguments!r}, "legacy"
runpy.run_module({name!r}, run_name="__main__", alter_sys=True)
"""


class ActionModule(NormalAction):
    """The action of every module, but for what it gives to the interpreter where that is the control node's own."""

    def _configure_module(self, module_name: str, module_args: dict[str, t.Any], task_vars: dict[str, t.Any]) -> t.Any:
        program = self._program(module_args) if self._is_here(task_vars) else None
        if program is None:
            return super()._configure_module(module_name, module_args, task_vars)
        shebang = f"#!{sys.executable}"
        path = f"{_NAME.rpartition('.')[2]}.py"
        if not hasattr(module_common, "_BuiltModule"):  # ansible-core 2.18
            return "new", shebang, program, path
        built = module_common._BuiltModule(
            b_module_data=program, module_style="new", shebang=shebang, serialization_profile="legacy"
        )
        return built, path

    def _is_here(self, task_vars: dict[str, t.Any]) -> bool:
        """Whether the module would run under this interpreter, as this user, and be waited for."""
        if self._connection.transport != "local" or self._connection.become or self._task.async_val:
            return False
        host = self._task.delegate_to
        interpreter = (task_vars["ansible_delegated_vars"][host] if host else task_vars).get(
            "ansible_python_interpreter"
        )
        return self._templar.template(interpreter) == sys.executable

    def _program(self, module_args: dict[str, t.Any]) -> bytes | None:
        """What the interpreter runs; None where only Ansible can write the arguments out, as those from a vault."""
        try:
            arguments = json.dumps({"ANSIBLE_MODULE_ARGS": module_args}).encode()
        except TypeError:
            return None
        return _PROGRAM.format(ansible=_ANSIBLE, collections=_COLLECTIONS, arguments=arguments, name=_NAME).encode()
