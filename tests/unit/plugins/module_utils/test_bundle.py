# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parser: what is accepted, what is refused, and in which words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.evento.docker.plugins.module_utils._bundle import Bundle, parse_bundle
from ansible_collections.evento.docker.plugins.module_utils._errors import EventoError

DOCUMENTED = """{
  "id": "orders", "version": 3, "description": "Order handling", "detail": "Orders", "bucketType": "LocalFilesystem",
  "artifactCoordinates": "/server_upload/orders-1.jar", "artifactOriginalName": "orders.jar", "containsHandlers": true,
  "environment": {"MODE": "prod"}, "vmOptions": {"-Xmx": "512m"}, "autorun": true, "minInstances": 1,
  "maxInstances": 4, "updatedAt": "2024-11-23T00:00:00.123Z"
}"""
AS_SENT = """{"id":"orders","version":3,"description":null,"detail":null,"linePrefix":null,
  "bucketType":"LocalFilesystem","artifactCoordinates":"/server_upload/orders-1.jar","artifactOriginalName":null,
  "containsHandlers":true,"environment":{"MODE":"prod"},"vmOptions":{"-Xmx":"512m"},"autorun":true,"deployable":true,
  "minInstances":1,"maxInstances":4,"updatedAt":1732320000.123000000,"aLaterField":{"x":[1]}}"""
EXPECTED = Bundle(
    id="orders",
    version="3",
    artifact="/server_upload/orders-1.jar",
    environment={"MODE": "prod"},
    vm_options={"-Xmx": "512m"},
    min_instances=1,
    max_instances=4,
    updated_at=1732320000123000000,
)


@pytest.mark.parametrize("text", [DOCUMENTED, AS_SENT])
@pytest.mark.parametrize("read", [str, json.loads])
def test_both_forms_are_read_alike_as_text_and_as_object(text: str, read: object) -> None:
    assert parse_bundle(read(text) if callable(read) else text, starting=True) == EXPECTED


def test_only_the_id_is_required() -> None:
    nulls = dict.fromkeys(json.loads(AS_SENT), None)
    for raw in ({"id": "x"}, {**nulls, "id": "x"}):
        bundle = parse_bundle(raw, starting=True)
        assert (bundle.min_instances, bundle.max_instances) == (0, 64)
        assert (bundle.environment, bundle.vm_options, bundle.updated_at, bundle.version) == ({}, {}, None, "")


def test_values_become_strings_as_json_writes_them() -> None:
    text = '{"id": "x", "environment": {"A": true, "B": 1.50, "C": 7, "D": 1e3, "E": ""}, "vmOptions": {"F": false}}'
    bundle = parse_bundle(text, starting=True)
    assert bundle.environment == {"A": "true", "B": "1.50", "C": "7", "D": "1e3", "E": ""}
    assert bundle.vm_options == {"F": "false"}


FAULTS = json.loads((Path(__file__).parent / "bundle_faults.json").read_text())


@pytest.mark.parametrize(
    ("bundle", "fault"),
    [(row["bundle"], row["fault"]) for row in FAULTS] + [("[" * 100_000, "it is nested too deeply to be read")],
    ids=lambda text: text[:40],
)
def test_a_fault_is_named(bundle: str, fault: str) -> None:
    with pytest.raises(EventoError) as caught:
        parse_bundle(bundle, starting=True)
    assert str(caught.value).startswith(f"Invalid bundle: {fault}.")
    assert caught.value.result["failure"] == "invalid_input"


def test_all_faults_are_reported_together_without_values() -> None:
    text = '{"version": "secret-1", "environment": {"A": null, "B": ["secret-2"]}, "minInstances": "secret-3"}'
    with pytest.raises(EventoError) as caught:
        parse_bundle(text, starting=True)
    message = str(caught.value)
    assert all(path in message for path in ("id:", "version:", "environment.A:", "environment.B:", "minInstances:"))
    assert "secret" not in message


@pytest.mark.parametrize("extra", [{"maxInstances": 0}, {"deployable": False}, {"bucketType": "None"}])
def test_what_can_not_be_started_can_be_stopped(extra: dict[str, object]) -> None:
    assert parse_bundle({"id": "x", **extra}, starting=False).id == "x"


def test_unknown_bucket_types_pass() -> None:
    assert parse_bundle({"id": "x", "bucketType": "S3"}, starting=True).id == "x"
