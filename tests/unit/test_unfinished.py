"""The beginning of a secret at the end of a text that goes on is not shown, and nothing else is hidden."""

import pytest

from state.text.redaction import redact
from state.text.unfinished import hide_beginning

WHOLE = (
    "connecting to postgres://app:correct-horse@db/x",
    "Authorization: Bearer abcdefghijkl",
    "curl -u Basic YWJjZGVmZ2hp",
    "using ghp_abcdefghijklmnopqrstuvwxyz",
    "id AKIAABCDEFGHIJKLMNOP",
    "jwt eyJhbGciOi.eyJzdWIiOi.c2lnbmF0",
    "password=hunter2hunter2",
    "said tok-0123456789",
)
SECRETS = (
    "correct-horse",
    "abcdefghijkl",
    "YWJjZGVmZ2hp",
    "ghp_abcdefghij",
    "AKIAABCDEFG",
    "eyJhbGciOi",
    "hunter2",
)


@pytest.mark.parametrize("whole", WHOLE)
def test_wherever_it_stops_no_more_than_three_characters_of_a_secret_are_shown(whole: str) -> None:
    known = ("tok-0123456789",)
    for end in range(1, len(whole)):
        shown = hide_beginning(redact(whole[:end], known), known)
        for secret in (*SECRETS, *known):
            # A prefix that names the kind of token is no secret.
            assert secret[:6] not in shown.replace("github_pat_", ""), (whole[:end], shown)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "45%",
        "Really? ",
        "see http://db/x",
        "a://b: c",
        "of the bearer ",
        "AK",
        "tok",
        "x=",
        "Applying 0002.sql...",
    ],
)
def test_ordinary_ends_stay(text: str) -> None:
    assert hide_beginning(text, ("secret-value",)) == text


def test_what_is_over_stays() -> None:
    """Only the end of the text may go on."""
    text = "http://127.0.0.1:8086/ is asked"
    assert hide_beginning(text) == text
