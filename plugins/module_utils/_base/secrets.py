# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must not be shown, and what stands in its place."""

from __future__ import annotations

import base64
import json
import re
import typing as t
from urllib.parse import quote, quote_plus, unquote

MASK = "********"
# Shorter values (true, 8080, debug) stand in any log for other reasons; to blank them out would only spoil it.
_SHORTEST = 6
# A secret that is shorter than that is masked where it stands as a word of its own.
_SHORTEST_WORD = 4

# Names of variables and JVM options, as _words returns them.
_SECRET_NAME = re.compile(
    r"passw|passcode|pass(?![a-z])|pwd|pswd|phrase|mnemonic|secret|token|keys?(?![a-z])|cred|auth|private|cert|salt|hmac"
    r"|signature|cookie|jwt|bearer|webhook|licen[cs]e|dsn|conn(?:ection)?[^a-z]?str"
    r"|(?<![a-z])(?:pw|pin|otp|psk|pat|sas|seed)(?![a-z])"
)
_PLACE_NAME = re.compile(r"(?:host(?:name)?|server|addr(?:ess)?|endpoint|broker|node|peer|ur[il])s?\Z")
# User and password before the host, and the values of the query.
_USER_IN_URL = re.compile(r"://([^/?#\s:@]*)(?::([^/?#\s]*))?@")
_QUERY_IN_URL = re.compile(r"[?&;]([^=?&;]+)=([^&;\s]+)")
_SWITCHES = frozenset(("true", "false", "null", "none"))
_KNOWN_WORDS = frozenset(
    [
        *("production", "development", "staging", "testing", "default", "enabled", "disabled", "localhost"),
        *("debug", "info", "warning", "error", "trace", "verbose", "validate", "update", "create-drop"),
        *_SWITCHES,
        *("utf-8", "utf8", "utf-16", "iso-8859-1", "us-ascii"),
    ]
)
# Up to 13 digits: milliseconds since 1970, and bytes. What is longer may be the number of a card or an account.
_QUANTITY = re.compile(r"[+-]?[0-9]{1,13}(?:\.[0-9]{1,6})?(?:%|ms|s|m|h|d|[kmg]i?b?|b)?", re.IGNORECASE)
_IP_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?")
_PORT = re.compile(r"(?P<host>.*):[0-9]{1,5}")
_DOMAIN = re.compile(
    r"internal|local|localdomain|lan|home|corp|intranet|com|net|org|info|dev|app|cloud|example|[a-z]{2}"
)
# A word with a small number, such as node12 or Orders: letters of both kinds or digits in between look random.
_WORD = re.compile(r"(?:[a-z]{1,15}|[A-Z]{1,15}|[A-Z][a-z]{1,14})?[0-9]{0,4}")
_NO_VOWEL = re.compile(r"[b-df-hj-np-tv-xz]{6}", re.IGNORECASE)


class Scrubber:
    """Takes secret values out of words that others wrote: an instance's log, the engine's explanations.

    A secret is masked as it is, line by line, percent-encoded, as in JSON and in Base64: wherever it stands from 6
    characters on, and from 4 on where it stands as a word of its own. A variable's value is a secret where the name
    says so (password, token, key, ...), and so is a password or a token within a URL. Under any other name a value of 6
    characters and more is one, too, unless it is clearly none: a quantity, an address, a URL or a path without user,
    query and random-looking parts, a well-known word, or a list of these.

    Our own sentences are made without secrets and do not pass through here.

    :param secrets: values that are secret whatever they look like.
    :param variables: names and values of environment variables and JVM options.
    """

    def __init__(self, secrets: t.Iterable[str], variables: t.Iterable[tuple[str, str]] = ()) -> None:
        found = [*secrets]
        for name, value in variables:
            found += [value] if _is_secret(name, value) else []
            found += _secrets_in_url(value)
        forms = {form for secret in found for form in _forms(secret)}
        self._forms = sorted((form for form in forms if len(form) >= _SHORTEST), key=len, reverse=True)
        words = "|".join(re.escape(form) for form in sorted(forms) if _SHORTEST_WORD <= len(form) < _SHORTEST)
        self._words = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else None

    def __call__(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, MASK)
        return self._words.sub(MASK, text) if self._words else text


def _forms(secret: str) -> t.Iterator[str]:
    # Less than a word would be found in its other forms by chance.
    if len(secret) < _SHORTEST_WORD:
        return
    yield secret
    yield from (line for line in secret.splitlines() if len(line) >= _SHORTEST)
    # Half of a character, which is no text, must not make the run fail here: whoever uses the value says so.
    encoded = secret.encode("utf-8", "surrogatepass")
    yield quote(encoded, safe="")
    yield quote(encoded)
    yield quote_plus(encoded)
    yield json.dumps(secret)[1:-1]
    yield base64.b64encode(encoded).decode()
    yield base64.urlsafe_b64encode(encoded).decode()
    yield base64.b64encode(encoded).decode().rstrip("=")


def _secrets_in_url(value: str) -> t.Iterator[str]:
    found = [text for name, text in _QUERY_IN_URL.findall(value) if _names_a_secret(name)]
    for user, password in _USER_IN_URL.findall(value):
        # A token can take the place of the user.
        found += [password] if _is_readable(user) else [user, password]
    for text in found:
        yield text
        yield unquote(text)


def _names_a_secret(name: str) -> bool:
    return bool(_SECRET_NAME.search(_words(name)))


def _words(name: str) -> str:
    """A name in small letters: as it is, for pAssWord, and with its words apart, for userPin."""
    return f"{name} {re.sub('(?<=[a-z0-9])(?=[A-Z])', '_', name)}".lower()


def _is_secret(name: str, value: str) -> bool:
    if _names_a_secret(name):
        return value.lower() not in _SWITCHES
    names_a_place = bool(_PLACE_NAME.search(_words(name)))
    return len(value) >= _SHORTEST and not all(_is_harmless(one, names_a_place) for one in re.split(", ?", value))


def _is_harmless(value: str, names_a_place: bool) -> bool:
    """Whether a value is clearly no secret.

    :param names_a_place: the name of its variable says that it is one, so that a single word can be a host.
    """
    if value.lower() in _KNOWN_WORDS or _QUANTITY.fullmatch(value):
        return True
    return _is_host(value, names_a_place) or _is_path(value) or _is_url(value)


def _is_host(value: str, one_word: bool) -> bool:
    """Whether it is the address of a host, with or without a port; of one word only where that is expected."""
    port = _PORT.fullmatch(value)
    host = port["host"] if port else value
    if _IP_ADDRESS.fullmatch(host) or host == "localhost":
        return True
    first, *others = host.split(".")
    if not others:
        # Names of hosts are small letters; Winter2023 is no such name.
        return one_word and host == host.lower() and _is_readable(host)
    return bool(_DOMAIN.fullmatch(others[-1])) and all(_is_readable(label) for label in (first, *others))


def _is_path(value: str) -> bool:
    """Whether it is a path of at least two steps: one could be a password that begins with a slash."""
    root, *steps = value.split("/")
    return root in ("", ".", "..") and len(steps) > 1 and all(_is_readable(step) for step in steps if step)


def _is_url(value: str) -> bool:
    scheme, colon, place = value.removeprefix("jdbc:").partition("://")
    if not colon or not scheme.isalpha() or set("?#;@") & set(place):
        return False
    host, _slash, path = place.partition("/")
    return _is_host(host, one_word=True) and all(_is_readable(step) for step in path.split("/") if step)


def _is_readable(text: str) -> bool:
    """Whether it is made of words and small numbers, and not of random letters."""
    parts = re.split("[-_.]", text)
    return bool(text) and all(_WORD.fullmatch(part) and not _NO_VOWEL.search(part) for part in parts)
