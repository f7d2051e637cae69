# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vmOptions as the text of VM_ARGS."""

from __future__ import annotations

import typing as t

# Options whose value follows without a sign between: "Extra Options for Java" in the manual page of java, JDK 21.
_JOINED = ("-Xmx", "-Xms", "-Xmn", "-Xss")
# What ends or changes a word in the launcher's argument files: "java Command-Line Argument Files", same page.
_SPECIAL = frozenset(" \t\n\r\f\"'\\#")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}


def vm_arguments(vm_options: t.Mapping[str, str]) -> list[tuple[str, str]]:
    """The JVM's arguments in key order, each as what comes before the value and the value."""
    return [_argument(key, value) for key, value in sorted(vm_options.items())]


def vm_args(vm_options: t.Mapping[str, str]) -> str:
    """The text of VM_ARGS: arguments between spaces, quoted where needed as in a Java argument file."""
    return " ".join(_quote(option + value) for option, value in vm_arguments(vm_options))


def needs_quotes(vm_options: t.Mapping[str, str]) -> bool:
    """Whether an image that splits VM_ARGS at spaces would pass on other arguments than those meant."""
    return any(_SPECIAL & set(option + value) for option, value in vm_arguments(vm_options))


def _argument(key: str, value: str) -> tuple[str, str]:
    option = key if key.startswith("-") else f"-{key}"
    if value and option not in _JOINED and not option.endswith(("=", ":")):
        option += "="
    return option, value


def _quote(word: str) -> str:
    if not _SPECIAL & set(word):
        return word
    return '"' + "".join(_ESCAPES.get(char, char) for char in word) + '"'
