# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page docs/docsite/rst/troubleshooting.rst has an entry for each message that a user can read.

An entry is a term of a definition list, with the beginnings of its messages in double backquotes and an ellipsis for
what is only known in a run. What stands within other messages is to be found anywhere on the page, or on that of Swarm.
"""

from __future__ import annotations

import re

import pytest

from tests.unit.docsite.messages import OPEN, ROOT, parts_of_messages, whole_messages

PAGE = (ROOT / "docs/docsite/rst/troubleshooting.rst").read_text()
SWARM = (ROOT / "docs/docsite/rst/swarm.rst").read_text()
TERM = re.compile(r"^``.+``$", re.M)
BEGINNINGS = [words for line in TERM.findall(PAGE) for words in re.findall(r"``(.+?)``", line)]
WORDS = " ".join(re.sub(r"[`*]", "", PAGE + SWARM).split())


def begins_with(beginning: str) -> re.Pattern[str]:
    """What a message looks like that begins so."""
    return re.compile(".+?".join(map(re.escape, beginning.rstrip(f"{OPEN} ").split(OPEN))))


@pytest.mark.parametrize("message", sorted(whole_messages()))
def test_message_has_its_entry(message: str) -> None:
    assert any(begins_with(beginning).match(message) for beginning in BEGINNINGS), "troubleshooting.rst has no entry"


@pytest.mark.parametrize("part", sorted(parts_of_messages()))
def test_part_of_a_message_is_explained(part: str) -> None:
    assert part.strip(": .") in WORDS, "troubleshooting.rst does not explain it"


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_entry_is_about_a_message(beginning: str) -> None:
    pattern = begins_with(beginning)
    known = whole_messages() | parts_of_messages()
    assert any(pattern.match(message) for message in known), "no message of ours begins so"
