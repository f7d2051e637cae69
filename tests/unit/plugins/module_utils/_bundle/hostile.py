# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Input as nobody should send it: JSON that no dictionary can hold, texts that are no text, bundles broken at will."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from hypothesis import strategies as st

SAMPLES = sorted((Path(__file__).parents[4] / "integration" / "samples").glob("*.json"))
# Stands in every value that is a secret, and nowhere else.
SECRET = "planted-secret"


class Members(list[tuple[str, t.Any]]):
    """The members of a JSON object in order; a key may come more than once."""


class Raw(str):
    """JSON text, or what passes itself off as some."""


def write(value: t.Any) -> str:
    """The JSON text of a value."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, Members):
        members = ",".join(f"{json.dumps(key)}:{write(child)}" for key, child in value)
        return f"{{{members}}}"
    if isinstance(value, list):
        return f"[{','.join(map(write, value))}]"
    return json.dumps(value)


def read(text: str) -> t.Any:
    """The value of a JSON text, its objects as Members."""
    return json.loads(text, object_pairs_hook=Members)


raw_texts = st.sampled_from(
    [
        *("NaN", "Infinity", "-Infinity", "-0", "-0.0", "0e999999999", "1e999999999", "-1e999999999", "1e-999999999"),
        *("1e99999999999999999999", "9" * 5000, f"-{'9' * 130_000}", f"0.{'0' * 5000}1", "1" + "0" * 25, "01", "+1"),
        *("[" * 100_000, '{"a":' * 20_000, f"{'[' * 500}{']' * 500}", f"[{'[],' * 20_000}[]]"),
        *(
            '{"a":1,"a":{"a":2,"a":3}}',
            "",
            " ",
            "\0",
            "\ufeff",
            "'text'",
            '"',
            '"\\ud800"',
            '"\\u0000"',
            '"\\x"',
            "nul",
        ),
        *("undefined", "/* */ 1", "[1,]", "0x1"),
    ]
).map(Raw)
texts = st.text(st.characters(), max_size=12) | st.sampled_from(
    [
        *("", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\udc80", "\ufeff", "\u202eRTL", "\u200b"),
        *("a" + "\u0301" * 40, "\U0001f980", "\r\n", "\x1b[31m", "A=B", "=", ".", "-x", "a b", "{{ 1+1 }}", "$HOME"),
        *("../..", "%s%n", "x" * 131_000, "LocalFilesystem", "Ephemeral", "None", "-", "\u0661\u0662"),
        *("2024-02-30T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
        "2024-11-23T00:00:00.123456789123Z",
    ]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts | raw_texts
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.lists(st.tuples(texts, inner), max_size=4).map(Members),
    max_leaves=6,
)
secret_values = texts.map(lambda text: SECRET + text) | st.lists(texts.map(lambda text: SECRET + text), max_size=2)
fields = st.sampled_from(
    [
        *("id", "version", "description", "detail", "linePrefix", "bucketType", "artifactCoordinates", "environment"),
        *(
            "vmOptions",
            "autorun",
            "deployable",
            "minInstances",
            "maxInstances",
            "updatedAt",
            "containsHandlers",
            "more",
        ),
    ]
)


@st.composite
def broken_documents(draw: st.DrawFn) -> str:
    """A bundle in which some fields have been replaced, repeated, taken away or moved."""
    document = Members(read(draw(st.sampled_from(SAMPLES)).read_text()))
    for _edit in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(document)))
        edit = draw(st.sampled_from(["replace", "add", "add", "settings", "remove", "repeat"]))
        if edit == "settings":
            members = st.lists(st.tuples(texts, secret_values | leaves.filter(_is_no_text)), max_size=4).map(Members)
            document.insert(place, (draw(st.sampled_from(["environment", "vmOptions"])), draw(members)))
        elif edit == "add" or place == len(document):
            document.insert(place, (draw(fields | texts), draw(values)))
        elif edit == "replace":
            document[place] = (document[place][0], draw(values))
        elif edit == "remove":
            del document[place]
        else:
            document.append(document[place])
    return write(document)


def _is_no_text(value: t.Any) -> bool:
    return isinstance(value, Raw) or not isinstance(value, str)


@st.composite
def broken_texts(draw: st.DrawFn) -> str:
    """The text of a bundle, damaged here and there."""
    text = draw(st.sampled_from(SAMPLES)).read_text()
    for _edit in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 20)))
        patch = draw(st.text(st.sampled_from('{}[]",:\\0123456789eE+-.\0\ud800ntu \n'), max_size=4) | raw_texts | texts)
        text = text[:start] + patch + text[end:]
    return text


json_texts = values.map(write)
hostile_texts = broken_documents() | broken_texts() | json_texts | texts
