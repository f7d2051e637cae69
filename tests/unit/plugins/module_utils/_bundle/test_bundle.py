# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parser: what is accepted, what is refused, and in which words."""

from __future__ import annotations

import json
import math
import typing as t
from datetime import date
from pathlib import Path

import pytest

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.bundle import Bundle, parse_bundle

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


VALUES = {
    "true": "true",
    "7": "7",
    "1.50": "1.5",
    "1.0": "1",
    "1e3": "1000",
    "1E+3": "1000",
    "1.5e-7": "0.00000015",
    "-0": "0",
    "-0.0": "0",
    "0e5": "0",
    "-12.50": "-12.5",
    "1e22": "10000000000000000000000",
    "1e-5": "0.00001",
    "12345678901234567890": "12345678901234567890",
    '""': "",
    '"1.50"': "1.50",
}


@pytest.mark.parametrize(("written", "expected"), VALUES.items())
@pytest.mark.parametrize("read", [str, json.loads])
def test_a_value_is_the_same_text_however_it_is_written_and_arrives(
    written: str, expected: str, read: t.Callable[[str], t.Any]
) -> None:
    bundle = parse_bundle(
        read(f'{{"id": "x", "environment": {{"A": {written}}}, "vmOptions": {{"B": {written}}}}}'), True
    )
    assert (bundle.environment, bundle.vm_options) == ({"A": expected}, {"B": expected})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0.1234567890123456789012345678901234567890", "0.123456789012345678901234567890123456789"),
        ("9" * 5000, "9" * 5000),
        ("1e999999999", "1e999999999"),
        ("-25e-999999999", "-25e-999999999"),
        ("0e999999999", "0"),
        ("1e99999999999999999999", "1e99999999999999999999"),
    ],
    ids=lambda text: text[:20],
)
def test_text_keeps_every_digit_and_no_exponent_takes_all_memory(written: str, expected: str) -> None:
    assert parse_bundle(f'{{"id": "x", "environment": {{"A": {written}}}}}', True).environment == {"A": expected}


def test_an_object_keeps_every_digit_of_a_whole_number() -> None:
    for number in (10**5000 + 1, -(10**40) - 1):
        (text,) = parse_bundle({"id": "x", "environment": {"A": number}}, True).environment.values()
        assert text.startswith(("1000", "-1000"))
        assert (text[-1], len(text.strip("-"))) == ("1", 5001 if number > 0 else 41)


@pytest.mark.parametrize(("written", "expected"), [("3", "3"), ("3.0", "3"), ("1.50", "1.5"), ("3e0", "3")])
@pytest.mark.parametrize("read", [str, json.loads])
def test_a_version_is_the_same_however_it_is_written(
    written: str, expected: str, read: t.Callable[[str], t.Any]
) -> None:
    assert parse_bundle(read(f'{{"id": "x", "version": {written}}}'), True).version == expected


class Text(str):
    """A string of a class of its own, as Ansible makes them."""


@pytest.mark.parametrize("make", [str, Text])
def test_what_a_template_made_of_a_number_passes_in_an_object(make: t.Callable[[str], str]) -> None:
    numbers = {"version": "3", "minInstances": "1", "maxInstances": "04", "updatedAt": "1732320000.958060125"}
    bundle = parse_bundle({make("id"): make("x"), **{name: make(value) for name, value in numbers.items()}}, True)
    assert (bundle.id, bundle.version, bundle.min_instances, bundle.max_instances) == ("x", "3", 1, 4)
    assert bundle.updated_at == 1732320000958060125
    assert bundle.id.__class__ is str


@pytest.mark.parametrize("field", ["version", "minInstances", "maxInstances", "updatedAt"])
def test_in_a_text_a_number_is_no_string(field: str) -> None:
    with pytest.raises(EventoError, match=f"{field}: expected .*, got a string"):
        parse_bundle(json.dumps({"id": "x", field: "3"}), True)


def test_what_no_text_could_hold_is_reported_with_its_path_like_any_other_fault() -> None:
    raw = {
        "version": math.nan,
        "environment": {"A": math.inf, "B": b"secret", "C": {1}, "D": date(2024, 1, 1), "E": None, b"secret": "x"},
        "minInstances": -math.inf,
        "updatedAt": object(),
        "later": [{"deep": (1, math.nan)}],
    }
    with pytest.raises(EventoError) as caught:
        parse_bundle(raw, starting=True)
    assert str(caught.value).removeprefix("Invalid bundle: ").rstrip(".").split("; ") == [
        "id: expected a string, got nothing",
        "version: expected a number, got a number that is not finite",
        "environment.A: expected a string, got a number that is not finite",
        "environment.B: expected a string, got bytes",
        "environment.C: expected a string, got a set",
        "environment.D: expected a string, got a date",
        "environment.E: expected a string, got null",
        'environment["(bytes)"]: expected a string, got a value whose name is no string',
        "minInstances: expected a whole number from 0 to 2147483647, got a number that is not finite",
        "updatedAt: expected epoch seconds or an ISO 8601 time with its zone, got what JSON does not know",
        "later[0].deep[1]: expected a JSON value, got a number that is not finite",
    ]


def test_names_that_are_numbers_are_read_as_json_writes_them() -> None:
    bundle = parse_bundle({"id": "x", "environment": {8: "a", 1.5: "b", True: "c", None: "d"}}, True)
    assert bundle.environment == {"8": "a", "1.5": "b", "true": "c", "null": "d"}


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
