# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for the parser whatever it is given: a usable bundle, or one sentence that names every fault."""

from __future__ import annotations

import json
import re
import time
import typing as t

import pytest
from hypothesis import strategies as st

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._bundle.bundle import Bundle, parse_bundle
from ansible_collections.evento.docker.plugins.module_utils._bundle.instant import format_instant, parse_instant
from ansible_collections.evento.docker.plugins.module_utils._bundle.vm_args import vm_args
from ansible_collections.evento.docker.plugins.module_utils._container.slug import slug
from tests.form import amount
from tests.laws import law
from tests.unit.plugins.module_utils._bundle.hostile import SECRET, Members, Raw, hostile_texts, texts, write

# Processor time in seconds; the slowest input takes a few hundredths.
LONGEST = 2.0
LONGEST_MESSAGE = 20_000


class Judge:
    """Parses one input after the other, checks what must hold, and counts."""

    def __init__(self) -> None:
        self.inputs = self.bundles = 0
        self.slowest = 0.0

    def __call__(self, raw: t.Any, starting: bool) -> None:
        began = time.process_time()
        try:
            outcome: Bundle | EventoError = parse_bundle(raw, starting)
        except EventoError as error:
            outcome = error
        took = time.process_time() - began
        assert took < LONGEST
        self.inputs += 1
        self.slowest = max(self.slowest, took)
        if isinstance(outcome, Bundle):
            self.bundles += 1
            check_bundle(outcome, starting)
        else:
            check_error(outcome)

    def __str__(self) -> str:
        faulty = self.inputs - self.bundles
        return (
            f"parser fuzz: {self.inputs:,} inputs, {self.bundles:,} bundles, {faulty:,} refused in one sentence,"
            f" 0 other outcomes, slowest {self.slowest * 1000:.0f} ms"
        )


def check_bundle(bundle: Bundle, starting: bool) -> None:
    assert bundle.id
    assert 0 <= bundle.min_instances <= bundle.max_instances < 2**31
    assert bundle.max_instances >= starting
    assert not any("=" in name for name in bundle.environment)
    assert "" not in {*bundle.environment, *bundle.vm_options}
    for settings_ in (bundle.environment, bundle.vm_options):
        for word in (bundle.id, *settings_, *settings_.values()):
            assert b"\0" not in word.encode()
    vm_args(bundle.vm_options).encode()
    bundle.artifact.encode()
    assert bundle.title.isprintable()
    assert len(bundle.title) < 200
    if bundle.updated_at is not None:
        assert parse_instant(format_instant(bundle.updated_at)) == bundle.updated_at


def check_error(error: EventoError) -> None:
    message = str(error)
    assert error.__class__ is EventoError
    assert error.result == {"failure": "invalid_input"}
    assert message.startswith("Invalid bundle: ")
    assert message.endswith(".")
    assert message.isprintable()
    assert len(message) < LONGEST_MESSAGE
    assert SECRET not in message


@pytest.mark.soak
def test_any_text_is_a_bundle_or_one_clear_error(tell: t.Callable[[str], None]) -> None:
    judge = Judge()

    @law(hostile_texts, st.booleans(), short=1_000, long=100_000)
    def fuzz(text: str, starting: bool) -> None:
        judge(text, starting)

    fuzz()
    assert judge.inputs >= amount(1_000, 100_000)
    assert judge.bundles
    tell(str(judge))


class Text(str):
    """A string of a class of its own, as Ansible marks those that it must not take for templates."""


objects = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | texts.map(Text) | st.binary(max_size=3)
    | st.sampled_from([object(), {1, 2}, (1, 2), 1j]) | st.builds(pow, st.just(10), st.just(5000)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | st.integers() | st.none(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
FIELDS = [
    *("id", "version", "artifactCoordinates", "environment", "vmOptions"),
    *("bucketType", "deployable", "minInstances", "maxInstances", "updatedAt", "more"),
]


@law(objects | st.dictionaries(st.sampled_from(FIELDS) | texts, objects), st.booleans(), short=500, long=20_000)
def test_any_object_is_a_bundle_or_one_clear_error(raw: object, starting: bool) -> None:
    Judge()(raw, starting)


def test_an_object_that_holds_itself_is_refused() -> None:
    raw: dict[str, object] = {"id": "x"}
    raw["more"] = [raw]
    Judge()(raw, True)


# Faults that do not depend on one another: path -> values that are wrong there.
NO_STRING: list[t.Any] = [None, [], Members(), "a\0b", "\ud800"]
FAULTS: dict[str, list[t.Any]] = {
    "id": [None, "", 7, [], "\ud800", "a\0b"],
    "version": ["three", "3.5", "-3", True, [], Members()],
    "artifactCoordinates": [7, True, [], "\udfff"],
    "bucketType": [7, "Ephemeral", "LibraryOnly", "None"],
    "deployable": [False, "no", 0],
    "minInstances": [-1, 1.5, "one", "1.0", True, Raw("1e300"), Raw("9" * 300)],
    "maxInstances": [-1, 1.5, "-1", "", [], 2**31],
    "updatedAt": ["yesterday", True, Raw("1e30"), "2024-02-30T00:00:00Z", "2024-11-23T00:00:00"],
    "environment.A": NO_STRING,
    "environment.spring.datasource-url": NO_STRING,
    'environment["two words"]': NO_STRING,
    'environment["a=b"]': ["x"],
    'environment[""]': ["x"],
    'environment["\\ud800"]': ["x"],
    "vmOptions.-Xmx": NO_STRING,
    'vmOptions["-XX:Flags="]': NO_STRING,
    'vmOptions["a\\u0000b"]': ["x"],
}


@st.composite
def planted(draw: st.DrawFn) -> tuple[Members, list[str]]:
    """A bundle with some faults, and the paths of these."""
    paths = draw(st.lists(st.sampled_from(sorted(FAULTS)), unique=True, min_size=1))
    bundle: dict[str, t.Any] = {"id": "x", "bucketType": "LocalFilesystem", "minInstances": 0, "environment": Members()}
    bundle.update(vmOptions=Members([("-Dgood", "1")]), later=Members([("a", [1])]))
    for path in paths:
        value = draw(st.sampled_from(FAULTS[path]))
        field, _point, key = path.partition(".")
        if path.endswith("]"):
            field, _bracket, quoted = path.removesuffix("]").partition("[")
            key = json.loads(quoted)
        if key or path.endswith("]"):
            bundle[field].append((key, value))
        else:
            bundle[field] = value
    return Members(draw(st.permutations(list(bundle.items())))), paths


def paths_of(error: EventoError) -> list[str]:
    faults = str(error).removeprefix("Invalid bundle: ").split("; ")
    return sorted(fault.partition(": expected ")[0] for fault in faults)


@law(planted(), short=300, long=20_000)
def test_every_fault_is_found_at_its_place_in_text_and_object(case: tuple[Members, list[str]]) -> None:
    bundle, paths = case
    text = write(bundle)
    for raw in (text, json.loads(text)):
        with pytest.raises(EventoError) as caught:
            parse_bundle(raw, starting=True)
        assert paths_of(caught.value) == sorted(paths)


def test_keys_that_come_twice_are_found_at_any_depth_together_with_other_faults() -> None:
    text = """{"id": "x", "more": 1, "version": "3", "environment": {"A": "1", "A": "2", "B": null}, "more": {
        "list": [0, {"here": 1, "here": 2, "here": 3}], "deep": {"": {"\\ufeff": 1, "\\ufeff": 1}}}}"""
    with pytest.raises(EventoError) as caught:
        parse_bundle(text, starting=True)
    twice = ["environment.A", "more", "more.list[1].here", 'more.deep[""]["\\ufeff"]']
    assert paths_of(caught.value) == sorted([*twice, "version", "environment.B"])


def test_more_faults_than_anybody_reads_are_counted() -> None:
    environment = {f"V{number}": None for number in range(10_000)}
    with pytest.raises(EventoError) as caught:
        parse_bundle({"id": "x", "environment": environment}, starting=True)
    assert str(caught.value).endswith("environment.V49: expected a string, got null; and 9950 more.")


LONG_KEY = "k" * 60_000
LONG = {
    "many below a long key": Members([(LONG_KEY, Raw(f"[{'[],' * 20_000}1]"))]),
    "faults below a long key": Members([(LONG_KEY, Raw('[{"a":1,"a":1}' + ',{"a":1,"a":1}' * 4_000 + "]"))]),
    "fault at the bottom": Members([("a", Raw('{"a":' * 400 + '{"a":1,"a":1}' + "}" * 400))]),
    "fault with a long key": Members([("environment", Members([(LONG_KEY * 2, None)]))]),
}


@pytest.mark.parametrize("about", LONG)
def test_a_long_path_costs_neither_time_nor_a_long_message(about: str) -> None:
    Judge()(write(LONG[about]), True)


def is_unicode(text: str) -> bool:
    return text.encode(errors="ignore").decode() == text


ids = texts.filter(lambda text: text != "" and is_unicode(text))


@law(
    st.lists(ids | ids.map(slug) | st.text(st.sampled_from("ab-_. /\u00fc"), min_size=1, max_size=6), unique=True),
    short=300,
    long=20_000,
)
def test_names_are_legal_for_docker_and_different_for_different_ids(bundle_ids: list[str]) -> None:
    names = [slug(bundle_id) for bundle_id in bundle_ids]
    assert len(set(names)) == len(names)
    for name in names:
        # Docker's rule for container names, moby daemon/names/names.go.
        assert re.fullmatch("[a-zA-Z0-9][a-zA-Z0-9_.-]*", name)
        assert len(name) <= 110
