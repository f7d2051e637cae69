# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages that a user can read, from the source; what is only known in a run is written as an ellipsis."""

from __future__ import annotations

import ast
import re
import typing as t
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
SOURCES = sorted([*ROOT.glob("plugins/**/*.py"), *ROOT.glob("roles/evento_deploy/files/**/*.py")])
TASKS = sorted([*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/*.yml")])
SCRIPTS = [
    ROOT / "roles/evento_bundle/files/evento-bundle-container/entrypoint.sh",
    ROOT / "roles/evento_deploy/files/evento-deploy",
]
OPEN = "…"
# Of Ansible, raised by plugins.
_ANSIBLES = {"AnsibleActionFail", "AnsibleError", "AnsibleFilterError", "AnsibleLookupError"}
# What another run did is told within a message of its own only: "Other runs have been changing ...".
_INNER = {"OvertakenError"}
# Tables of what others say, as patterns, with the next step; and of what statuses mean.
_OF_STEPS = {"_KNOWN", "_NEXT_STEPS", "_NO_MANAGER"}
_OF_STATUSES = {"_REFUSED", "_REFUSED_BY_OTHERS", "_REFUSED_BY_SERVER"}
# Functions that are told what is being done, for "Could not ...".
_TRANSLATORS = {"_asking", "_doing", "_or_removed", "_unless_gone", "asking", "giving", "translated"}
# The rest of such a message is not ours.
_COULD_NOT = "Could not"
_OF_WRAPPER = "evento-deploy: error: "
# How the lookup evento.docker.bundles begins.
_OF_SERVER = "Evento Server at … "
_FAIL = re.compile(r'fail [\d"$]\S* "(.*?)"(?: ;;|$)', re.M)
# Functions that say why a swarm cannot have an option, in their second argument.
_REFUSALS = {"_not", "refused"}
# Functions whose results are parts of messages.
_SPEAKERS = {"_asking", "_diagnosed", "_explain", "_strangers", "server_warnings", "warnings"}


@cache
def whole_messages() -> set[str]:
    """What messages are, from their beginning: exceptions, conditions of roles, and how scripts end."""
    found: set[str] = set()
    trees = [ast.parse(path.read_text()) for path in SOURCES]
    errors = _errors(trees)
    for tree in trees:
        lines = map(_form, _texts([tree]))
        found |= {line.removeprefix(_OF_WRAPPER) for line in lines if line.startswith(_OF_WRAPPER)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                found |= _of_call(node, errors)
            elif isinstance(node, ast.Assign) and _name(node.targets[0]) == "doing":
                found.add(_could_not(node.value))
    found |= {_form_of_template(text) for path in TASKS for text in _told(yaml.safe_load(path.read_text()))}
    found |= {_form_of_shell(text) for script in SCRIPTS for text in _FAIL.findall(script.read_text())}
    # What is put together elsewhere has no words of its own.
    return {form for form in found if len(_words(form.removeprefix(f"{_COULD_NOT} {OPEN}"))) > 1}


@cache
def parts_of_messages() -> set[str]:
    """What stands within messages: what others said, in our words, next steps, reasons, and warnings."""
    found: set[str] = set()
    for tree in map(ast.parse, (path.read_text() for path in SOURCES)):
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                found |= _cells(node)
            elif isinstance(node, ast.Call) and _name(node.func) in _REFUSALS and len(node.args) > 1:
                found.add(_form(node.args[1]))
            elif isinstance(node, ast.FunctionDef) and node.name in _SPEAKERS:
                found |= {_form(text) for text in _texts(node.body[1:] if ast.get_docstring(node) else node.body)}
    return {part for part in found if len(_words(part)) > 3}


def _of_call(call: ast.Call, errors: set[str]) -> set[str]:
    name = _name(call.func)
    if name in errors:
        return {_form(call.args[0])}
    if name in _TRANSLATORS:
        return {_could_not(text) for text in _texts(call.args)}
    return {f"{_OF_SERVER}{_form(call.args[0])}"} if name == "_fault" else set()


def _could_not(doing: ast.expr) -> str:
    return f"{_COULD_NOT} {_form(doing)}: {OPEN}."


def _words(form: str) -> list[str]:
    return re.findall(r"[A-Za-z_]{2,}", form)


def _errors(trees: t.Iterable[ast.Module]) -> set[str]:
    """The names of all classes of errors in the source."""
    bases = {
        node.name: {_name(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = set(_ANSIBLES)
    for _round in bases:
        found |= {name for name, above in bases.items() if above & (found | {"Exception", "ConnectionError"})}
    return found - _INNER


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _form(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return _joined(_form(value) for value in node.values)
    if isinstance(node, ast.BinOp):
        return _joined([_form(node.left), _form(node.right)])
    return OPEN


def _joined(pieces: t.Iterable[str]) -> str:
    return re.sub(f"{OPEN}{{2,}}", OPEN, "".join(pieces))


def _texts(nodes: t.Iterable[ast.AST]) -> t.Iterator[ast.expr]:
    """The texts in some nodes, each as a whole."""
    todo = list(nodes)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            yield t.cast(ast.expr, node)
        else:
            todo += ast.iter_child_nodes(node)


def _cells(table: ast.Assign) -> set[str]:
    """The texts of a table that are ours; none where it is none of those tables."""
    names = {_name(target) for target in table.targets}
    rows = [node.elts for node in ast.walk(table.value) if isinstance(node, ast.Tuple)]
    if names & _OF_STEPS:
        # What is no row of a pattern and a step is the table itself, of rows.
        return {_form(row[1]) for row in rows if len(row) == 2 and not isinstance(row[1], ast.Tuple)}
    return {_form(cell) for row in rows for cell in row} if names & _OF_STATUSES else set()


def _told(tasks: t.Any) -> t.Iterator[str]:
    """The texts of the tasks that fail on purpose."""
    if isinstance(tasks, list):
        for task in tasks:
            yield from _told(task)
    elif isinstance(tasks, dict):
        for key, value in tasks.items():
            if key == "ansible.builtin.assert":
                yield value["fail_msg"]
            elif key == "ansible.builtin.fail":
                yield value["msg"]
            elif isinstance(value, list):
                yield from _told(value)


def _form_of_template(text: str) -> str:
    return _joined([re.sub(r"\{\{.*?\}\}|\{%.*?%\}", OPEN, " ".join(text.split()), flags=re.S)])


def _form_of_shell(text: str) -> str:
    return _joined([re.sub(r"\$\(.*?\)|\$\w+", OPEN, text)])
