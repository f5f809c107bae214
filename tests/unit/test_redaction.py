"""Redaction of a stream: wherever its pieces are cut, what comes out is the redaction of the whole."""

import time
import tracemalloc
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.text import printable, redaction
from state.text.redaction import Redactor, redact

_BODY = "MHcCAQEEIBkg4LVWM9nuwNSk3yByxZpYRTBnVJk5\n" * 3
KEY = f"-----BEGIN EC PRIVATE KEY-----\n{_BODY}-----END EC PRIVATE KEY-----"
SECRETS = (
    *("AKIAIOSFODNN7EXAMPLE", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "Bearer 0123456789abcdef"),
    *("postgres://app:hunter2hunter2@db/x", "Authorization: Basic dXNlcjpodW50ZXIy", "s3cr3t value"),
    *(
        'password="two \\" words"',
        "PGPASSWORD=hunter2hunter2",
        "--token hunter2hunter2",
        "api-key\n:\n x1y2z3",
    ),
    *("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", KEY),
)
FILLERS = (
    *(
        "\n",
        "\r\n",
        "\r",
        " ",
        '"',
        "'",
        "@",
        ":",
        "=",
        "-",
        "\\",
        "\x00",
        "é",
        "\udcff",
        "token",
        "://",
        "x" * 90,
    ),
    *("\x1b[31m", "\x1b[0m", "\x1b", "\x9b1m", "\x1b]0;", "\x07", " " * 70, "a b, " * 30, "plain words\n"),
)


def in_pieces(text: str, cuts: list[int], *secrets: str) -> str:
    """What a redactor makes of the text, cut after so many characters by turns."""
    redactor = Redactor(secrets)
    given, at, number = [], 0, 0
    while at < len(text):
        size = cuts[number % len(cuts)]
        given.append(redactor.feed(text[at : at + size]))
        at, number = at + size, number + 1
    return "".join((*given, redactor.finish()))


def tiny() -> mock._patch:  # type: ignore[type-arg]
    """Windows so small that a few lines cross many of their borders."""
    return mock.patch.multiple(redaction, LONGEST=40, _REACH=300, _WINDOW=320)


@settings(max_examples=300, deadline=None, database=None)
@given(
    st.lists(st.sampled_from(SECRETS) | st.sampled_from(FILLERS), min_size=20, max_size=80),
    st.lists(st.integers(1, 400), min_size=1, max_size=5),
)
def test_a_stream_is_redacted_as_the_whole(pieces: list[str], cuts: list[int]) -> None:
    text = "".join(pieces)
    with tiny():
        assert in_pieces(text, cuts, "s3cr3t value") == redact(text, ["s3cr3t value"])


@pytest.mark.parametrize(
    "text",
    [
        "see xghp_abcdefghijklmnopqrstuvwxyz",
        "see ghp_" + "ab\x1b[0m" * 20,
        "password=\x1b[1mhunter2 token=\x1b[1mhunter2",
        "password='" + "x" * 30 + "' AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_a_border_may_lie_anywhere(text: str) -> None:
    with tiny():
        for before in range(60, 100):
            whole = "." * before + text + "." * 400
            assert in_pieces(whole, [7]) == redact(whole), before


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("filler", ["x", "plain words\n", "\x1b[1m.\x1b[0m"])
def test_no_border_lets_a_secret_through(secret: str, filler: str) -> None:
    """At the real sizes: the secret lies on each side of the first border, and across it."""
    border = redaction._WINDOW - redaction._REACH
    parts = [part for part in secret.split() if len(part) > 12 or part == "value"]
    for before in range(border - len(secret) - 2, border + 3, 13):
        text = (filler * before)[: before - 1] + "\n" + secret + "\n" + filler * (redaction._REACH // 4)
        given = in_pieces(text, [65536], "s3cr3t value")
        assert given == redact(text, ["s3cr3t value"])
        assert given.count("\n") == text.count("\n")
        assert not [part for part in parts if part.isalnum() and part in given and len(part) > 12]
        assert "hunter2" not in given and "MHcCAQEE" not in given and "s3cr3t" not in given


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("\x1b[32mghp_abcdefghijklmnopqrstuvwxyz\x1b[0m!", "\x1b[32m***\x1b[0m!"),
        ("\x1b[1mpassword\x1b[0m=\x1b[31mhunter2\x1b[0m ok", "\x1b[1mpassword\x1b[0m=\x1b[31m***\x1b[0m ok"),
        ("ghp_abcdefgh\x1b[0mijklmnopqrstuvwxyz.", "***."),
        ("\x1bghp_abcdefghijklmnopqrstuvwxyz", "\x1b***"),
        ("\x1b]52;c;password=hunter2\x07", "\x1b]52;c;password=***"),
        ("a\x1b[2Jb\x1b(0c\x9b1md", "a\x1b[2Jb\x1b(0c\x9b1md"),
    ],
)
def test_colours_hide_no_secret_and_stay(raw: str, kept: str) -> None:
    assert redact(raw) == kept
    assert "hunter2" not in redact(printable(raw)) and "ghp_" not in redact(printable(raw))


@given(st.text(alphabet="tokenpaswrd=:/@. \x1b[0mAKIAeyJ", max_size=60))
def test_what_looks_like_no_secret_is_given_at_once_and_unchanged(text: str) -> None:
    assert redact(text) == Redactor().finish(text)


def test_lines_stay_lines() -> None:
    assert redact(f"a\n{KEY}\nb") == "a\n" + "***\n" * 5 + "b"
    assert redact(f"a\r\n{KEY}".replace("\n", "\r\n")) == "a\r\r\n" + "\r\n".join(["***"] * 5)
    assert redact("web-1  | " + KEY.replace("\n", "\nweb-1  | ")).splitlines() == [
        "web-1  | ***",
        *["***"] * 4,
    ]
    assert redact("-----BEGIN PRIVATE KEY-----\nMIIE\n\n(make [x] Error 1") == "***\n***\n\n(make [x] Error 1"


def test_a_line_without_end_costs_no_memory() -> None:
    redactor = Redactor()
    tracemalloc.start()
    given = sum(len(redactor.feed("x" * 65536)) for _ in range(50))
    given += sum(len(redactor.feed("\x1b[m" * 60000)) for _ in range(5))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert given > 3_500_000 and peak < 12 * 1024 * 1024


def test_a_hundred_megabytes_take_less_than_a_minute() -> None:
    """A tenth of them stands for all; 30 MB a second were measured for a log that says nothing secret."""
    block = "INSERT 0 1 row 000123 into artifacts\n" * 1800
    redactor = Redactor()
    begun = time.process_time()
    for _ in range(10_000_000 // len(block)):
        redactor.feed(block)
    assert time.process_time() - begun < 6
