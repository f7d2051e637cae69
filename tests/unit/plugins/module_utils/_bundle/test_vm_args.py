# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vmOptions to VM_ARGS."""

from __future__ import annotations

import pytest

from ansible_collections.evento.docker.plugins.module_utils._bundle.vm_args import needs_quotes, vm_args


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ""),
        ({"-Xmx": "512m"}, "-Xmx512m"),
        ({"Xmx": "512m"}, "-Xmx512m"),
        ({"-Xss": "1m", "-Xms": "2m", "-Xmn": "3m"}, "-Xmn3m -Xms2m -Xss1m"),
        ({"-XX:+UseG1GC": ""}, "-XX:+UseG1GC"),
        ({"-XX:MaxRAMPercentage": "75"}, "-XX:MaxRAMPercentage=75"),
        ({"-Dprofile": "prod"}, "-Dprofile=prod"),
        ({"-Dprofile=": "prod"}, "-Dprofile=prod"),
        ({"-Xlog:": "gc"}, "-Xlog:gc"),
        ({"--add-opens": "java.base/java.lang=ALL-UNNAMED"}, "--add-opens=java.base/java.lang=ALL-UNNAMED"),
        ({"-Da": "x y"}, '"-Da=x y"'),
        ({"-Da": 'say "hi"'}, '"-Da=say \\"hi\\""'),
        ({"-Da": "it's"}, '"-Da=it\'s"'),
        ({"-Da": "c:\\dir"}, '"-Da=c:\\\\dir"'),
        ({"-Da": "#1"}, '"-Da=#1"'),
        ({"-Da": "1\n2\t3"}, '"-Da=1\\n2\\t3"'),
        ({"-Da": "$HOME {{ 1+1 }} *"}, '"-Da=$HOME {{ 1+1 }} *"'),
    ],
)
def test_vm_args(options: dict[str, str], expected: str) -> None:
    assert vm_args(options) == expected
    assert needs_quotes(options) == ('"' in expected)
