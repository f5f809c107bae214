"""Untrusted text: nothing reaches the terminal raw, secrets stay off the disk, hostile input is cheap."""

import time
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.text import HIDDEN, is_secret_name, printable, redact


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\x1b]52;c;ZXZpbA==\x07b", "ab"),
        ("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\b", "alinkb"),
        ("a\x1bcb", "ab"),
        ("a\x1b(0b", "ab"),
        ("a\x1bPq#0;2\x1b\\b", "ab"),
        ("a\x9b2Jb", "ab"),
        ("a\x9d52;c;x\x9cb", "ab"),
        ("a\x1b]0;never closed", "a0;never closed"),
        ("a\x1b\x1b[m[31mb", "a[31mb"),
        ("end\x1b", "end"),
        ("bell\x07", "bell^G"),
        ("del\x7f", "del^?"),
        ("a\u202eb", "a<U+202E>b"),
        ("a\u200bb", "a<U+200B>b"),
        ("a\ud800b", "a<U+D800>b"),
        ("\U000e0041", "<U+E0041>"),
        ("10%\r20%\r30%", "30%"),
        ("10%\r20%\r", "20%"),
        ("a\r\nb", "a⏎b"),
        ("a\tb", "a b"),
        ("e\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301"),
        ("e\u0301\u0301\u0301x\u0301", "e\u0301\u0301\u0301x\u0301"),
    ],
)
def test_one_line(raw: str, shown: str) -> None:
    assert printable(raw) == shown


def test_several_lines() -> None:
    assert printable("a\tb\r\n1\r2\nc", newlines=True) == "a       b\n2\nc"


@given(st.text(st.characters(exclude_categories=())), st.booleans())
def test_nothing_invisible_is_left(raw: str, newlines: bool) -> None:
    shown = printable(raw, newlines)
    left = {character for character in shown if category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert left <= ({"\n"} if newlines else set())
    assert printable(shown, newlines) == shown
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("curl -H 'authorization: Basic dTpw' x", "curl -H 'authorization: ***' x"),
        ("got bearer 0123456789abcdef back", "got bearer *** back"),
        ("postgres://app:hunter2@db/x", "postgres://app:***@db/x"),
        ("postgres://app:p@ss@db/x", "postgres://app:***@db/x"),
        ("PGPASSWORD=hunter2 psql", "PGPASSWORD=*** psql"),
        ("password='two words' host=db", "password=*** host=db"),
        ("Host=db;Password=hunter2;Port=1", "Host=db;Password=***;Port=1"),
        ('{"token": "a\\"b", "n": 1}', '{"token": ***, "n": 1}'),
        ("client_secret: hunter2", "client_secret: ***"),
        ("psql --password hunter2 -v", "psql --password *** -v"),
        ("id AKIAIOSFODNN7EXAMPLE.", "id ***."),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl!", "***!"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "***"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAA==\n-----END RSA PRIVATE KEY-----\nnext",
            "***\n***\n***\n***\nnext",
        ),
    ],
)
def test_secrets_by_their_look(raw: str, kept: str) -> None:
    assert redact(raw) == kept
    assert redact(kept) == kept


@pytest.mark.parametrize(
    "harmless",
    [
        "password authentication failed for user app",
        "Applying 0008_phase5_tombstones.sql...",
        "http://127.0.0.1:8086/health/ready",
        "see http://host:80/a@b",
        "bearer token required",
    ],
)
def test_ordinary_lines_stay(harmless: str) -> None:
    assert redact(harmless) == harmless


def test_known_secrets_go_first_the_longest_before_its_part() -> None:
    assert redact("x abc abcdef x", ["abc", "abcdef", ""]) == f"x {HIDDEN} {HIDDEN} x"


@given(
    st.text(min_size=1).filter(lambda secret: "*" not in secret and secret.strip("\r\n")),
    st.text(),
    st.text(),
)
def test_a_known_secret_never_stays(secret: str, before: str, after: str) -> None:
    assert secret not in redact(before + secret + after, [secret])


@pytest.mark.parametrize(
    "name",
    [
        "PGPASSWORD",
        "ARTIFORTRESS_ADMIN_TOKEN",
        "client_secret",
        "DB_PASS",
        "DB_PWD",
        "AWS_ACCESS_KEY_ID",
        "SIGNING_KEY",
    ],
)
def test_secret_names(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["PATH", "PWD", "OLDPWD", "POSTGRES_DB", "BACKUP_PATH", "COMPASS", "KEYBOARD"]
)
def test_other_names(name: str) -> None:
    assert not is_secret_name(name)


_PIECES = [
    *("\x1b", "\x1b]", "\x1b[", "\x1b[1;", "\x1bP", "\x9d", "\x9b", "\r", "\t", "\u0301", "\u202e"),
    *(
        "a",
        "a.",
        " ",
        "-",
        "@",
        '"',
        "'",
        "\\",
        "eyJ",
        "eyJ-",
        "eyJaaaaa.",
        "ghp_",
        "AKIA",
        "pass",
        "privatekey",
    ),
    *("token", "token=", "token ", "--token ", 'token="', "password :", "://", "://a:", "a://a:a"),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN ",
        "authorization:",
        "authorization",
        "cookie: '",
        "bearer a",
    ),
]


def _seconds(text: str) -> float:
    start = time.process_time()
    redact(printable(text, newlines=True))
    redact(text)
    return time.process_time() - start


@pytest.mark.parametrize("piece", _PIECES)
def test_no_piece_repeated_costs_more_than_its_length(piece: str) -> None:
    # 100,000 characters take under half a second; a quadratic pattern would need minutes.
    assert _seconds(piece * (100_000 // len(piece))) < 5


def test_a_hostile_megabyte_of_everything_is_cheap() -> None:
    assert _seconds("".join(piece * (25_000 // len(piece)) for piece in _PIECES)[:1_000_000]) < 15
