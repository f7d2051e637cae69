# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name of an image with a JAR in it, and what an instance of it looks like."""

from __future__ import annotations

import re
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._container.spec import ContainerSpec
from tests.unit.plugins.module_utils._container.specs import environment, make_spec

REPOSITORY = "registry.example:5000/evento/bundles"
# Docker's rule for tags: distribution reference/regexp.go.
TAG = re.compile(r"[\w][\w.-]{0,127}", re.ASCII)


def built(**options: t.Any) -> ContainerSpec:
    return make_spec(**{"artifact": "image", "repository": REPOSITORY, **options})


def tag(spec: ContainerSpec, base: str = "sha256:1") -> str:
    repository, name = spec.built_name(base)
    assert repository == spec.repository
    return name


def test_another_jar_or_base_has_another_tag() -> None:
    own = {"artifact_url": "http://store/a.jar"}
    tags = [
        tag(built()),
        tag(built(), "sha256:2"),
        tag(built(bundle={"version": 4})),
        tag(built(bundle={"artifactCoordinates": "/b.jar"})),
        tag(built(bundle={"id": "payments"})),
        tag(built(**own)),
        tag(built(artifact_url="http://store/b.jar")),
    ]
    assert len(set(tags)) == len(tags)


def test_what_does_not_change_the_jar_keeps_the_tag() -> None:
    same = [
        built(),
        built(token="other"),
        built(server_url="http://localhost:3000"),
        built(bundle={"updatedAt": 2, "environment": {"A": "1"}, "description": "d"}),
        built(env={"B": "2"}, memory="512m"),
    ]
    assert len({tag(spec) for spec in same}) == 1


def test_no_secret_is_a_part_of_the_tag() -> None:
    addresses = [f"http://{user}store/a.jar" for user in ("", "user:one@", "user:two@")]
    assert len({tag(built(artifact_url=address)) for address in addresses[1:]}) == 1
    with pytest.raises(EventoError, match=r"expected an address without a query") as caught:
        built(artifact_url="http://store/a.jar?signature=planted")
    assert "planted" not in str(caught.value)


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1))
def test_any_bundle_has_a_tag_that_a_registry_takes(bundle_id: str) -> None:
    assert TAG.fullmatch(tag(built(bundle={"id": bundle_id})))


def test_neither_token_nor_address_is_in_the_container() -> None:
    spec = built(token="planted")
    assert "APP_JAR_URL" not in environment(spec)
    assert "planted" not in str(spec.config(1, "f"))
    assert "/asset/" not in str(spec.config(1, "f"))
    assert spec.download_commands() == [
        "curl --fail --location --header 'Authorization: Bearer ********' --output app.jar"
        " http://evento:3000/asset/bundle/orders"
    ]
    assert built(restart_policy="on-failure").config(1, "f")["HostConfig"]["RestartPolicy"]["Name"] == "on-failure"


def test_fingerprint_follows_how_the_jar_gets_in_and_from_where() -> None:
    specs = [built(), built(repository="other"), built(artifact_url="http://store/a.jar"), make_spec(artifact="copy")]
    assert len({spec.fingerprint("i") for spec in specs}) == len(specs)
    assert built(server_url="http://a:1").fingerprint("i") == built(token="b").fingerprint("i")
    assert make_spec(repository=REPOSITORY).fingerprint("i") == make_spec().fingerprint("i")


def test_a_bundle_that_names_its_own_address_has_nothing_built_in() -> None:
    spec = built(bundle={"environment": {"APP_JAR_URL": "http://store/a.jar"}})
    assert not spec.is_built_in
    assert any("in spite of artifact" in warning for warning in spec.warnings)


@pytest.mark.parametrize(
    "name", ["store", "store.example/a", "store.example:5000/a/b_c--d.e", "[::1]:5000/a", "h/a__b"]
)
def test_repositories(name: str) -> None:
    assert built(repository=name).repository == name


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"repository": None}, "artifact: image needs repository"),
        *[
            ({"repository": name}, "repository: expected a name without a tag")
            for name in ("store/a:1", "store/a@sha256:0", "Store", "http://store/a", "a/", "a b", "a\n")
        ],
        ({"artifact": "url", "repository": None, "username": "u"}, "username: needs repository"),
    ],
    ids=str,
)
def test_what_is_refused(options: dict[str, t.Any], words: str) -> None:
    with pytest.raises(EventoError, match=words) as caught:
        built(**options)
    assert caught.value.result["failure"] == "invalid_input"
