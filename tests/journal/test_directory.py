"""The state directory: windows are there whole, or not at all."""

import os
import stat
from pathlib import Path

import pytest

import state as package
from state.journal import directory as places
from state.journal.directory import DirectoryError, Draft

ROOT = Path(package.__file__).parents[1]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "share" / "drawbridge"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_no_state_directory_holds_no_windows(state: Path) -> None:
    assert list(places.windows(state)) == []
    assert not state.exists()


def test_a_state_directory_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_text("x")
    with pytest.raises(DirectoryError, match=r"cannot be read \(Not a directory\)"):
        list(places.windows(state))
    refused = pytest.raises(DirectoryError, match=r"state cannot be written .* or set DRAWBRIDGE_STATE\.")
    with refused, places.opening(state):
        pass


def test_windows_come_oldest_first_and_nothing_else_is_one(state: Path) -> None:
    root = state / "windows"
    root.mkdir(parents=True)
    for name in ("2026-02-11-140200-production", "2025-12-01-090000-staging", ".2026-draft"):
        (root / name).mkdir()
    (root / "notes.txt").write_text("x")
    assert [path.name for path in places.windows(state)] == [
        "2025-12-01-090000-staging",
        "2026-02-11-140200-production",
    ]


def test_names_are_readable_and_sort_by_time() -> None:
    names = [places.name("production", at) for at in (1_770_818_521.9, 1_770_818_522.0, 1_780_000_000.0)]
    assert names[0] == "2026-02-11-140201-production"
    assert names == sorted(names)
    assert len(set(names)) == 3


def test_a_window_appears_whole(state: Path) -> None:
    before = os.umask(0o022)
    try:
        with places.opening(state), Draft.make(state, "w") as draft:
            (draft.path / "journal.db").write_text("first event")
            assert list(places.windows(state)) == []
            final = draft.publish()
    finally:
        os.umask(before)
    assert list(places.windows(state)) == [final]
    assert sorted(path.name for path in final.iterdir()) == ["journal.db", "mail", "runs"]
    for path in (state, state / "windows", final, final / "runs", final / "mail"):
        assert mode(path) == 0o700, path


def test_a_draft_that_fails_leaves_nothing(state: Path) -> None:
    with pytest.raises(RuntimeError), places.opening(state), Draft.make(state, "w") as draft:
        (draft.path / "journal.db").write_text("half")
        raise RuntimeError
    assert list((state / "windows").iterdir()) == []


def test_a_second_window_of_the_same_second_is_refused(state: Path) -> None:
    with places.opening(state):
        first, second = Draft.make(state, "w"), Draft.make(state, "w")
    (first.path / "journal.db").write_text("first")
    first.publish()
    with pytest.raises(DirectoryError, match=r"w was opened this second\. Try again"):
        Draft.make(state, "w")
    with pytest.raises(DirectoryError), second:
        second.publish()
    assert (state / "windows" / "w" / "journal.db").read_text() == "first"
    assert [path.name for path in (state / "windows").iterdir()] == ["w"]
