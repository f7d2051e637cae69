# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role evento_deploy: evento-deploy beside an Evento Server, from nothing to nothing."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import pytest
import yaml

from lab import Lab
from tests.integration.deployment import Deployment

# Where pip finds packages: what it is told by variables counts, as it does in the shell of who runs the tests.
_OF_PIP = re.compile(r"PIP_|SSL_CERT_|REQUESTS_CA_BUNDLE|(?i:.*_proxy)$")
_MAKE_A_JOURNAL = """
mount -t tmpfs none /run
mkdir -p /run/systemd/journal
: >/run/systemd/journal/socket
exec "$@"
"""
WITH_A_JOURNAL = ("unshare", "--mount", "--propagation", "private", "sh", "-c", _MAKE_A_JOURNAL, "sh")


class Host:
    """A place on this machine that stands for the host of an Evento Server; all users can look into it."""

    def __init__(self, work: Path, docker_host: str) -> None:
        self._work, self.place, self.docker_host = work, work / "host", docker_host
        self.home = self.place / "home"
        self.launcher = self.place / "evento-deploy"
        self.settings = self.place / "etc" / "deploy.yml"
        self.place.mkdir()
        (work / "ansible.cfg").touch()

    def play(self, *options: str, before: t.Sequence[str] = (), **variables: t.Any) -> subprocess.CompletedProcess[str]:
        """Run the playbook with variables of the role."""
        given = {
            "home": str(self.home),
            "launcher": str(self.launcher),
            "settings_file": str(self.settings),
            "user": "root",
            "settings": {"docker_host": self.docker_host},
            **variables,
        }
        file = self._work / "variables.json"
        file.write_text(json.dumps({f"evento_deploy_{name}": given[name] for name in given}))
        playbook = Path(sys.executable).with_name("ansible-playbook")
        environ = {name: value for name, value in os.environ.items() if _OF_PIP.match(name)}
        environ |= {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/root"), "LC_ALL": "C.UTF-8"}
        try:
            return subprocess.run(
                [*before, str(playbook), "evento.docker.install", "-e", f"@{file}", *options],
                env=environ,
                cwd=self._work,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            file.unlink()

    def changes(self, *options: str, before: t.Sequence[str] = (), **variables: t.Any) -> int:
        """Run the playbook, which succeeds; the number of tasks that changed something."""
        finished = self.play(*options, before=before, **variables)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        changed = re.search(r"changed=(\d+)", finished.stdout)
        assert changed
        return int(changed[1])

    def refused(self, **variables: t.Any) -> str:
        """Run the playbook, which fails; all that it says."""
        finished = self.play(**variables)
        assert finished.returncode == 2
        return finished.stdout

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.place)) for path in self.place.rglob("*"))


@pytest.fixture(scope="module")
def new_host(lab: Lab) -> t.Iterator[t.Callable[[], Host]]:
    with tempfile.TemporaryDirectory(prefix="evento-test-", dir="/var/tmp") as place:

        def new_host() -> Host:
            work = Path(tempfile.mkdtemp(dir=place))
            for directory in (work, work.parent):
                directory.chmod(0o755)  # pytest's own directories are for nobody else's eyes
            return Host(work, lab.docker_host)

        yield new_host


@pytest.fixture
def host(new_host: t.Callable[[], Host]) -> Host:
    return new_host()


@pytest.fixture(scope="module")
def installed(new_host: t.Callable[[], Host]) -> Host:
    """A host with the role on it, for all tests that ask for it."""
    host = new_host()
    assert host.changes("--check") > 0
    assert host.files() == []
    # The strictest umask that an administrator could have.
    assert host.changes(before=["sh", "-c", 'umask 077; exec "$@"', "sh"]) > 0
    return host


def call(host: Host, *arguments: str, user: str = "root") -> subprocess.CompletedProcess[str]:
    """Call the launcher as Evento Server does, with surroundings that say nothing."""
    return subprocess.run(
        ["runuser", "-u", user, "--", "env", "-i", str(host.launcher), *arguments],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_second_run_changes_nothing_and_says_what_to_tell_evento_server(installed: Host) -> None:
    before = installed.files()

    finished = installed.play()

    assert "changed=0 " in finished.stdout
    assert "localhost has evento-deploy " in finished.stdout
    assert f"evento.deploy.spawn.script={installed.launcher}" in finished.stdout
    assert installed.files() == before


def test_call_by_the_launcher(installed: Host, deployment: Deployment) -> None:
    server, engine = deployment.server.container_url, deployment.lab.docker_host
    # The lab has no journal for the instance.
    settings = {"docker_host": engine, "server_url": server, "log_driver": "json-file"}
    assert installed.changes(before=WITH_A_JOURNAL, settings=settings) == 1

    finished = call(installed, json.dumps(deployment.bundle), deployment.server.token())

    assert (finished.returncode, finished.stderr) == (0, "")
    assert deployment.names() == [f"{deployment.id}-1"]


def test_settings_are_for_the_user_alone_and_propose_the_journal(installed: Host) -> None:
    settings = {"env": {"A": "planted-secret"}, "ready_log": "yes"}
    finished = installed.play(
        "--diff", "-vvv", before=WITH_A_JOURNAL, settings=settings, user="nobody", self_test=False
    )

    assert finished.returncode == 0
    assert "planted-secret" not in finished.stdout + finished.stderr
    assert yaml.safe_load(installed.settings.read_text()) == {"log_driver": "journald", **settings}
    assert stat.S_IMODE(installed.settings.stat().st_mode) == 0o600
    assert installed.settings.owner() == "nobody"


def test_a_journal_of_this_host_is_none_of_a_swarm(installed: Host) -> None:
    finished = installed.play(before=WITH_A_JOURNAL, settings={"backend": "swarm"}, self_test=False)

    assert finished.returncode == 0
    assert yaml.safe_load(installed.settings.read_text()) == {"backend": "swarm"}


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"user": "nobody"}, "a call by the user nobody would fail: .*[Pp]ermission denied"),
        ({"settings": {"image": "no-such-image"}}, "There is no image no-such-image on the Docker host"),
    ],
)
def test_what_a_call_would_fail_of_is_told_in_one_sentence(
    installed: Host, variables: dict[str, t.Any], told: str
) -> None:
    if "settings" in variables:
        variables["settings"]["docker_host"] = installed.docker_host

    assert re.search(told, installed.refused(**variables))


def test_settings_for_files_that_are_not_there_replace_nothing(installed: Host) -> None:
    before = installed.settings.read_text()

    assert "inventory: " in installed.refused(settings={"inventory": "nowhere.yml"})

    assert installed.settings.read_text() == before


def test_upgrade_keeps_the_release_that_calls_may_still_use(installed: Host) -> None:
    old = installed.launcher.resolve().parents[1]
    (installed.home / "0.0.1-0123456789ab").mkdir()
    other = installed.home / "somebody else's"
    other.touch()

    assert installed.changes(requirements=["PyJWT"]) > 0

    new = installed.launcher.resolve().parents[1]
    assert sorted(installed.home.iterdir()) == sorted([old, new, other])
    assert call(installed, "--self-test").returncode == 0


def test_absent_removes_what_it_made_and_nothing_else(installed: Host) -> None:
    (installed.settings.parent / "other.yml").touch()

    assert installed.changes(state="absent") > 0

    assert installed.files() == ["etc", "etc/other.yml", "home", "home/somebody else's"]
    assert installed.changes(state="absent") == 0


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"settings": {"scale_bye": 1}}, "unknown setting 'scale_bye'; did you mean 'scale_by'?"),
        ({"user": "no-such-user"}, "There is no user no-such-user on localhost"),
        ({"python": "/bin/false"}, "localhost has no /bin/false of version 3.11 or later"),
    ],
)
def test_what_is_refused_changes_nothing(host: Host, variables: dict[str, t.Any], told: str) -> None:
    assert told in host.refused(**variables)
    assert host.files() == []


def test_python_without_venv_is_refused(host: Host) -> None:
    python = host.place / "python3"
    without = 'import sys; sys.modules["ensurepip"] = None; exec(sys.argv[1])'
    python.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{without}' \"$2\"\n")
    python.chmod(0o755)

    assert "cannot make virtual environments: install the package python3.11-venv" in host.refused(python=str(python))


def test_settings_that_somebody_else_wrote_are_not_replaced(host: Host) -> None:
    host.settings.parent.mkdir()
    host.settings.write_text("memory: 512m\n")

    assert "was not written by this role" in host.refused()

    assert host.settings.read_text() == "memory: 512m\n"
