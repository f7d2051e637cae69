# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook in an environment of its own, with nothing secret on its command line, in it, or on disk."""

from __future__ import annotations

import datetime
import json
import os
import pwd
import shutil
import signal
import tempfile
import time
import typing as t
from collections.abc import Mapping
from pathlib import Path

from ._command_line import Call
from ._errors import DeployError
from ._locate import Collection, collection_paths
from ._process import STOP_SIGNALS, Program, start
from ._settings import PREFIX, Settings

_CONFIG = Path(__file__).with_name("ansible.cfg")
_PR_SET_CHILD_SUBREAPER = 36
# Seconds that what a stopped run has left behind gets to end.
_LAST_ORPHAN = 5
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_KEPT = (
    "SSH_AUTH_SOCK",
    *("DOCKER_HOST", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_TLS_HOSTNAME", "DOCKER_CERT_PATH"),
    *("DOCKER_TIMEOUT", "DOCKER_API_VERSION", "DOCKER_CONFIG"),
    *("http_proxy", "https_proxy", "no_proxy", "all_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)


class Outcome(t.NamedTuple):
    """How the run ended.

    ``status`` is that of ansible-playbook, ``stopped_by`` the signal that stopped this program (0: none), ``report``
    what the callback wrote, and ``output`` Ansible's own output unless it was passed through.
    """

    status: int
    stopped_by: int
    report: str
    output: str


class _Stop:
    """Hands a request to stop on to a process group."""

    def __init__(self) -> None:
        self.signal = 0
        self._group = 0
        for number in STOP_SIGNALS:
            # nohup lets this one be ignored, and it is to stay so.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._received)

    def forward_to(self, group: int) -> None:
        """From now on hand signals on, beginning with one that came before."""
        self._group = group
        if self.signal:
            self._send()

    def _received(self, number: int, _frame: t.Any) -> None:
        self.signal = number
        _adopt_orphans()
        if self._group:
            self._send()

    def _send(self) -> None:
        try:
            # Ansible ends its workers, which are in groups of their own, on SIGTERM and SIGINT only.
            os.killpg(self._group, signal.SIGTERM if self.signal == signal.SIGHUP else self.signal)
        except ProcessLookupError:
            self._group = 0  # it has ended already


def home_directory(environ: Mapping[str, str]) -> Path:
    """HOME, or what the user database says, or ``/``."""
    home = environ.get("HOME")
    if not home:
        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:  # a container can run as a user without a name
            home = "/"
    return Path(home)


def run_playbook(call: Call, settings: Settings, collection: Collection, environ: Mapping[str, str]) -> Outcome:
    """Run the playbook and wait for its end; SIGTERM, SIGINT and SIGHUP are handed on to it.

    :raises DeployError: if it cannot be started
    """
    stop = _Stop()
    home = home_directory(environ)
    try:
        private = Path(tempfile.mkdtemp(prefix="evento-deploy-"))
    except OSError as error:
        raise DeployError(f"no temporary directory can be made ({error}); set TMPDIR to a writable one") from None
    report, output = _memory_file("report"), _memory_file("output")
    bundle, token = _memory_file("bundle", call.bundle), _memory_file("token", call.token)
    options = _memory_file("options", _json(settings.options))
    variables = extra_variables(settings, bundle, token, options)
    environment = ansible_environment(environ, home, private, collection)
    environment["EVENTO_DEPLOY_REPORT_FD"] = str(report)
    if not settings.inventory:
        # The plugin that reads a list of host names; Ansible would load five more.
        environment["ANSIBLE_INVENTORY_ENABLED"] = "host_list"
    try:
        process = start(
            Program(
                _arguments(call, settings, variables),
                environment,
                None if call.verbosity else output,
                plain=settings == Settings(settings.options),
            )
        )
        stop.forward_to(process)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if stop.signal:
            _wait_for_orphans()
    finally:
        shutil.rmtree(private, ignore_errors=True)
    return Outcome(status, stop.signal, _text(report), _text(output))


def ansible_environment(
    environ: Mapping[str, str], home: Path, private: Path, collection: Collection
) -> dict[str, str]:
    """Ansible's whole environment, built from nothing.

    :param environ: the caller's environment, of which only names that are known to be needed are taken over
    :param private: directory of this run alone, also used where ``home`` cannot be written to
    """
    ansible_home = home / ".ansible"
    writable = os.access(ansible_home if ansible_home.exists() else home, os.W_OK | os.X_OK)
    paths = [collection.root, *collection_paths(home)]
    return {
        **{name: environ[name] for name in _KEPT if name in environ},
        "PATH": environ.get("PATH") or _DEFAULT_PATH,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(_CONFIG),
        "ANSIBLE_COLLECTIONS_PATH": ":".join(map(str, paths)),
        "ANSIBLE_HOME": str(ansible_home if writable else private),
        "ANSIBLE_LOCAL_TEMP": str(private),
        "TMPDIR": str(private),  # a module that is killed leaves its unpacked code there
    }


def extra_variables(settings: Settings, bundle: int, token: int, options: int) -> str:
    """The role's variables as JSON for the command line, which holds no value but only where to read it.

    Ansible evaluates extra variables as templates. These are templates of ours, each a lookup of what a memory file
    holds, and the result of a lookup is not evaluated.

    :param bundle: descriptor of the bundle's text
    :param token: descriptor of the token's text
    :param options: descriptor of the settings' options as a JSON object
    """
    variables = {
        f"{PREFIX}hosts": settings.hosts,
        f"{PREFIX}bundle": _template(_content(bundle), "string"),
        f"{PREFIX}token": _template(_content(token), "string"),
    }
    for name, value in settings.options.items():
        option = f"({_content(options)} | from_json).{name}"
        variables[PREFIX + name] = _template(option, *(["string"] if isinstance(value, str) else []))
    return json.dumps(variables)


def _content(descriptor: int) -> str:
    return f"lookup('ansible.builtin.file', '/proc/self/fd/{descriptor}', rstrip=false)"


def _template(*filters: str) -> str:
    # "string" keeps ansible-core 2.18 from turning text that looks like a dictionary into one.
    return f"{{{{ {' | '.join(filters)} }}}}"


def _json(options: Mapping[str, t.Any]) -> bytes:
    try:
        return json.dumps(options, default=_date).encode()
    except TypeError as error:
        raise DeployError(f"the settings file holds what is no text, number, list or mapping: {error}") from None


def _date(value: t.Any) -> str:
    """YAML makes dates of text such as 2026-01-31."""
    if isinstance(value, datetime.date):
        return str(value)
    raise TypeError(f"{type(value).__name__}; write it as text in quotes")


def _arguments(call: Call, settings: Settings, variables: str) -> list[str]:
    arguments = [f"--extra-vars={variables}"]
    # Without one Ansible would read /etc/ansible/hosts; this is a list of no hosts.
    arguments += [f"--inventory={source}" for source in settings.inventory or [","]]
    if settings.vault_password_file:
        arguments.append(f"--vault-password-file={settings.vault_password_file}")
    if call.check:
        arguments.append("--check")
    if call.diff:
        arguments.append("--diff")
    if call.verbosity:
        arguments.append("-" + "v" * call.verbosity)
    return [*arguments, "--", settings.playbook]


def _adopt_orphans() -> None:
    """From now on be the parent of what Ansible leaves behind, so that it can be waited for."""
    import ctypes  # takes time, and most calls are not stopped

    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait_for_orphans() -> None:
    """Told twice to stop, Ansible ends before its workers, which make its temporary directory anew to write there."""
    end = time.monotonic() + _LAST_ORPHAN
    while time.monotonic() < end:
        try:
            ended = os.waitpid(-1, os.WNOHANG)[0]
        except ChildProcessError:  # there is none any more
            return
        if not ended:
            time.sleep(0.02)


def _memory_file(name: str, content: bytes = b"") -> int:
    descriptor = os.memfd_create(f"evento-deploy-{name}")
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content)
    return descriptor


def _text(descriptor: int) -> str:
    with open(descriptor, encoding="utf-8", errors="backslashreplace") as file:
        file.seek(0)
        return file.read()
