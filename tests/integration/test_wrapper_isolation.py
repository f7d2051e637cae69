# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""evento-deploy as Evento Server calls it: [script, JSON, token], in surroundings that mean it harm.

A playbook of the test's own takes the place of the deployment, and a probe in it says what arrived, and what anybody on
the host could see of it at that moment.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from tests.until import until

COLLECTION = Path(sysconfig.get_path("purelib"), "ansible_collections", "evento", "docker")
SCRIPT = COLLECTION / "roles" / "evento_deploy" / "files" / "evento-deploy"

PROBE = r"""
import hashlib, json, os, re, sys
from pathlib import Path

out, *places = map(Path, sys.argv[1:])
text = sys.stdin.buffer.read()
planted = re.findall(rb"planted-[0-9a-f]{16}", text)

def content(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""

seen = [*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")]
seen += [path for place in places for path in place.rglob("*") if path.is_file()]
leaks = [str(path) for path in seen if any(mark in content(path) for mark in planted)]
out.write_text(json.dumps({"sha256": hashlib.sha256(text).hexdigest(), "planted": len(planted), "leaks": leaks}))
"""

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.command:
        argv: ["{{ ansible_playbook_python }}", "PLACE/probe.py", "PLACE/{{ item }}.json", "PLACE/home", "PLACE/tmp"]
        stdin: "{{ lookup('ansible.builtin.vars', 'evento_bundle_' ~ item) }}"
        stdin_add_newline: false
      loop: [bundle, token]
      no_log: true
"""

SPELL = "{{ lookup('ansible.builtin.pipe', 'touch PLACE/cast') }}"


class Stage:
    """A directory with the playbook, the settings, and a home and temporary directory for the call."""

    def __init__(self, place: Path) -> None:
        self.place = place
        for name in ("home", "tmp", "cwd"):
            (place / name).mkdir()
        (place / "probe.py").write_text(PROBE)
        self.playbook(PLAYBOOK)
        self.settings("")

    def playbook(self, text: str) -> None:
        (self.place / "play.yml").write_text(text.replace("PLACE", str(self.place)))

    def settings(self, text: str) -> None:
        (self.place / "deploy.yml").write_text(f"playbook: play.yml\n{text}".replace("PLACE", str(self.place)))

    @property
    def environ(self) -> dict[str, str]:
        """All that a call gets: no PATH, no locale."""
        place = str(self.place)
        return {
            "EVENTO_DEPLOY_CONFIG": f"{place}/deploy.yml",
            "HOME": f"{place}/home",
            "TMPDIR": f"{place}/tmp",
        }

    def start(
        self,
        *arguments: str | bytes,
        script: Path = SCRIPT,
        environ: dict[str, str] | None = None,
        before: Sequence[str] = (),
    ) -> subprocess.Popen[str]:
        """Start a call, through the program in ``before`` if there is one."""
        return subprocess.Popen(
            [*before, str(script), *arguments],
            env={**self.environ, **(environ or {})},
            cwd=self.place / "cwd",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(
        self, *arguments: str | bytes, script: Path = SCRIPT, environ: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, script=script, environ=environ)
        stdout, stderr = process.communicate(timeout=60)
        return subprocess.CompletedProcess(str(process.pid), process.returncode, stdout, stderr)

    def arrived(self, name: str) -> str:
        return str(json.loads((self.place / f"{name}.json").read_text())["sha256"])

    def cast(self) -> bool:
        """Whether a spell did its work."""
        return (self.place / "cast").exists()


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    # A short name: ansible-core 2.21 puts a socket below TMPDIR, and a socket's path has 107 characters at most.
    return Stage(tmp_path_factory.mktemp("w"))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("bundle", "token"),
    [
        pytest.param('{"updatedAt": 1732320000.123456789, "id": "a", "id": "b"}', "a.b.c", id="exact-text"),
        pytest.param("{'id': 'looks like Python'}", "[1, 2]", id="no-json"),
        pytest.param("True", "12", id="scalars"),
        pytest.param('{"id": "Zähler \\u00e4 \U0001f680\\n"}\n\n ', "-v", id="non-ascii-and-space"),
        pytest.param("--check", "--unknown", id="leading-dash"),
        pytest.param("", "", id="empty"),
        pytest.param("x" * 131_071, "é" * 65_535 + "x", id="longest-argument"),
    ],
)
def test_arguments_arrive_byte_for_byte(stage: Stage, bundle: str, token: str) -> None:
    done = stage.call(bundle, token)

    assert (done.returncode, done.stderr) == (0, "")
    assert stage.arrived("bundle") == digest(bundle)
    assert stage.arrived("token") == digest(token)


def test_nothing_is_evaluated_as_a_template(stage: Stage) -> None:
    spell = SPELL.replace("PLACE", str(stage.place))
    stage.settings(f'image: "{SPELL}"\nenv:\n  KEY: "{SPELL}"\n  "{SPELL}": value\nnetworks: ["{SPELL}"]\n')
    stage.playbook(
        f"{PLAYBOOK}"
        "    - ansible.builtin.debug:\n"
        '        msg: "{{ evento_bundle_image }} {{ evento_bundle_env }} {{ evento_bundle_networks }}"\n'
        "    - ansible.builtin.set_fact:\n"
        '        again: "{{ evento_bundle_bundle }} {{ evento_bundle_token }}"\n'
        '        bundle_again: "{{ evento_bundle_bundle | from_json }}"\n'
        '    - ansible.builtin.debug:\n        msg: "{{ again }} {{ bundle_again }}"\n'
    )
    bundle = json.dumps({"id": spell, spell: {"environment": spell}})

    done = stage.call(bundle, spell)

    assert (done.returncode, done.stderr) == (0, "")
    assert stage.arrived("bundle") == digest(bundle)
    assert stage.arrived("token") == digest(spell)
    assert not stage.cast()


def test_secrets_are_nowhere_to_be_seen(stage: Stage) -> None:
    planted = [f"planted-{number:08x}{secrets.token_hex(4)}" for number in range(3)]
    stage.settings(f"env: {{SECRET: {planted[2]}}}\n")
    bundle = json.dumps({"id": "orders", "environment": {"PASSWORD": planted[0]}})

    done = stage.call("--diff", "-vvvv", bundle, planted[1])

    assert done.returncode == 0, done.stderr
    assert "ansible.builtin.command" in done.stdout, "-vvvv shows what Ansible says"
    for name in ("bundle", "token"):
        probed = json.loads((stage.place / f"{name}.json").read_text())
        assert probed["planted"] == 1
        assert probed["leaks"] == [], "the program itself is no exception once it has begun"
    left = [path for place in ("home", "tmp") for path in (stage.place / place).rglob("*") if path.is_file()]
    for mark in planted:
        assert mark not in done.stdout + done.stderr
        assert not [path for path in left if mark.encode() in path.read_bytes()]
    assert not list((stage.place / "tmp").iterdir())


def lay_traps(place: Path) -> None:
    """Files that Python or Ansible take from the working directory, or from where a variable points, if they look."""
    trap = f"open({str(place / 'cast')!r}, 'w')\nraise SystemExit('trapped')\n"
    for name in ("ansible", "docker", "json", "yaml", "evento_deploy", "sitecustomize"):
        (place / "cwd" / f"{name}.py").write_text(trap)
    for name in ("ansible", "ansible_collections", "callback_plugins", "library", "evento.docker.deploy"):
        (place / "cwd" / name).mkdir()
        (place / "cwd" / name / "__init__.py").write_text(trap)
    (place / "cwd" / "callback_plugins" / "trap.py").write_text(trap)
    (place / "cwd" / "library" / "command.py").write_text(trap)
    (place / "cwd" / "ansible.cfg").write_text(
        "[defaults]\nstdout_callback = trap\ncallback_plugins = ./callback_plugins\nlibrary = ./library\nforks = trap\n"
    )


def test_the_working_directory_does_not_matter(stage: Stage) -> None:
    lay_traps(stage.place)

    done = stage.call("{}", "token")

    assert (done.returncode, done.stderr) == (0, "")
    assert stage.arrived("bundle") == digest("{}")
    assert not stage.cast()


def test_variables_of_ansible_and_python_do_not_matter(stage: Stage) -> None:
    lay_traps(stage.place)
    cwd = str(stage.place / "cwd")
    hostile = {
        "ANSIBLE_CONFIG": f"{cwd}/ansible.cfg",
        "ANSIBLE_CALLBACK_PLUGINS": f"{cwd}/callback_plugins",
        "ANSIBLE_STDOUT_CALLBACK": "trap",
        "ANSIBLE_LIBRARY": f"{cwd}/library",
        "ANSIBLE_COLLECTIONS_PATH": cwd,
        "ANSIBLE_KEEP_REMOTE_FILES": "1",
        "ANSIBLE_DEBUG": "1",
        "ANSIBLE_LOG_PATH": f"{stage.place}/home/log",
        "ANSIBLE_PIPELINING": "0",
        "ANSIBLE_VAULT_PASSWORD_FILE": "/nonexistent",
        "PYTHONPATH": cwd,
        "PYTHONHOME": "/nonexistent",
        "PYTHONWARNINGS": "error",
        "PYTHONINSPECT": "1",
        "LC_ALL": "xx_XX.ISO-8859-1",
    }

    done = stage.call('{"id": "é"}', "token", environ=hostile)

    assert (done.returncode, done.stderr) == (0, "")
    assert stage.arrived("bundle") == digest('{"id": "é"}')
    assert not stage.cast()


def test_an_empty_environment_suffices() -> None:
    done = subprocess.run(
        [str(SCRIPT), "--version"], env={}, cwd="/", capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    version = yaml.safe_load((COLLECTION / "galaxy.yml").read_text())["version"]
    assert done.stdout == f"evento-deploy {version}\n"


def test_works_through_symbolic_links(stage: Stage) -> None:
    (stage.place / "first").symlink_to(SCRIPT)
    (stage.place / "cwd" / "second").symlink_to("../first")

    done = stage.call("{}", "token", script=stage.place / "cwd" / "second")

    assert (done.returncode, done.stderr) == (0, "")
    assert stage.arrived("token") == digest("token")


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({"EVENTO_DEPLOY_PYTHON": sys.executable}, id="named-interpreter"),
        pytest.param({"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}, id="ansible-playbook-on-path"),
    ],
)
def test_a_copy_elsewhere_finds_the_installed_collection(stage: Stage, environ: dict[str, str]) -> None:
    copy = stage.place / "with space" / "deploy-it"
    copy.parent.mkdir()
    shutil.copy(SCRIPT, copy)

    done = stage.call("{}", "token", script=copy, environ=environ)

    assert (done.returncode, done.stderr) == (0, "")
    assert stage.arrived("token") == digest("token")


def test_without_ansible_says_what_to_set(stage: Stage) -> None:
    copy = stage.place / "deploy-it"
    shutil.copy(SCRIPT, copy)

    done = stage.call("{}", "token", script=copy, environ={"EVENTO_DEPLOY_PYTHON": "/nonexistent/python"})

    assert done.returncode == 2
    assert done.stderr == "evento-deploy: error: EVENTO_DEPLOY_PYTHON is not a program: /nonexistent/python\n"


def test_an_argument_that_is_no_text_is_refused(stage: Stage) -> None:
    done = stage.call(b'{"id": "\xff"}', "token")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "evento-deploy: error: BUNDLE_JSON is not UTF-8 text\n"


@pytest.mark.parametrize(
    ("task", "code", "error"),
    [
        (
            "evento.docker.evento_bundle: {bundle: '{}', nonsense: 1}",
            2,
            "evento-deploy: error: Unsupported parameters for",
        ),
        ("evento.docker.evento_bundle: {bundle: '{{ nowhere }}'}", 5, "evento-deploy: error: "),
        (
            "{evento.docker.evento_bundle: {bundle: '{}'}, vars: {ansible_python_interpreter: /bin/false}}",
            5,
            "evento-deploy: error: ",
        ),
        ("ansible.builtin.fail: {msg: 'out of\n\n        luck'}", 5, "evento-deploy: error: out of luck"),
        ("{loop: [one], ansible.builtin.fail: {msg: '{{ item }}'}}", 5, "evento-deploy: error: one"),
        (
            "ansible.builtin.validate_argument_spec: {argument_spec: {n: {type: int}}, provided_arguments: {n: x}}",
            2,
            "evento-deploy: error: Validation of arguments failed: ",
        ),
    ],
)
def test_a_failed_task_is_one_line_and_an_exit_code(stage: Stage, task: str, code: int, error: str) -> None:
    stage.playbook(f"- hosts: localhost\n  gather_facts: false\n  tasks:\n    - {task}\n")

    done = stage.call("{}", "token")

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(error)
    assert done.stderr.count("\n") == 1


def test_a_failure_that_the_playbook_ignores_is_none(stage: Stage) -> None:
    stage.playbook(
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
        "    - {loop: [one, two], ansible.builtin.fail: {msg: '{{ item }}'}, ignore_errors: true}\n"
        "    - {ansible.builtin.fail: {msg: three}}\n"
    )

    done = stage.call("{}", "token")

    assert (done.returncode, done.stderr) == (5, "evento-deploy: error: three\n")


def test_a_broken_playbook_is_told_in_the_words_of_ansible(stage: Stage) -> None:
    stage.playbook("- hosts: localhost\n  no_such_keyword: 1\n")

    done = stage.call("{}", "token")

    assert done.returncode == 5
    assert done.stderr.splitlines()[0].startswith("evento-deploy: error: 'no_such_keyword' is not a valid attribute")


def test_an_inventory_without_hosts_is_an_error(stage: Stage) -> None:
    (stage.place / "hosts.yml").write_text("all: {hosts: {}}\n")
    stage.settings("inventory: hosts.yml\n")
    stage.playbook("- hosts: '{{ evento_bundle_hosts }}'\n  tasks: []\n")

    done = stage.call("{}", "token")

    assert done.returncode == 2
    assert done.stderr == "evento-deploy: error: no task ran: the inventory has no host for the playbook\n"


def test_hosts_choose_from_an_inventory_whose_encrypted_variables_count(stage: Stage) -> None:
    """The variables of the inventory stand in for settings that are not in the file."""
    password = stage.place / "password"
    password.write_text("open sesame\n")
    hosts = {name: {"ansible_connection": "local", "ansible_python_interpreter": sys.executable} for name in "abc"}
    (stage.place / "hosts.yml").write_text(json.dumps({"all": {"hosts": hosts}}))
    variables = stage.place / "group_vars" / "all.yml"
    variables.parent.mkdir()
    variables.write_text("evento_bundle_image: from-the-vault\n")
    vault = Path(sys.executable).with_name("ansible-vault")
    encrypt = [str(vault), "encrypt", f"--vault-password-file={password}", str(variables)]
    environ = {"HOME": str(stage.place / "home"), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    subprocess.run(encrypt, env=environ, cwd=stage.place, capture_output=True, check=True)
    stage.settings("inventory: hosts.yml\nhosts: 'all:!b'\nvault_password_file: password\n")
    stage.playbook(
        "- hosts: '{{ evento_bundle_hosts }}'\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.copy:\n"
        "        {content: '{{ evento_bundle_image }}', dest: 'PLACE/{{ inventory_hostname }}', mode: '0600'}\n"
    )

    done = stage.call("{}", "token")

    assert (done.returncode, done.stderr) == (0, "")
    assert {name for name in "abc" if (stage.place / name).exists()} == {"a", "c"}
    assert (stage.place / "a").read_text() == "from-the-vault"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_whole_run(stage: Stage, number: signal.Signals) -> None:
    stage.playbook(
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
        '    - ansible.builtin.command: {argv: ["/bin/sh", "-c", "echo $$ >PLACE/pid.new; mv PLACE/pid.new PLACE/pid;'
        ' exec sleep 300"]}\n'
    )
    process = stage.start("{}", "token")
    pid_file = stage.place / "pid"
    until(pid_file.exists, "the start of the task")

    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=30)

    assert process.returncode == 128 + number
    assert (stdout, stderr.count("\n")) == ("", 1)
    assert stderr.startswith(f"evento-deploy: error: stopped by {number.name}")
    until(lambda: not running(int(pid_file.read_text())), "the end of the task")
    assert not list((stage.place / "tmp").iterdir())


def test_a_hangup_that_nohup_lets_be_ignored_ends_nothing(stage: Stage) -> None:
    stage.playbook(
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
        '    - ansible.builtin.command: {argv: ["/bin/sh", "-c", "touch PLACE/begun;'
        ' until [ -e PLACE/go ]; do sleep 0.1; done"]}\n'
    )
    process = stage.start("{}", "token", before=["nohup"])
    until((stage.place / "begun").exists, "the start of the task")

    process.send_signal(signal.SIGHUP)
    (stage.place / "go").touch()
    stderr = process.communicate(timeout=30)[1]

    assert (process.returncode, stderr) == (0, "")


def running(pid: int) -> bool:
    """Whether the process exists and has not ended: an ended one can stay in the table for a while."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
