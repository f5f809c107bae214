"""No file of one login stops the other: two who share a group take a window in turns."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from state.host.locks import is_held
from state.journal.events import JournalReader

from . import deeds
from .login import Login, Logins, Refused, Worker
from .place import SharedPlace

ATTESTED = ("window-approved", "backup-available", "ci-green", "rollback-owner")


#: For a test in which it matters who of the two made a file under which umask.
either_umask = pytest.mark.parametrize(
    "umasks", [(0o077, 0o022), (0o022, 0o077)], ids=["sam 077, kim 022", "sam 022, kim 077"]
)


@pytest.fixture
def umasks() -> tuple[int, int]:
    """Those of Sam and Kim."""
    return 0o077, 0o022


@pytest.fixture
def sam(logins: Logins, umasks: tuple[int, int]) -> Iterator[Worker]:
    with logins.sam.at_work(umasks[0]) as worker:
        yield worker


@pytest.fixture
def kim(logins: Logins, umasks: tuple[int, int]) -> Iterator[Worker]:
    with logins.kim.at_work(umasks[1]) as worker:
        yield worker


def in_full(path: Path) -> JournalReader:
    """The journal, whose chain must be whole."""
    reader = JournalReader(path / "journal.db")
    assert reader.problem() == ""
    return reader


def whole(window: Path) -> list[str]:
    """Who wrote each event of the journal, whose chain must be whole."""
    with closing(in_full(window)) as reader:
        return [recorded.actor.login for recorded in reader.after(0)]


def status(login: Login, shared: SharedPlace) -> dict[str, object]:
    code, out, err = login.run(*login.drawbridge(shared.config, "status", "--json"))
    assert (code, err) == (0, "")
    found: dict[str, object] = json.loads(out)
    return found


def lines(login: Login, shared: SharedPlace, command: str) -> list[str]:
    code, out, err = login.run(*login.drawbridge(shared.config, command))
    assert (code, err) == (0, "")
    return out.splitlines()


def hold(shared: SharedPlace) -> None:
    """Lets the command of `deploy` wait."""
    (shared.site / "hold").touch()


@either_umask
def test_everything_is_the_groups_whatever_the_umask(
    shared: SharedPlace, logins: Logins, sam: Worker, kim: Worker
) -> None:
    assert sam(deeds.open_a_window, shared.config) == ""
    sam(deeds.attest, *ATTESTED)
    run = sam(deeds.start, "backup")
    assert sam(deeds.settle, "backup") == "done"
    sam(deeds.wait_for_watch, shared.window)
    kim(deeds.send, shared.window, "driver", "approve")
    letter = next((shared.window / "mail").glob("driver-*")).relative_to(shared.window).as_posix()
    databases = [f"{name}.db{more}" for name in ("journal", "readings") for more in ("", "-wal", "-shm")]
    found = shared.modes()
    assert found == {
        **dict.fromkeys((".", "runs", f"runs/{run}", "mail"), "2770"),
        **dict.fromkeys((*databases, "driver.lock", "watch.lock", "watch.log"), "660"),
        **{f"runs/{run}/{name}": "640" for name in ("command.json", "exit", "lock", "log", "pid")},
        letter: "640",
    }
    for directory in (shared.state, shared.state / "windows"):
        assert (directory.stat().st_mode & 0o7777, directory.stat().st_gid) == (0o2770, logins.gid)


def test_a_backup_is_readable_for_the_other_login(shared: SharedPlace, sam: Worker, kim: Worker) -> None:
    sam(deeds.open_a_window, shared.config)
    sam(deeds.attest, *ATTESTED)
    sam(deeds.start, "backup")
    assert sam(deeds.settle, "backup") == "done"
    (backup,) = shared.backups.glob("*.sql")
    assert (backup.stat().st_mode & 0o777, backup.stat().st_gid) == (0o640, shared.logins.gid)
    assert "PostgreSQL database dump complete" in kim(deeds.read, backup)


def test_looking_while_the_other_drives_and_while_nobody_does(
    shared: SharedPlace, logins: Logins, sam: Worker
) -> None:
    sam(deeds.open_a_window, shared.config)
    sam(deeds.wait_for_watch, shared.window)
    name = shared.window.name
    driven = status(logins.kim, shared)
    assert (driven["window"], driven["watch"] is not None) == (name, True)
    assert lines(logins.kim, shared, "windows")[0].startswith(name)
    sam(deeds.end_watch)
    sam(deeds.leave)
    for _ in range(2):
        # The first look leaves files behind that SQLite makes for readers too: Sam gets past them.
        assert status(logins.kim, shared)["window"] == name
        assert status(logins.sam, shared)["window"] == name
    assert sam(deeds.take_the_drive, shared.config, shared.window) == ""
    assert sam(deeds.note, "after Kim has looked") == ""
    assert set(whole(shared.window)) == {logins.sam.name}


@either_umask
@pytest.mark.parametrize("leaves", [True, False], ids=["left", "killed"])
def test_the_drive_passes_from_one_to_the_other_and_back(
    shared: SharedPlace, logins: Logins, umasks: tuple[int, int], kim: Worker, leaves: bool
) -> None:
    with logins.sam.at_work(umasks[0]) as sam:
        sam(deeds.open_a_window, shared.config)
        window = shared.window
        said = kim(deeds.take_the_drive, shared.config, window)
        assert said == f"{logins.sam.name} drives. Ask for the drive first."
        if leaves:
            sam(deeds.leave)
        else:
            sam.kill()
    if not leaves:
        said = kim(deeds.take_the_drive, shared.config, window)
        assert said.endswith(f"is gone without a word. Type exactly: {logins.sam.name}")
    typed = "" if leaves else logins.sam.name
    assert kim(deeds.take_the_drive, shared.config, window, 0.0, typed) == ""
    assert kim(deeds.note, "now Kim") == ""
    kim(deeds.leave)
    with logins.sam.at_work(umasks[0]) as sam:
        assert sam(deeds.take_the_drive, shared.config, window) == ""
        assert sam(deeds.note, "now Sam again") == ""
        wrote = whole(window)
    assert [*dict.fromkeys(wrote)] == [logins.sam.name, logins.kim.name]
    assert wrote[-1] == logins.sam.name


def test_runs_of_both_are_read_by_both(shared: SharedPlace, sam: Worker, kim: Worker) -> None:
    sam(deeds.open_a_window, shared.config)
    window = shared.window
    sam(deeds.attest, *ATTESTED)
    hold(shared)
    first = sam(deeds.start, "backup")
    assert sam(deeds.settle, "backup") == "done"
    sam(deeds.leave)
    assert kim(deeds.take_the_drive, shared.config, window) == ""
    kim(deeds.skip, "baseline")
    second = kim(deeds.start, "deploy")
    kim(deeds.leave)
    # Sam finds the run of Kim alive, and sees it end.
    assert sam(deeds.take_the_drive, shared.config, window) == ""
    assert is_held(window / "runs" / str(second) / "lock")
    assert sam(deeds.tick) == ""
    (shared.site / "hold").unlink()
    assert sam(deeds.settle, "deploy") == "done"
    assert sam(deeds.read, window / "runs" / str(second) / "log") == "deploying\n"
    assert kim(deeds.read, window / "runs" / str(first) / "exit") == "0\n"
    whole(window)


def test_a_watch_of_one_follows_that_of_the_other(
    shared: SharedPlace, logins: Logins, sam: Worker, kim: Worker
) -> None:
    sam(deeds.open_a_window, shared.config)
    window = shared.window
    first = sam(deeds.wait_for_watch, window)
    sam(deeds.leave)
    kim(deeds.take_the_drive, shared.config, window)
    # Sam's watch goes on, and obeys a letter of Kim.
    assert kim(deeds.wait_for_watch, window) == first
    kim(deeds.end_watch)
    second = kim(deeds.wait_for_watch, window, first)
    assert Path(f"/proc/{second}").stat().st_uid == logins.kim.uid
    assert status(logins.sam, shared)["watch"] is not None
    assert not list((window / "mail").iterdir())


def test_letters_of_the_other(shared: SharedPlace, logins: Logins, sam: Worker, kim: Worker) -> None:
    sam(deeds.open_a_window, shared.config)
    window = shared.window
    kim(deeds.send, window, "driver", "approve")
    sam(deeds.send, window, "driver", "note")
    both = {("approve", logins.kim.uid), ("note", logins.sam.uid)}
    assert set(sam(deeds.collect, window, "driver")) == set(kim(deeds.collect, window, "driver")) == both
    sam(deeds.discard, window, "driver")
    assert kim(deeds.collect, window, "driver") == []


def test_who_shares_nothing_gets_nothing(shared: SharedPlace, logins: Logins, sam: Worker) -> None:
    sam(deeds.open_a_window, shared.config)
    with logins.lee.at_work() as lee:
        code, out, err = logins.lee.run(*logins.lee.drawbridge(shared.config, "windows"))
        words = f"{shared.state} cannot be read (Permission denied). Mend its modes, or set DRAWBRIDGE_STATE."
        assert (code, out, err) == (1, "", f"drawbridge: {words}\n")
        with pytest.raises(Refused) as error:
            lee(deeds.open_a_window, shared.config)
        assert str(error.value) == f"DirectoryError: {words}"
        config = shared.config.with_name("lee.toml")
        config.write_text(shared.config.read_text().replace("var/state", "var/another"))
        with pytest.raises(Refused, match=f"{logins.lee.name} is not a member of the group {logins.group}: "):
            lee(deeds.open_a_window, config)
        assert not (shared.root / "var" / "another").exists()
        assert lee(deeds.read, shared.window / "journal.db") == "Permission denied"
