"""Opening a window: whole or not at all, and every obstacle a sentence."""

import subprocess
from pathlib import Path

import pytest

from state.console.opening import attach, open_window, policy_of
from state.console.session import Session
from state.intents import Declare, OpenWindow, Refusal
from state.journal.directory import DirectoryError
from state.journal.events import JournalError
from state.policy import BUILT_IN_LIMITS, Limit
from state.settings import SettingsError

from .place import SAM, Place

T0 = 1_770_000_000.0


def opened(place: Place, opening: OpenWindow, at: float = T0) -> object:
    settings = place.settings
    return open_window(place.state, settings, policy_of(settings), SAM, opening, lambda: at)


@pytest.mark.parametrize(
    "opening",
    [
        OpenWindow("production", "2.0", "2.0"),
        OpenWindow("production", "\x1b[2J", "1.9"),
        OpenWindow("production", "2.0", "1.9", T0),
    ],
)
def test_what_is_refused_leaves_nothing(place: Place, opening: OpenWindow) -> None:
    assert isinstance(opened(place, opening), Refusal)
    assert list((place.state / "windows").iterdir()) == []


def test_a_window_has_a_name_of_its_time(place: Place) -> None:
    session = place.open()
    assert session.window.id == session.directory.name
    assert session.window.id.endswith("-production")
    assert (session.window.release, session.window.previous_release) == ("2.0", "1.9")


def test_what_was_typed_is_cleaned(place: Place) -> None:
    settings = place.settings
    opening = OpenWindow("production", " 2.0\x1b[31m ", "1.9\x07")
    session = place._kept(open_window(place.state, settings, policy_of(settings), SAM, opening))
    assert (session.window.release, session.window.previous_release) == ("2.0", "1.9^G")


def test_a_second_window_of_the_same_second(place: Place) -> None:
    opening = OpenWindow("production", "2.0", "1.9")
    first = opened(place, opening)
    place._kept(first)
    assert isinstance(first, Session)
    assert first.do(Declare("abandoned", (), {}, "at once")) is None
    with pytest.raises(DirectoryError, match="was opened this second"):
        opened(place, opening)
    assert len(list((place.state / "windows").iterdir())) == 1


def test_one_open_window_of_an_environment(place: Place) -> None:
    first = place.open()
    refusal = opened(place, OpenWindow("production", "2.1", "2.0"))
    assert isinstance(refusal, Refusal)
    assert refusal.reason.startswith(f"{first.window.id} is open.")
    other = opened(place, OpenWindow("staging", "2.1", "2.0"))
    assert isinstance(place._kept(other), Session)
    assert first.do(Declare("abandoned", (), {}, "another one")) is None
    assert isinstance(place._kept(opened(place, OpenWindow("production", "2.1", "2.0"))), Session)


def test_a_state_directory_that_is_a_file(place: Place) -> None:
    place.state.write_text("x")
    with pytest.raises(DirectoryError, match=r"state cannot be (read|written)"):
        opened(place, OpenWindow("production", "2.0", "1.9"))


def test_a_directory_that_is_no_window(place: Place) -> None:
    settings = place.settings
    for journal in (None, b"", b"hello"):
        directory = place.root / f"stray-{journal!r}"
        directory.mkdir(mode=0o700)
        if journal is not None:
            (directory / "journal.db").touch(mode=0o600)
            (directory / "journal.db").write_bytes(journal)
        for _ in range(2):
            with pytest.raises(JournalError):
                attach(directory, settings, policy_of(settings), SAM)


@pytest.mark.parametrize(("name", "loose"), [("", 0o755), ("journal.db", 0o644), ("runs", 0o707)])
def test_a_window_that_others_could_have_changed(place: Place, name: str, loose: int) -> None:
    session = place.open()
    session.leave()
    path = session.directory / name
    path.chmod(loose)
    settings = place.settings
    with pytest.raises(DirectoryError) as error:
        attach(session.directory, settings, policy_of(settings), SAM)
    said = str(error.value)
    assert said.startswith(f"{path} is open to others (mode {loose:04o}). Mend it with `chmod ")
    subprocess.run(["/bin/sh", "-c", said.split("`")[1]], check=True)
    assert isinstance(place.attach(), Session)


def test_built_in_thresholds(place: Place) -> None:
    policy = policy_of(place.settings)
    assert (dict(policy.limits), policy.limits_source) == (dict(BUILT_IN_LIMITS), "built in")
    assert policy.ready_for == 1.0


def _with_thresholds(place: Place, text: str | None) -> Path:
    toml = place.root / "drawbridge.toml"
    toml.write_text(toml.read_text().replace("[judgement]", '[judgement]\nthresholds = "limits.yaml"'))
    path = place.site / "limits.yaml"
    if text is not None:
        path.write_text(text)
    return path


def test_the_thresholds_of_the_site(place: Place) -> None:
    path = _with_thresholds(
        place,
        "phase6_alert_thresholds:\n  checks:\n    - {metric: failedSearchJobs, severity: warning,"
        ' comparator: ">", threshold: 7}\n',
    )
    policy = policy_of(place.settings)
    assert policy.limits == {"failedSearchJobs": Limit(7.0, None)}
    assert policy.limits_source == str(path)


@pytest.mark.parametrize("text", [None, "- no thresholds", "\x00\x01", "a: [", "phase6_alert_thresholds: 3"])
def test_thresholds_that_are_none_are_a_sentence(place: Place, text: str | None) -> None:
    path = _with_thresholds(place, text)
    with pytest.raises(SettingsError) as error:
        policy_of(place.settings)
    assert str(path) in str(error.value)
    assert "leave" in str(error.value)
    assert str(error.value).endswith(".")


def test_thresholds_that_are_not_utf_8(place: Place) -> None:
    _with_thresholds(place, "").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(SettingsError, match=r"limits\.yaml"):
        policy_of(place.settings)
