# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives of images: loaded when their image is not there, whatever the engine takes for its ID, and only then.

The shapes are those that docker save writes and that the engine tells, with its own image store and with containerd's
(moby/moby, issue 47065 and pull requests 44833 and 48894).
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import itertools
import json
import lzma
import tarfile
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evento.docker.plugins.module_utils._base.errors import EventoError
from ansible_collections.evento.docker.plugins.module_utils._engine.image_sources import is_loaded
from tests.unit.plugins.module_utils._engine.small_engine import SmallEngine, said
from tests.unit.plugins.module_utils._engine.test_client import client
from tests.unit.plugins.modules.test_arguments import run

NAME = "evento-bundle-container"
CONFIG: dict[str, t.Any] = {
    "architecture": "amd64",
    "os": "linux",
    "created": "2026-11-20T08:15:30.123456789Z",
    "config": {
        "Env": ["PATH=/bin"],
        "Entrypoint": ["/run"],
        "Labels": {"release": "1"},
        "Volumes": {"/opt/evento": {}},
    },
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "1" * 64]},
}
TEXT = json.dumps(CONFIG).encode()
CONFIG_DIGEST = hashlib.sha256(TEXT).hexdigest()
MANIFEST, INDEX, OTHER = (f"sha256:{digit * 64}" for digit in "abc")


def tar(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def old_archive() -> bytes:
    """As an engine before 25 writes it."""
    manifest = [{"Config": f"{CONFIG_DIGEST}.json", "RepoTags": [f"{NAME}:latest"], "Layers": ["1/layer.tar"]}]
    return tar({f"{CONFIG_DIGEST}.json": TEXT, "manifest.json": json.dumps(manifest).encode()})


def archive(digest: str, kind: str) -> bytes:
    """As an engine from 25 on writes it; with the containerd store its index leads to another index."""
    config = f"blobs/sha256/{CONFIG_DIGEST}"
    manifest = [{"Config": config, "RepoTags": [f"{NAME}:latest"], "Layers": ["blobs/sha256/1"]}]
    entries = []
    for name, digest_ in ((f"docker.io/library/{NAME}:latest", digest), ("docker.io/library/other:1", OTHER)):
        annotations = {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": name.rpartition(":")[2]}
        media_type = f"application/vnd.oci.image.{kind}.v1+json"
        entries.append({"mediaType": media_type, "digest": digest_, "size": 500, "annotations": annotations})
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries}
    return tar({config: TEXT, "index.json": json.dumps(index).encode(), "manifest.json": json.dumps(manifest).encode()})


def classic(image_id: str) -> dict[str, t.Any]:
    """An image as an engine with its own store tells it."""
    return {"Id": image_id, "Created": CONFIG["created"], "Config": CONFIG["config"], "RootFS": {"Layers": []}}


def containerd(image_id: str, **changes: t.Any) -> dict[str, t.Any]:
    """An image as an engine with a containerd store tells it."""
    descriptor = {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": image_id, "size": 500}
    layers = {"Type": "layers", "Layers": CONFIG["rootfs"]["diff_ids"]}
    told = {"Id": image_id, "Descriptor": descriptor, "Created": CONFIG["created"], "RootFS": layers}
    return {**told, "Config": {**CONFIG["config"], "Cmd": None, "User": ""}, **changes}


@pytest.fixture
def engine(tmp_path: Path) -> t.Iterator[SmallEngine]:
    with SmallEngine(tmp_path) as engine:
        yield engine


@pytest.mark.parametrize(
    ("content", "image", "loaded"),
    [
        pytest.param(old_archive(), classic(f"sha256:{CONFIG_DIGEST}"), True, id="own store, old archive"),
        pytest.param(old_archive(), classic(OTHER), False, id="own store, old archive, another image"),
        pytest.param(archive(MANIFEST, "manifest"), classic(f"sha256:{CONFIG_DIGEST}"), True, id="own store"),
        pytest.param(archive(INDEX, "index"), classic(OTHER), False, id="own store, another image"),
        pytest.param(archive(INDEX, "index"), containerd(INDEX), True, id="containerd"),
        pytest.param(archive(MANIFEST, "manifest"), containerd(MANIFEST), True, id="containerd, other store's archive"),
        pytest.param(old_archive(), containerd(MANIFEST), True, id="containerd, old archive"),
        pytest.param(
            old_archive(), containerd(MANIFEST, Created="2026-11-21T08:15:30Z"), False, id="containerd, built again"
        ),
        pytest.param(
            archive(MANIFEST, "manifest"),
            containerd(OTHER, Config={**CONFIG["config"], "Labels": {"release": "2"}}),
            False,
            id="containerd, another label",
        ),
        pytest.param(
            archive(MANIFEST, "manifest"),
            containerd(OTHER, RootFS={"Layers": ["sha256:" + "2" * 64]}),
            False,
            id="containerd, another layer",
        ),
        pytest.param(old_archive(), None, False, id="no image"),
    ],
)
def test_archive_is_loaded_where_it_is_needed(
    engine: SmallEngine, tmp_path: Path, content: bytes, image: dict[str, t.Any] | None, loaded: bool
) -> None:
    (tmp_path / "image.tar.gz").write_bytes(gzip.compress(content))
    if image:
        engine.replies[f"GET /images/{NAME}/json"] = said(image)
    engine.replies["POST /images/load"] = said({"stream": "Loaded"})
    options: dict[str, t.Any] = {
        "source": "archive",
        "path": str(tmp_path / "image.tar.gz"),
        "docker_host": engine.docker_host,
    }
    predicted, _printed = run("evento_bundle_image", _ansible_check_mode=True, **options)
    assert predicted["changed"] is not loaded
    result, _printed = run("evento_bundle_image", **options)
    assert "failed" not in result
    assert ("POST /images/load" in engine.asked) is not loaded


# Long enough for damage to be met in the middle of it, and with as much to it as real JSON.
LONG = tar(
    {"manifest.json": json.dumps([hashlib.sha256(b"%d" % number).hexdigest() for number in range(20000)]).encode()}
)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def damaged(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes(byte ^ 0xFF for byte in content[middle : middle + 40]) + content[middle + 40 :]


def in_plain_blocks(content: bytes) -> bytes:
    return gzip.compress(content, 0)


def wrong_length(content: bytes) -> bytes:
    """A second block, behind gzip's 10 bytes and the 5 before the first block, whose length cannot be."""
    second = 10 + 5 + int.from_bytes(content[11:13], "little")
    return content[: second + 1] + b"\0\0\0\0" + content[second + 5 :]


@pytest.mark.parametrize(
    ("compress", "spoil"),
    [
        *itertools.product((bytes, gzip.compress, bz2.compress, lzma.compress), (cut, damaged)),
        (in_plain_blocks, wrong_length),
    ],
)
def test_damaged_archive(
    engine: SmallEngine,
    tmp_path: Path,
    compress: t.Callable[[bytes], bytes],
    spoil: t.Callable[[bytes], bytes],
) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(spoil(compress(LONG)))
    with pytest.raises(EventoError) as caught:
        is_loaded(client(engine), str(path), NAME)
    assert str(caught.value) == (
        f"Could not read {path}: it is not an archive that docker save writes, or it is damaged."
    )
    assert caught.value.result["failure"] == "invalid_input"


@pytest.mark.parametrize(
    "manifest", ["{}", "[{}]", '[{"RepoTags": ["x"]}]', "7", "[", '[{"Config": "a", "RepoTags": 1}]']
)
def test_archive_of_something_else(engine: SmallEngine, tmp_path: Path, manifest: str) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(tar({"manifest.json": manifest.encode()}))
    with pytest.raises(EventoError) as caught:
        is_loaded(client(engine), str(path), NAME)
    assert str(path) in str(caught.value)
    assert str(caught.value).endswith(".")


def test_no_archive(engine: SmallEngine) -> None:
    with pytest.raises(EventoError) as caught:
        is_loaded(client(engine), "/nowhere/image.tar", NAME)
    assert str(caught.value) == "Could not read /nowhere/image.tar: No such file or directory."
