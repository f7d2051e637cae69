# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo bundle's JAR: what stands in it, and its size."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from lab import LabError, _jar


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    file = tmp_path / "classes" / "demo" / "DemoBundle.class"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"\xca\xfe\xba\xbe")
    return file.parent.parent


def test_manifest_names_main_class_bundle_and_version(tmp_path: Path, compiled: Path) -> None:
    jar = _jar.build_jar(tmp_path / "app.jar", compiled, bundle_id="orders", version="3")
    with zipfile.ZipFile(jar) as content:
        assert content.namelist() == ["META-INF/MANIFEST.MF", "demo/DemoBundle.class"]
        manifest = content.read("META-INF/MANIFEST.MF").decode()
    assert manifest.endswith("\r\n\r\n")
    assert manifest.split("\r\n")[1:4] == [
        "Main-Class: demo.DemoBundle",
        "Implementation-Title: orders",
        "Implementation-Version: 3",
    ]


@pytest.mark.parametrize("size", [2_000, 1_048_576, 3_000_001])
def test_size_is_exact_and_the_archive_is_whole(tmp_path: Path, compiled: Path, size: int) -> None:
    jar = _jar.build_jar(tmp_path / "app.jar", compiled, size=size)
    assert jar.stat().st_size == size
    with zipfile.ZipFile(jar) as content:
        assert content.testzip() is None


def test_the_smallest_size_that_the_error_names_is_possible(tmp_path: Path, compiled: Path) -> None:
    with pytest.raises(LabError, match="too small") as error:
        _jar.build_jar(tmp_path / "app.jar", compiled, size=10)
    smallest = int(str(error.value).rstrip(".").rpartition(" ")[2])
    assert _jar.build_jar(tmp_path / "app.jar", compiled, size=smallest).stat().st_size == smallest


@pytest.mark.parametrize("bundle_id", ["two\nlines", "x" * 60])
def test_an_id_that_breaks_the_manifest_is_refused(tmp_path: Path, compiled: Path, bundle_id: str) -> None:
    with pytest.raises(LabError, match="manifest"):
        _jar.build_jar(tmp_path / "app.jar", compiled, bundle_id=bundle_id)
