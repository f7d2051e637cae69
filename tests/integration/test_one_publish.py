# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One publish has two forms: the publish call has nanoseconds, each later call what the server's database kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.deployment import Deployment

SAMPLES = Path(__file__).parent / "samples"


@pytest.mark.parametrize("forms", [("as-sent", "as-sent-later-call"), ("as-sent-later-call", "as-sent")])
def test_a_call_in_the_other_form_adds_an_instance(deployment: Deployment, forms: tuple[str, str]) -> None:
    for number, form in enumerate(forms, 1):
        # As text, so that every digit arrives.
        text = (SAMPLES / f"{form}.json").read_text()
        bundle = text.replace(json.dumps(json.loads(text)["id"]), json.dumps(deployment.id), 1)
        result = deployment.run(bundle=bundle, scale_by=1)
        assert "failed" not in result, result["msg"]
        assert (result["stale"], [one["what"] for one in result["actions"]]) == (False, ["start"])
        assert [one["up_to_date"] for one in result["instances"]] == [True] * number
