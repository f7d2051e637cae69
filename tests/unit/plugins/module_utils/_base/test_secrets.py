# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are taken out of others' words, and nothing else is."""

from __future__ import annotations

import base64
import json
import time
from urllib.parse import quote, quote_plus

import pytest

from ansible_collections.evento.docker.plugins.module_utils._base.secrets import MASK, Scrubber

SECRET = 'pa ss/w\u00f6rd"+x'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps(SECRET)[1:-1],
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ],
)
def test_every_form_of_a_secret_is_masked(form: str) -> None:
    assert Scrubber([SECRET])(f"before {form} after") == f"before {MASK} after"


def test_lines_of_a_secret_are_masked_one_by_one() -> None:
    assert Scrubber(["-----BEGIN\nabcdefgh"])("read abcdefgh") == f"read {MASK}"


def test_short_secrets_are_masked_as_words_of_their_own() -> None:
    clean = Scrubber(["main", "a+b="], [("DB_PASSWORD", "tiger")])
    assert clean("main: tiger! domain tigers main_loop") == f"{MASK}: {MASK}! domain tigers main_loop"
    assert clean("url?x=a+b=&y") == f"url?x={MASK}&y"
    assert clean("a%2Bb%3D") == MASK


def test_a_secret_of_three_letters_is_left_alone() -> None:
    assert Scrubber(["abc", ""], [("PIN", "123")])("abc 123 YWJj MTIz") == "abc 123 YWJj MTIz"


HARMLESS = [
    ("MODE", "true"),
    ("PORT", "8080"),
    ("STAGE", "prod"),
    ("STAGE", "production"),
    ("LOG_LEVEL", "WARNING"),
    ("FILE_ENCODING", "UTF-8"),
    ("POOL_SIZE", "100000"),
    ("RATIO", "0.123456"),
    ("TIMEOUT", "120000ms"),
    ("CACHE", "1048576k"),
    ("PORTS", "8080,8081, 8082"),
    ("SERVER", "host.docker.internal"),
    ("DATABASE_HOST", "postgres"),
    ("DATABASE_HOST", "orders-db-1.prod.example.com"),
    ("bootstrapServers", "kafka-1:9092,kafka-2:9092"),
    ("METRICS", "metrics.example.com:9100"),
    ("BIND", "192.168.100.17:8080"),
    ("BIND", "localhost:8080"),
    ("NETWORK", "10.20.0.0/16"),
    ("EVENTO_URL", "http://evento:3000"),
    ("KEYCLOAK_URL", "https://keycloak.example.com/realms/orders/"),
    ("spring.datasource.url", "jdbc:postgresql://orders-db:5432/orders"),
    ("-Djava.io.tmpdir", "/var/tmp/orders"),
    ("-Djavax.net.ssl.trustStore", "/etc/orders/trust-store.p12"),
    ("AUTH_ENABLED", "true"),
    ("TOKEN_CACHE", "None"),
]


@pytest.mark.parametrize(("name", "value"), HARMLESS)
def test_what_is_clearly_no_secret_stays_readable(name: str, value: str) -> None:
    line = f"Connecting to {value} now"
    assert Scrubber([], [(name, value)])(line) == line


SECRETS = [
    # The name says it, whatever the value looks like.
    ("DB_PASSWORD", "production"),
    ("dbPasswd", "postgres.example.com"),
    ("PGPASS", "localhost:5432"),
    ("MAIL_PWD", "1234567"),
    ("SOME_PW", "8080"),
    ("CLIENT_SECRET", "default"),
    ("-Dapi.token", "/var/tmp/orders"),
    ("APIKEY", "100000"),
    ("apiKey", "orders"),
    ("ACCESS_KEY_ID", "AKIAORDERS"),
    ("GOOGLE_CREDENTIALS", "/etc/google/orders"),
    ("BASIC_AUTH", "admin:1234"),
    ("PRIVATE_PEM", "debug,info"),
    ("TLS_CERT", "orders"),
    ("HASH_SALT", "testing"),
    ("SENTRY_DSN", "http://sentry:9000/12"),
    ("CONNECTION_STRING", "http://evento:3000"),
    ("USER_PIN", "4711"),
    ("userPin", "471147"),
    ("dbPasSWord", "production"),
    ("PASSCODE", "483920"),
    ("MAIL_OTP", "483920"),
    ("WALLET_SEED", "1234567890"),
    ("RECOVERY_PHRASE", "/correct/horse/battery"),
    ("ALERT_WEBHOOK", "https://hooks.example.com/services/orders"),
    # The name says nothing, and the value could be one.
    ("A", "hunter22"),
    ("MODE", "Tr0ub4dor&3"),
    ("MODE", "correct horse battery"),
    ("MODE", "correct.horse.battery"),
    ("MODE", "orders"),
    ("LOGIN", "admin:1234"),
    ("X", "4111111111111111"),
    ("X", "eyJhbGciOi.eyJzdWIi.c2ln"),
    ("X", "kq7xv2mz9w.example.com"),
    ("DB_HOST", "kq7xv2mz9w"),
    ("LOGIN_SERVER", "Winter2023"),
    ("DB_HOST", "xkqzvtrwpq.example.com"),
    ("DATABASE_URL", "postgresql://orders:tiger@db/orders"),
    ("DATABASE_URL", "jdbc:postgresql://db/orders?password=tiger"),
    ("HOOK", "https://hooks.example.com/services/T01234567/B01234567/aBcDeFgHiJkL"),
    ("X", "/hunter2"),
    ("X", "/aB3dE6gH9/kL2mN5pQ8"),
    ("X", "8080,hunter2"),
    ("X", "550e8400-e29b-41d4-a716-446655440000"),
    ("X", "d41d8cd98f00b204e9800998ecf8427e"),
]


@pytest.mark.parametrize(("name", "value"), SECRETS)
def test_what_could_be_a_secret_is_masked(name: str, value: str) -> None:
    assert Scrubber([], [(name, value)])(f"with '{value}'") == f"with '{MASK}'"


@pytest.mark.parametrize(
    ("value", "password"),
    [
        ("postgresql://orders:t%40ger@db/orders", "t%40ger"),
        ("postgresql://orders:t%40ger@db/orders", "t@ger"),
        ("redis://:tiger@cache:6379", "tiger"),
        ("redis://orders:ti:ger@cache:6379", "ti:ger"),
        ("https://ghp_x7Kq2mZ9@git.example.com/orders", "ghp_x7Kq2mZ9"),
        ("https://ghp_x7Kq2mZ9:x-oauth-basic@git.example.com/orders", "ghp_x7Kq2mZ9"),
        ("jdbc:postgresql://db/orders?user=orders&password=tiger", "tiger"),
        ("jdbc:sqlserver://db;user=orders;password=tiger;encrypt=true", "tiger"),
    ],
)
def test_what_is_secret_in_a_url_is_masked_by_itself(value: str, password: str) -> None:
    assert Scrubber([], [("DATABASE_URL", value)])(f"no {password} for orders") == f"no {MASK} for orders"


@pytest.mark.parametrize(
    "piece", ["a:", "://", "://a:", "@", "?", "?a=", "&password=", "a,", "a.", "/a", "a-", "7", "aA"]
)
def test_the_longest_value_costs_no_time(piece: str) -> None:
    before = time.process_time()
    value = "a://" + piece * (130_000 // len(piece))
    assert Scrubber([], [("A", value), (value, "secret")])("a line of a log\n" * 40) == "a line of a log\n" * 40
    assert time.process_time() - before < 5


def test_one_value_of_two_variables_is_masked_when_one_is_secret() -> None:
    assert Scrubber([], [("MODE", "production"), ("PASSWORD", "production")])("production") == MASK


def test_what_is_no_unicode_text_is_masked_too() -> None:
    assert Scrubber(["secret \udcff"])("a secret \udcff word") == f"a {MASK} word"


def test_a_secret_within_another_does_not_leave_its_rest() -> None:
    assert Scrubber(["secret", "secret-and-more"])("secret-and-more") == MASK
