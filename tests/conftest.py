# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: figures that a reader sees, and property tests that draw the same examples in every run."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import settings

# No slow machine makes a property fail.
settings.register_profile("project", deadline=None, derandomize=True, database=None)
settings.load_profile("project")

_MARKERS = (
    "engines: belongs to the core, which runs on every engine that the lab can have (make engines)",
    "docker_engines: the same for those of Docker, and needs what Podman does not do",
    "soak: does little in a short run and a lot when EVENTO_TEST_FORM is long (make soak)",
)


def pytest_configure(config: pytest.Config) -> None:
    # Here and not in pytest.ini, which ansible-test does not read.
    for line in _MARKERS:
        config.addinivalue_line("markers", line)


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> t.Callable[[str], None]:
    """Takes a line of figures, which is shown at the end of the run and kept in the report."""
    return lambda line: request.node.user_properties.append(("figures", line))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [one for kind in terminalreporter.stats.values() for one in kind if isinstance(one, pytest.TestReport)]
    # The last report of a test has what all of its phases told.
    told = [one.user_properties for one in reports if one.when == "teardown"]
    lines = [str(value) for properties in told for name, value in properties if name == "figures"]
    if lines:
        terminalreporter.section("figures")
    for line in lines:
        terminalreporter.write_line(line)
