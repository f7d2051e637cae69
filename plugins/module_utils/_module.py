# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: no promise of stability is made for what is in here.

"""How every module of this collection ends."""

from __future__ import annotations

import gc
import os
import traceback
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.evento.docker.plugins.module_utils._errors import OTHER, EventoError

_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def finish(module: AnsibleModule, work: t.Callable[[], dict[str, t.Any]]) -> None:
    """Do a module's work and end with its result, or with one sentence on what went wrong.

    :param work: returns the module's result; its warnings stand under warnings.
    """
    # Results are made without secrets. Masking them once more would blank out every place where a value of the
    # environment, such as "true", happens to stand for something else.
    module.no_log_values.clear()
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
    result["invocation"] = {"module_args": _shown(module)}
    # Python would look through all objects for garbage before it ends.
    gc.freeze()
    # Outside of the except clauses: fail_json would add the pending exception's traceback.
    if failed:
        module.fail_json(**result)
    else:
        module.exit_json(**result)


def _shown(module: AnsibleModule) -> dict[str, t.Any]:
    secret = {name for name, spec in module.argument_spec.items() if spec.get("no_log")}
    return {name: _HIDDEN if name in secret and value else value for name, value in module.params.items()}
