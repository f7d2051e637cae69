# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words for what goes wrong with the engine, and with the way to it."""

from __future__ import annotations

import re
import ssl
import sys
import time
import typing as t
from contextlib import contextmanager
from functools import wraps
from http.client import HTTPException
from json import JSONDecodeError

from ansible_collections.evento.docker.plugins.module_utils._base.errors import ENGINE_UNREACHABLE, OTHER, EngineError
from ansible_collections.evento.docker.plugins.module_utils._engine.ssh import explain

# By these an answer shows that was cut off, or that never came.
_BROKEN = (ConnectionError, HTTPException, JSONDecodeError, EOFError)
# As many of its words as a sentence can hold.
_LONGEST_WORDS = 500
_WANTS_TLS = "Client sent an HTTP request to an HTTPS server"
LOG_IN = "log in to the registry with docker login, or set username and password"
# Words of the engine about a fault that its operator can mend, and the next step.
_NEXT_STEPS = (
    ("port is already allocated", "publish another port, or a range of ports, with published_ports"),
    ("address already in use", "publish another port, or a range of ports, with published_ports"),
    ("no space left on device", "free disk space on the Docker host, for example with docker system prune"),
    ("no such image", "build, load or pull the image on the Docker host first"),
    ("pull access denied", "build or load the image on the Docker host, or name one that can be pulled"),
    ("no basic auth credentials|unauthorized", LOG_IN),
    ("manifest unknown", "check the tag of the image"),
    ("repository does not exist", "build or load the image on the Docker host, or name one that can be pulled"),
    ("network .* not found", "create the network on the Docker host, or name another one in networks"),
    ("minimum memory limit", "raise memory"),
    ("range of cpus", "set cpus to a number within it"),
    ("client version", "set api_version to auto"),
)
# What a registry cannot answer for an instant it can in less than these seconds together.
_PAUSES = (0.25, 0.5, 1.0)
_Result = t.TypeVar("_Result")


def asked_again(ask: t.Callable[..., _Result]) -> t.Callable[..., _Result]:
    """Let a function try three times more, for less than 2 s, where a registry answers that the fault is its own.

    Debian's docker-registry does so about what another run is just writing.

    :param ask: may be called any number of times with the same effect.
    """

    @wraps(ask)
    def patient(*args: t.Any) -> _Result:
        for pause in _PAUSES:
            try:
                return ask(*args)
            except EngineError as exc:
                if exc.status is None or exc.status < 500:
                    raise
            time.sleep(pause)
        return ask(*args)

    return patient


@contextmanager
def translated(
    doing: str, clean: t.Callable[[str], str] = str, shown: t.Callable[[str], str] | None = None
) -> t.Iterator[None]:
    """Turn what the SDK raises into an EngineError with one sentence.

    :param doing: what is being done, as in "start orders-1".
    :param clean: takes secrets out of the engine's own words.
    :param shown: the same for an answer that the engine has given, where that is another matter.
    :raises EngineError: instead of any error of the SDK or of the connection.
    """
    from docker.errors import DockerException, StreamParseError
    from requests.exceptions import HTTPError as StatusError
    from requests.exceptions import RequestException
    from urllib3.exceptions import HTTPError

    # The SDK lets through what paramiko raises; imported it only where it is used.
    paramiko = sys.modules.get("paramiko")
    ssh_errors = (paramiko.SSHException,) if paramiko else ()
    try:
        yield
    except StatusError as exc:
        words = (shown or clean)(_engines_words(exc)).strip().rstrip(".")
        step = next((step for sign, step in _NEXT_STEPS if re.search(sign, words, re.I)), None)
        sentence = f"Could not {doing}: {words}" + (f": {step}." if step else ".")
        raise EngineError(sentence, status=None if exc.response is None else exc.response.status_code) from exc
    except (DockerException, StreamParseError, RequestException, HTTPError, OSError, *_BROKEN, *ssh_errors) as exc:
        words, failure = _diagnosed(exc)
        raise EngineError(f"Could not {doing}: {clean(words)}.", failure) from exc


def _diagnosed(exc: Exception) -> tuple[str, str]:
    """What went wrong with a connection, and the class of the failure."""
    from docker.errors import StreamParseError
    from requests.exceptions import Timeout
    from urllib3.exceptions import TimeoutError

    links = _links(exc)
    # What SSH says goes before what others make of it.
    of_ssh = [words for words in map(explain, links) if words]
    if of_ssh:
        return of_ssh[0], ENGINE_UNREACHABLE
    if any(_WANTS_TLS in str(link) for link in links):
        return "the engine wants TLS there: set validate_certs, ca_path, client_cert and client_key", ENGINE_UNREACHABLE
    telling = [link for link in links if isinstance(link, (*_BROKEN, StreamParseError)) or _has_own_words(link)]
    # Only then: a refused connection is a timeout, too, in urllib3's classes.
    if not telling and any(isinstance(link, (Timeout, TimeoutError)) for link in links):
        return "the Docker engine did not answer in time; look at the engine, or raise timeout", ENGINE_UNREACHABLE
    failure = ENGINE_UNREACHABLE if telling or isinstance(exc, OSError) else OTHER
    return _explain(telling[-1] if telling else exc), failure


def _engines_words(exc: t.Any) -> str:
    """What the engine said about an error; the SDK has read it already where the call was one of its own."""
    words = getattr(exc, "explanation", None)
    if not words and exc.response is not None:
        try:
            words = exc.response.json()["message"]
        except (ValueError, LookupError, TypeError):
            # To a call that would take the connection over, the engine answers in plain text.
            words = " ".join(exc.response.text[:_LONGEST_WORDS].split()) or exc.response.reason
    return str(words or "it did not say why")


def _links(exc: BaseException) -> list[BaseException]:
    """An error and all that led to it; urllib3 hands some of that on as an argument only."""
    found: list[BaseException] = []
    todo: list[t.Any] = [exc]
    while todo:
        link = todo.pop(0)
        if isinstance(link, BaseException) and not any(link is known for known in found):
            found.append(link)
            todo += [link.__cause__, link.__context__, *link.args]
    return found


def _has_own_words(link: BaseException) -> bool:
    """Whether it is an error of the system or one about a certificate, and no wrapping of another."""
    # urllib3 has moved its CertificateError about, or takes that of the ssl module.
    about_certificate = isinstance(link, ssl.CertificateError) or type(link).__name__ == "CertificateError"
    return about_certificate or _is_system_error(link)


def _is_system_error(link: BaseException) -> bool:
    return isinstance(link, OSError) and link.errno is not None


def _explain(cause: BaseException) -> str:
    from docker.errors import StreamParseError

    if isinstance(cause, PermissionError):
        return "permission denied: run as root or as a member of the group that owns the socket (docker)"
    if isinstance(cause, FileNotFoundError):
        return "there is no such socket: start the Docker engine, or set docker_host"
    if isinstance(cause, ConnectionRefusedError):
        return "nothing listens there: start the Docker engine, or set docker_host"
    if isinstance(cause, (*_BROKEN, StreamParseError)):
        return (
            "the connection was broken off, perhaps because the engine does not run: check docker_host and TLS options"
        )
    # As text, some errors of the ssl module look like a tuple.
    words = str(getattr(cause, "strerror", None) or (cause.args[0] if len(cause.args) == 1 else cause))
    # OpenSSL's own names stand before and behind its words.
    words = re.sub(r"^\[[A-Z0-9_: ]+\] | \(_ssl\.c:\d+\)$", "", words.strip()).rstrip(".")
    if _is_system_error(cause) or "certificate" in words or "hostname" in words:
        return f"{words}: check docker_host and the TLS options"
    return words or type(cause).__name__
