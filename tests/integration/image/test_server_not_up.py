# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image waits for a server that is not up yet, as Evento Server is not when it calls at its own start."""

from __future__ import annotations

import re
import time
import typing as t

import pytest

from lab import Lab
from lab.server import EventoServer, Fault
from tests.integration.image.containers import (
    BUNDLE,
    EXIT_SIGTERM,
    Containers,
    exit_code,
    in_shell,
    jar_url,
    kept_files,
    log,
    put,
    wait_started,
)
from tests.store import Answer, Store
from tests.until import until

NOT_UP = "is not up yet (no connection): trying again for up to 40 s.\n"


@pytest.fixture
def closed(lab: Lab) -> t.Iterator[EventoServer]:
    """A server whose port refuses connections until it is started."""
    server = lab.server()
    server.publish(BUNDLE, lab.jar())
    yield server
    server.stop()


@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
def test_port_that_opens_later(containers: Containers, closed: EventoServer, shell: str) -> None:
    options, files = in_shell(shell)
    container = containers.create({"APP_JAR_URL": jar_url(closed)}, **options)
    put(container, files, mode=0o755)
    closed.start(after=3)
    container.start()
    wait_started(container)
    assert log(container).count(NOT_UP) == 1
    assert [request.status for request in closed.requests] == [200]


@pytest.mark.parametrize("fault", [Fault(status=502, times=2), Fault(status=503, times=2), Fault(status=504, times=2)])
def test_answers_of_a_server_that_comes_up(containers: Containers, published: EventoServer, fault: Fault) -> None:
    published.fault = fault
    container = containers.start({"APP_JAR_URL": jar_url(published)})
    wait_started(container)
    assert log(container).count(f"is not up yet (it answered {fault.status}): trying again") == 1
    assert [request.status for request in published.requests] == [fault.status, fault.status, 200]


def test_connections_that_are_closed_or_reset(lab: Lab, containers: Containers) -> None:
    with Store(lab.bridge_address) as store:
        store.first = [Answer(hang_up="close"), Answer(hang_up="reset")]
        store.answers["/a.jar"] = Answer(lab.jar().read_bytes())
        container = containers.start({"APP_JAR_URL": f"http://host.docker.internal:{store.port}/a.jar"})
        wait_started(container)
    assert len(store.asked) == 3


def test_stops_at_once_while_it_waits(containers: Containers, closed: EventoServer) -> None:
    container = containers.start({"APP_JAR_URL": jar_url(closed)})
    until(lambda: NOT_UP in log(container), "the line that says that it waits")
    begin = time.monotonic()
    container.stop(timeout=20)
    assert time.monotonic() - begin < 15, "SIGKILL would come after 20 s"
    assert exit_code(container) == EXIT_SIGTERM
    assert kept_files(container) == set()


def test_gives_up_after_40_s(containers: Containers, closed: EventoServer, published: EventoServer) -> None:
    published.fault = Fault(status=503)
    # Side by side on two networks: the end of one must not disturb the other.
    refused = containers.start({"APP_JAR_URL": f"{closed.url}/a.jar"}, network_mode="host")
    busy = containers.start({"APP_JAR_URL": jar_url(published)})
    begin = time.monotonic()
    assert (exit_code(refused, 60), exit_code(busy, 60)) == (69, 75)
    assert time.monotonic() - begin > 35
    assert re.search(r"the connection was refused or there is no route \(tried for (39|4\d) s\): check", log(refused))
    assert re.search(r"answered 503 \(tried for (39|4\d) s\): check that the server is up\.", log(busy))
    assert [log(container).count("\n") for container in (refused, busy)] == [3, 3]


def test_proxy_that_opens_no_tunnel_is_asked_once(lab: Lab, containers: Containers) -> None:
    with Store(lab.bridge_address) as proxy:
        address = f"http://host.docker.internal:{proxy.port}"
        container = containers.start({"APP_JAR_URL": "https://evento.invalid/a.jar", "https_proxy": address})
        assert exit_code(container) == 69
    assert "cannot reach evento.invalid: the proxy answered 501: check the proxy settings." in log(container)
