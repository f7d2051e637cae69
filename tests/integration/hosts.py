# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several machines of their own, each with a Docker engine and an SSH server, in one network with this one."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import typing as t
from pathlib import Path

import docker

from lab import _engine, _network, _packages
from lab._errors import LabError, run
from lab._namespaces import Namespaces
from tests.integration.isolated_engine import IsolatedEngine
from tests.integration.tls_engine import Certificates
from tests.until import until

# 198.18.0.0/15 is kept for tests; the lab's bridges have the third numbers up to 63.
_NUMBERS = range(64, 256)
_TLS_PORT = 2376
_SECONDS = 20
# A /run of its own for the engine's socket at its usual place, and for the SSH server.
_SCRIPT = """
mount -t tmpfs tmpfs /run
mkdir /run/sshd
"""
_SSHD = """
ListenAddress {address}
HostKey {directory}/host_key
PidFile none
AuthorizedKeysFile {authorized}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
"""
_SSH = """
Host *
  IdentityFile {home}/.ssh/id_ed25519
  IdentitiesOnly yes
  UserKnownHostsFile {home}/.ssh/known_hosts
  StrictHostKeyChecking yes
"""


class Host(IsolatedEngine):
    """One machine: its engine has a bridge, and listens at its usual socket, at that of the test, and with TLS.

    :param name: its host name.
    :param address: its IP address in the network of the hosts.
    """

    def __init__(self, fleet: Fleet, name: str, address: str) -> None:
        super().__init__(name, _SCRIPT)
        self.name = name
        self.address = address
        self._fleet = fleet
        self._sshd: subprocess.Popen[bytes] | None = None

    @property
    def tls_address(self) -> str:
        """Where the engine lets in whoever has the client certificate."""
        return f"tcp://{self.address}:{_TLS_PORT}"

    @property
    def ssh_address(self) -> str:
        """Where the engine can be reached through SSH."""
        return f"ssh://root@{self.address}"

    def client(self) -> contextlib.AbstractContextManager[docker.DockerClient]:
        """The Docker SDK's client for the engine, for use in a `with` statement."""
        return _engine.client(self.docker_host)

    def load(self, image: str, source: docker.DockerClient) -> None:
        """Copy an image from another engine."""
        with self.client() as client:
            client.images.load(b"".join(source.images.get(image).save(named=True)))

    def plug(self) -> None:
        """Connect it to the network of the hosts (again)."""
        self._fleet.switch.run("ip", "link", "set", self.name, "up")

    def unplug(self) -> None:
        """Take it off the network of the hosts."""
        self._fleet.switch.run("ip", "link", "set", self.name, "down")

    @property
    def flags(self) -> list[str]:
        certificates = self._fleet.certificates
        return [
            "--host=unix:///run/docker.sock",
            f"--host={self.tls_address}",
            "--tlsverify",
            f"--tlscacert={certificates.ca}",
            f"--tlscert={certificates.certificate('server')}",
            f"--tlskey={certificates.key('server')}",
            # Nothing answers there, so that a container's look-up of an unknown name fails at once.
            f"--dns={self._fleet.address}",
            f"--insecure-registry={self._fleet.address}/24",
        ]

    def prepare(self) -> None:
        """Plug it in and start its SSH server."""
        switch = self._fleet.switch
        pair = ["eth0", "netns", str(self.namespaces.pid), "type", "veth", "peer", "name", self.name]
        _network.ip("link", "add", *pair, "netns", str(switch.pid))
        switch.run("ip", "link", "set", self.name, "master", "switch")
        self.plug()
        self.namespaces.run("ip", "address", "add", f"{self.address}/24", "dev", "eth0")
        self.namespaces.run("ip", "link", "set", "eth0", "up")
        key = _new_key(self.directory / "host_key")
        self._fleet.trust(self.address, key)
        config = self.directory / "sshd_config"
        authorized = self._fleet.home / ".ssh/id_ed25519.pub"
        config.write_text(_SSHD.format(address=self.address, directory=self.directory, authorized=authorized))
        command = self.namespaces.command(str(_packages.find("sshd")), "-D", "-e", "-f", str(config))
        with (self.directory / "sshd.log").open("wb") as log:
            self._sshd = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self._lets_in, f"the SSH server of {self.name}", _SECONDS)

    def _lets_in(self) -> bool:
        assert self._sshd is not None
        assert self._sshd.poll() is None, (self.directory / "sshd.log").read_text()
        try:
            socket.create_connection((self.address, 22), _SECONDS).close()
        except ConnectionRefusedError:
            return False
        return True

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        if self._sshd:
            self._sshd.wait(_SECONDS)


class Fleet:
    """A context manager with some hosts in one network, where this machine has the address `address`.

    :param count: how many.
    :param directory: for keys and certificates; `home` in there is the home directory of a user that SSH lets in.
    """

    def __init__(self, count: int, directory: Path) -> None:
        self.home = directory / "home"
        self.switch = Namespaces(("--net",), "ip link add switch type bridge\nip link set switch up")
        self.address = ""
        self.hosts: list[Host] = []
        self._count = count
        self._directory = directory
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> t.Self:
        _packages.require(engine=True)
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.switch)
            network = self._connect()
            self.address = f"{network}.1"
            addresses = [f"{network}.{10 + number}" for number in range(1, self._count + 1)]
            self.certificates = Certificates(self._directory, "engine.example", addresses)
            self._make_home()
            for number, address in enumerate(addresses, start=1):
                self.hosts.append(stack.enter_context(Host(self, f"host{number}", address)))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stack.close()

    def trust(self, address: str, key: str) -> None:
        """Let the user of `home` know the key of the host at an address."""
        with (self.home / ".ssh/known_hosts").open("a") as file:
            file.write(f"{address} {key}\n")

    @property
    def ssh(self) -> Path:
        """The system's ssh as the user of `home` has it: it asks the system, not HOME, where its settings are."""
        return self.home / "bin/ssh"

    @property
    def variables(self) -> dict[str, str]:
        """The environment of the user of `home`."""
        return {"HOME": str(self.home), "PATH": f"{self.ssh.parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}

    def inventory(self, **variables: str) -> dict[str, t.Any]:
        """An inventory of the hosts, for SSH.

        :param variables: further variables of all hosts.
        """
        hosts = {
            host.name: {"ansible_host": host.address, "ansible_remote_tmp": str(host.directory / "tmp")}
            for host in self.hosts
        }
        shared = {
            "ansible_user": "root",
            "ansible_ssh_executable": str(self.ssh),
            "ansible_ssh_transfer_method": "piped",
            # No connection outlives its test for long.
            "ansible_ssh_args": "-o ControlMaster=auto -o ControlPersist=2s",
            "ansible_python_interpreter": sys.executable,
            **variables,
        }
        return {"all": {"hosts": hosts, "vars": shared}}

    def _connect(self) -> str:
        """Connect this machine to the network; the first three numbers of the network's addresses."""
        for number in _NUMBERS:
            # Who makes it has the network. It vanishes with the switch.
            name = f"evhosts{number}"
            with contextlib.suppress(LabError):
                _network.ip(
                    "link", "add", name, "type", "veth", "peer", "name", "machine", "netns", str(self.switch.pid)
                )
                break
        else:
            raise LabError("All networks for hosts are taken; end other tests, or look at: ip link show type veth.")
        self.switch.run("ip", "link", "set", "machine", "master", "switch", "up")
        _network.ip("address", "add", f"198.18.{number}.1/24", "dev", name)
        _network.ip("link", "set", name, "up")
        return f"198.18.{number}"

    def _make_home(self) -> None:
        (self.home / ".ssh").mkdir(parents=True, mode=0o700)
        _new_key(self.home / ".ssh/id_ed25519")
        (self.home / ".ssh/config").write_text(_SSH.format(home=self.home))
        self.ssh.parent.mkdir()
        self.ssh.write_text(f'#!/bin/sh\nexec {_packages.find("ssh")} -F "{self.home}/.ssh/config" "$@"\n')
        self.ssh.chmod(0o755)


def _new_key(path: Path) -> str:
    """Make an SSH key; its public part."""
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)])
    return path.with_name(f"{path.name}.pub").read_text().strip()
