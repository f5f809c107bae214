"""The stored fold: sooner there, never believed, and left aside where it does not fit."""

import stat
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.json import decode, encode
from msgspec.structs import replace

from state import stored_fold
from state.fold import fold
from state.intents import AddNote
from state.journal.directory import JOURNAL
from state.journal.events import JournalReader
from state.listing import open_windows
from state.report.verify import verify
from state.stored_fold import STORED, Stored, keep, recall
from state.window import Window

from .place import Place, must


@pytest.fixture
def kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A window of which a session kept the fold, and which went on a little."""
    monkeypatch.setattr(stored_fold, "WORTH", 5)
    session = place.open()
    for number in range(8):
        must(session, AddNote("backup", f"note {number}"))
    session.close()
    assert (session.directory / STORED).exists()
    return session.directory


def folded(directory: Path) -> Window:
    with closing(JournalReader(directory / JOURNAL)) as journal:
        return fold(journal.after(0))


def recalled(directory: Path) -> Window:
    with closing(JournalReader(directory / JOURNAL)) as journal:
        return recall(directory, journal)


def lie(directory: Path, **changes: object) -> None:
    stored = decode((directory / STORED).read_bytes(), type=Stored)
    (directory / STORED).write_bytes(encode(replace(stored, **changes)))


def test_what_was_kept_goes_on_to_the_same_window(kept: Path) -> None:
    before = recalled(kept)
    assert 0 < before.seq < folded(kept).seq
    with closing(JournalReader(kept / JOURNAL)) as journal:
        assert fold(journal.after(before.seq), before) == folded(kept)
    (found,) = open_windows(kept.parent.parent, before.environment)
    assert (found.directory, found.window) == (kept, folded(kept))


def test_it_is_as_closed_as_the_journal(kept: Path) -> None:
    assert stat.S_IMODE((kept / STORED).stat().st_mode) == stat.S_IMODE((kept / JOURNAL).stat().st_mode)
    assert not list(kept.glob(f".{STORED}*"))


@pytest.mark.parametrize("changes", [{"code": "another"}, {"hash": "0" * 64}, {"hash": ""}])
def test_of_another_version_or_journal_it_is_left_aside(kept: Path, changes: dict[str, str]) -> None:
    lie(kept, **changes)
    assert recalled(kept) == Window()


@pytest.mark.parametrize("content", [b"", b"{", b'{"code": 1}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_fold_is_left_aside(kept: Path, content: bytes) -> None:
    (kept / STORED).write_bytes(content)
    assert recalled(kept) == Window()


def test_it_is_left_aside_where_its_event_is_not_there(kept: Path) -> None:
    stored = decode((kept / STORED).read_bytes(), type=Stored)
    lie(kept, window=replace(stored.window, seq=10_000))
    assert recalled(kept) == Window()


def test_a_session_believes_its_journal_and_nothing_else(place: Place, kept: Path) -> None:
    stored = decode((kept / STORED).read_bytes(), type=Stored)
    lie(kept, window=replace(stored.window, outcome="abandoned", release="v666", steps={}))
    session = place.resume()
    assert session.window.is_open and session.window.release != "v666"
    assert session.window == folded(kept)


def test_where_it_cannot_be_kept_everything_goes_on(kept: Path) -> None:
    (kept / STORED).unlink()
    (kept / STORED).mkdir()
    with closing(JournalReader(kept / JOURNAL)) as journal:
        keep(kept, journal, folded(kept))
    assert not list(kept.glob(f".{STORED}*"))
    assert recalled(kept) == Window()


def test_verify_has_nothing_against_it(kept: Path) -> None:
    found = verify(kept)
    assert found.is_right, found.as_text()


def test_a_short_journal_has_none(place: Place) -> None:
    session = place.open()
    session.close()
    assert not (session.directory / STORED).exists()
