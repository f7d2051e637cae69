# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image of one that is in a registry, or comes there, and a JAR."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._engine.images import Image
from ansible_collections.evento.docker.plugins.module_utils._engine.registry import Repository
from tests.unit.plugins.module_utils._engine.small_registry import (
    PushingEngine,
    SmallRegistry,
    digest_of,
)

ARCHIVE = b"a tar archive with a JAR"


class Pieces:
    """An archive that comes in pieces."""

    def __len__(self) -> int:
        return len(ARCHIVE)

    def __iter__(self) -> t.Iterator[bytes]:
        yield from (ARCHIVE[:9], ARCHIVE[9:])


@pytest.fixture
def registry() -> t.Iterator[SmallRegistry]:
    with SmallRegistry() as registry:
        yield registry


def repository(registry: SmallRegistry, engine: PushingEngine) -> Repository:
    return Repository(t.cast(t.Any, engine), f"{registry.host}/bundles", Image("sha256:0123", False, {}))


def push(registry: SmallRegistry, engine: PushingEngine, tag: str = "orders-1") -> str:
    return repository(registry, engine).push(Pieces(), tag)


def test_the_jar_is_a_layer_on_the_base(registry: SmallRegistry) -> None:
    engine = PushingEngine(registry)
    digest = push(registry, engine)
    pushed = registry.manifests["orders-1"]
    assert digest == digest_of(pushed)
    manifest = json.loads(pushed)
    assert [layer["digest"] for layer in manifest["layers"]] == ["sha256:base", digest_of(ARCHIVE)]
    assert registry.blobs[digest_of(ARCHIVE)] == ARCHIVE
    config = json.loads(registry.blobs[manifest["config"]["digest"]])
    assert config["rootfs"]["diff_ids"] == ["sha256:base", digest_of(ARCHIVE)]
    assert not engine.names
    # The same of the same is the same, and the base is there by now.
    assert push(registry, PushingEngine(registry, answer="not asked"), "orders-2") == digest


def test_another_run_may_push_the_same_base(registry: SmallRegistry) -> None:
    push(registry, PushingEngine(registry, rival=True))
    assert "orders-1" in registry.manifests


def test_what_the_engine_cannot_push_is_told_in_its_words(registry: SmallRegistry) -> None:
    with pytest.raises(EventoError, match=r"^Could not push image .*denied"):
        push(registry, PushingEngine(registry, answer="denied: quota exceeded"))
    assert not registry.manifests


def test_a_registry_that_cannot_be_reached() -> None:
    with SmallRegistry() as gone:
        pass
    with pytest.raises(EventoError, match=f"registry {gone.host} cannot be reached from"):
        repository(gone, PushingEngine(gone))
