# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import typing as t

import pytest

from evento_deploy._command_line import parse
from evento_deploy._output import Summary
from evento_deploy._self_test import judged, server_warnings, trial
from evento_deploy._settings import Settings


@pytest.fixture
def port() -> t.Iterator[int]:
    """A port that is answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def silent_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_call_changes_nothing_and_counts_a_missing_image_as_a_fault() -> None:
    call, settings = trial(parse(["--self-test"]), Settings({"memory": "1g"}))

    assert call.check
    assert settings.options == {"memory": "1g", "pull": "never"}


def test_an_image_that_the_settings_pull_need_not_be_there() -> None:
    assert trial(parse(["--self-test"]), Settings({"pull": "missing"}))[1].options == {"pull": "missing"}


def test_a_failed_call_is_told_in_its_own_words() -> None:
    failed = Summary(3, ["check mode: nothing is changed"], ["evento-deploy: error: no engine"])

    assert judged(failed, Settings(), {}, "1.2.3") == Summary(3, [], ["evento-deploy: error: no engine"])


def test_a_server_that_answers_is_fine(port: int) -> None:
    settings = Settings({"server_url": f"http://host.docker.internal:{port}"})

    said = judged(Summary(0, [], []), settings, {}, "1.2.3")

    assert (said.exit_code, said.stderr) == (0, [])
    assert said.stdout[0].startswith("evento-deploy 1.2.3 works")


@pytest.mark.parametrize("artifact", ["copy", "image"])
def test_what_this_host_downloads_comes_from_this_host(artifact: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)

    [warning] = server_warnings(Settings({"artifact": artifact}), {})

    assert "nothing answers at localhost:3000 " in warning


@pytest.mark.parametrize("key", ["server_url", "artifact_url"])
def test_a_server_that_does_not_answer_is_a_warning(key: str, silent_port: int) -> None:
    said = judged(Summary(0, [], []), Settings({key: f"http://localhost:{silent_port}/x"}), {}, "1.2.3")

    assert said.exit_code == 0
    [warning] = said.stderr
    assert warning.startswith(
        f"evento-deploy: warning: nothing answers at localhost:{silent_port} (Connection refused)"
    )
    assert warning.endswith(f"correct {key}")


@pytest.mark.parametrize(
    ("options", "inventory", "environ"),
    [
        pytest.param({"docker_host": "tcp://elsewhere:2376"}, [], {}, id="engine-elsewhere"),
        pytest.param({}, [], {"DOCKER_HOST": "ssh://elsewhere"}, id="engine-elsewhere-by-variable"),
        pytest.param({"server_url": "http://localhost:SILENT"}, ["a,"], {}, id="hosts-elsewhere"),
        pytest.param({"artifact_url": "file:///srv/orders.jar"}, [], {}, id="file"),
        pytest.param({"server_url": "http://localhost:no"}, [], {}, id="no-port"),
    ],
)
def test_what_cannot_be_told_from_here_is_not_told(
    options: dict[str, str], inventory: list[str], environ: dict[str, str], silent_port: int
) -> None:
    given = {"server_url": "http://host.docker.internal:SILENT", **options}
    settings = Settings({key: value.replace("SILENT", str(silent_port)) for key, value in given.items()}, inventory)

    assert server_warnings(settings, environ) == []
