# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image becomes the bundle's JVM: its signals, its user, its environment and its options."""

from __future__ import annotations

import json
import re
import time

import pytest
from docker.models.containers import Container

from lab import Lab
from lab.server import EventoServer, Fault
from tests.integration.image.containers import (
    BUNDLE,
    EXIT_SIGTERM,
    JAR,
    Containers,
    exit_code,
    in_shell,
    jar_url,
    kept_files,
    log,
    output,
    put,
    wait_started,
)
from tests.until import until


def test_stops_at_once(containers: Containers, published: EventoServer) -> None:
    container = containers.start({"APP_JAR_URL": jar_url(published)})
    wait_started(container)
    begin = time.monotonic()
    container.stop(timeout=20)
    assert time.monotonic() - begin < 15, "SIGKILL would come after 20 s"
    assert exit_code(container) == EXIT_SIGTERM
    assert f"Stopping EventoApplication {BUNDLE}" in log(container)


def processes(container: Container) -> list[list[str]]:
    """User ID and command line of the container's processes, as everybody on the host sees them."""
    rows = container.top(ps_args="-eo pid,uid,args")["Processes"]
    return [row[1:] for row in rows]


def test_keeps_the_token_out_of_process_lists_and_stops_while_it_downloads(
    containers: Containers, published: EventoServer
) -> None:
    published.fault = Fault(delay=15)
    token = published.token()
    container = containers.start({"APP_JAR_URL": jar_url(published, token)})
    until(lambda: any("curl" in command for _user, command in processes(container)), "curl runs")
    assert not [command for _user, command in processes(container) if token in command or published.url in command]
    begin = time.monotonic()
    container.stop(timeout=20)
    assert time.monotonic() - begin < 15, "SIGKILL would come after 20 s"
    assert exit_code(container) == EXIT_SIGTERM
    assert kept_files(container) == set()


def test_java_is_the_only_process_and_has_no_token(containers: Containers, published: EventoServer) -> None:
    token = published.token()
    container = containers.start(
        {"APP_JAR_URL": jar_url(published, token), "DB_PASSWORD": "s3cr3t", "VM_ARGS": "-Dpassword=s3cr3t"}
    )
    wait_started(container)
    [[user, command]] = processes(container)
    assert user == "10001"
    assert re.fullmatch(r"java @\S+ -jar /opt/evento/artifact/app\.jar", command)
    variables = output(container, "cat", "/proc/1/environ").split("\0")
    assert "DB_PASSWORD=s3cr3t" in variables
    assert not [variable for variable in variables if token in variable or variable.startswith("APP_JAR_URL=")]
    assert kept_files(container) == {"app.jar"}
    assert output(container, "ls", "-A", "/dev/shm") == ""


@pytest.mark.parametrize("user", [None, "12345", "12345:54321"])
def test_runs_locked_down(containers: Containers, published: EventoServer, user: str | None) -> None:
    container = containers.start(
        {"APP_JAR_URL": jar_url(published), "VM_ARGS": "-Xmx64m"},
        user=user,
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
    )
    wait_started(container)


def test_writes_no_options_to_disk_without_shared_memory(containers: Containers, published: EventoServer) -> None:
    container = containers.start(
        {"APP_JAR_URL": jar_url(published), "VM_ARGS": "-Xmx64m"}, ipc_mode="none", read_only=True
    )
    wait_started(container)
    assert kept_files(container) == {"app.jar"}


ENVIRONMENT = {
    "plain": 's3cr3t with spaces & "quotes" = $HOME `id` $(id) \\ {{ 1+1 }}',
    "evento.server.host": "host",
    "spring-profile": "line 1\nline 2\n\x01 'one' \\0101 é€ \n",
    "-dash": "1",
    "empty.value": "",
    # Names that one shell or another keeps for itself.
    "IFS": "x",
    "OPTIND": "7",
    "PPID": "p",
    "UID": "u",
    "GROUPS": "g",
    "SECONDS": "5",
}
VM_ARGS = {
    "-Xmx64m": "-Xmx64m",
    '"-Dspace=hello world"': "-Dspace=hello world",
    "'-Dsingle=a \"b\"'": '-Dsingle=a "b"',
    '-Dmiddle="a b"c': "-Dmiddle=a bc",
    "-Dhash=#fff": "-Dhash=#fff",
    '"-Dhash2=a #b"': "-Dhash2=a #b",
    "-Dbackslash=c:\\dir": "-Dbackslash=c:\\dir",
    '"-Descapes=c:\\\\dir \\"x\\"\\n\\ty"': '-Descapes=c:\\dir "x"\n\ty',
    '"-Dline=a\nb"': "-Dline=a\nb",
    "-Dletters=é€": "-Dletters=é€",
    "-Dat=x@y": "-Dat=x@y",
    '"-Dat2=a @b"': "-Dat2=a @b",
    "-Dshell=$HOME*`id`": "-Dshell=$HOME*`id`",
}


@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
@pytest.mark.parametrize("separator", [" ", " \t", "\n"])
def test_hands_everything_on_byte_for_byte(lab: Lab, containers: Containers, shell: str, separator: str) -> None:
    options, files = in_shell(shell)
    environment = {**ENVIRONMENT, "VM_ARGS": separator.join(VM_ARGS)}
    container = containers.create(
        {**environment, "APP_JAR_URL": "http://x/?token=secret", "DEMO_DUMP": "1", "DEMO_BEHAVIOUR": "exit"}, **options
    )
    put(container, {**files, JAR: lab.jar().read_bytes()}, mode=0o755)
    container.start()
    assert exit_code(container) == 0, log(container)
    dump = json.loads(log(container).splitlines()[0])
    assert dump["jvmArguments"] == list(VM_ARGS.values())
    assert {name: dump["environment"].get(name) for name in environment} == environment
    assert "APP_JAR_URL" not in dump["environment"]


@pytest.mark.parametrize(
    ("vm_args", "words"),
    [
        ('-Da="x', 'a " without its partner'),
        ("'", "a ' without its partner"),
        ("-Da=1 @/options", "an argument file (@)"),
    ],
)
def test_refuses_vm_args_that_java_would_misread(lab: Lab, containers: Containers, vm_args: str, words: str) -> None:
    container = containers.create({"VM_ARGS": vm_args})
    put(container, {JAR: lab.jar().read_bytes()})
    container.start()
    assert exit_code(container) == 78
    assert words in log(container)


def test_reads_many_options(lab: Lab, containers: Containers) -> None:
    vm_args = " ".join(f'"-Dname{number}=a \\"b\\" #"' for number in range(2000))
    container = containers.create({"VM_ARGS": vm_args, "DEMO_DUMP": "1", "DEMO_BEHAVIOUR": "exit"})
    put(container, {JAR: lab.jar().read_bytes()})
    container.start()
    assert exit_code(container) == 0
    dump = json.loads(log(container).splitlines()[0])
    assert dump["jvmArguments"] == [f'-Dname{number}=a "b" #' for number in range(2000)]
