"""Several consoles at one window: who looks, who asks, who is handed the drive, and who takes it."""

import json
import os
import pwd
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from msgspec.structs import replace

from state.console.session import Session
from state.events import (
    Actor,
    ConsoleAttached,
    DriveAsked,
    DriveHandedOver,
    DriveKept,
    DriveTaken,
    NoteAdded,
    ObserverJoined,
    ObserverLeft,
    OperatorSwitched,
    Recorded,
    RunRequested,
)
from state.intents import AddNote, HandOver, KeepDrive, SkipStep
from state.journal.directory import JOURNAL, MAIL
from state.journal.events import JournalError, JournalReader
from state.journal.mail import collect
from state.report.status import as_json
from state.rules.drive import ANSWER_WITHIN, GONE, KEPT_FOR, SILENT
from state.view import View

from ..pty.headless import events_of
from .others import Ahead, Other
from .place import KIM, SAM, Place, must, ready_to_run, wait_for

LEE = Actor("lee", "lee", "desk", "pts/3")
LOGIN = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def other(place: Place) -> Iterator[Callable[[str], Other]]:
    """Consoles in processes of their own."""
    made: list[Other] = []

    def start(name: str) -> Other:
        made.append(Other(place, name))
        return made[-1]

    yield start
    for one in made:
        one.close()


def journal(place: Place) -> list[Recorded]:
    with closing(JournalReader(place.window / JOURNAL)) as reader:
        assert reader.problem() == ""
        return reader.after(0)


def refused(answer: object) -> str:
    assert answer is not None
    return str(getattr(answer, "reason", ""))


def seen(person: Actor) -> Actor:
    """A person as the others see them: login and user id are what the operating system says."""
    return replace(person, login=LOGIN, uid=os.getuid())


def watched(place: Place) -> tuple[Session, Session]:
    """Sam drives, and kim looks; each knows of the other."""
    sam, kim = place.open(), place.join(KIM)
    assert (sam.drives, kim.drives) == (True, False)
    sam.tick()
    kim.tick()
    return sam, kim


def test_who_looks_stands_in_the_journal_and_in_the_status(place: Place) -> None:
    sam, kim = watched(place)
    console = kim.seat.console
    assert events_of(place.window, ObserverJoined) == [ObserverJoined(console, seen(KIM))]
    assert kim.window.observers == {console: seen(KIM)}
    with closing(View(place.window)) as view:
        view.refresh(time.time())
        status = json.loads(json.dumps(as_json(view)))
    assert [one["operator"] for one in status["observers"]] == ["kim"]
    assert status["driver"]["operator"] == "sam"
    # Another name at that keyboard, and then nobody.
    assert kim.sit_down(" Kim\x1b[2J B. ") is None
    sam.tick()
    kim.close()
    sam.tick()
    assert [e.person.operator for e in events_of(place.window, ObserverJoined)] == ["kim", "Kim B."]
    assert events_of(place.window, ObserverLeft) == [ObserverLeft(console)]


def test_one_that_looks_and_is_killed_has_left(place: Place, other: Callable[[str], Other]) -> None:
    sam = place.open()
    lee = other("lee")
    wait_for(lambda: sam.tick() and sam.window.observers)
    lee.kill()
    wait_for(lambda: sam.tick() and not sam.window.observers)
    assert len(events_of(place.window, ObserverLeft)) == 1
    assert list((place.window / MAIL).glob("observer-*")) == []


def test_one_that_looks_decides_nothing(place: Place) -> None:
    sam, kim = watched(place)
    before = journal(place)
    only_looks = "Another console drives this window; this one only looks."
    assert refused(kim.do(AddNote("", "mine"))) == only_looks
    assert refused(kim.do(SkipStep("window-approved", "mine"))) == only_looks
    assert refused(kim.do(HandOver(kim.seat.console))) == only_looks
    for typed in ("", "sam", "kim"):
        assert refused(kim.take_drive(typed)) == "sam drives. Ask for the drive first."
    assert journal(place) == before
    must(sam, AddNote("", "sam's"))


def test_a_driver_keeps_the_drive_and_hands_it_over_when_asked_again(place: Place) -> None:
    sam, kim = watched(place)
    assert kim.seat.ask_for_drive() is None
    sam.tick()
    (asked,) = events_of(place.window, DriveAsked)
    assert (asked.observer, asked.person) == (kim.seat.console, seen(KIM))
    must(sam, KeepDrive(asked.ask))
    kim.tick()
    assert refused(kim.take_drive("sam")) == "sam keeps the drive."
    assert kim.seat.ask_for_drive() is None
    sam.tick()
    must(sam, HandOver(kim.seat.console))
    assert not sam.drives
    kim.tick()
    assert kim.drives
    sam.tick()
    kim.tick()
    assert kim.window.observers == {sam.seat.console: seen(SAM)}
    must(kim, AddNote("", "by kim"))
    assert "only looks" in refused(sam.do(AddNote("", "by sam")))
    told = [(type(r.event), r.actor.operator) for r in journal(place)]
    assert told[told.index((DriveKept, "sam")) :] == [
        (DriveKept, "sam"),
        (DriveAsked, "sam"),
        (DriveHandedOver, "sam"),
        (ConsoleAttached, "kim"),
        (ObserverJoined, "kim"),
        (NoteAdded, "kim"),
    ]
    assert events_of(place.window, DriveTaken) == []


def test_a_drive_is_kept_for_whom_it_was_handed_to_but_not_for_ever(place: Place) -> None:
    clock = Ahead()
    sam, kim = place.open(), place.join(KIM)
    lee = place.join(LEE, clock=clock)
    sam.tick()
    must(sam, HandOver(kim.seat.console))
    kim.close()
    # A watch that is being started has sam's lock for an instant.
    wait_for(lambda: "handed to somebody else" in refused(lee.take_drive()))
    clock.by = KEPT_FOR + 1
    assert lee.take_drive() is None
    assert lee.drives


def test_a_silent_driver_is_taken_over_by_name_and_writes_nothing_any_more(place: Place) -> None:
    clock = Ahead()
    sam = ready_to_run(place)
    kim = place.join(KIM, clock=clock)
    plan = sam.plan(sam.window.runbook.step("deploy"))
    assert plan is not None
    assert kim.seat.ask_for_drive() is None
    assert "left to answer" in refused(kim.take_drive("sam"))
    clock.by = ANSWER_WITHIN + 1
    for typed in ("", "kim", "Sam"):
        assert "type exactly: sam" in refused(kim.take_drive(typed))
    assert kim.take_drive("sam") is None
    before = journal(place)
    assert [r.event for r in before[-2:]] == [
        ConsoleAttached(os.getpid(), kim.seat.console),
        DriveTaken("sam", SILENT),
    ]
    # A dialog was open all the while, and its answer comes now.
    for answer in (sam.do(AddNote("", "late")), sam.start(plan), sam.sit_down("sue")):
        assert refused(answer) == "Another console has taken over this window; this one only looks now."
    assert (sam.actor, sam.drives) == (SAM, True)
    sam.tick()
    assert not sam.drives
    assert "only looks" in refused(sam.do(AddNote("", "later")))
    sam.leave()
    assert journal(place) == before
    assert events_of(place.window, RunRequested) == []
    assert list((place.window / "runs").iterdir()) == []
    must(kim, AddNote("", "on it goes"))


def test_a_frozen_driver_wakes_up_and_looks_on(place: Place, other: Callable[[str], Other]) -> None:
    place.open().leave()
    sam = other("sam")
    clock = Ahead()
    kim = place.join(KIM, clock=clock)
    sam.note("before")
    assert sam.says() == "noted"
    # Nothing is left to be written: one that is stopped in the middle of that is another story.
    wait_for(lambda: kim.tick() and kim.window.observers)
    sam.freeze()
    sam.note("too late")
    assert kim.seat.ask_for_drive() is None
    clock.by = ANSWER_WITHIN + 1
    assert kim.take_drive("sam") is None
    must(kim, AddNote("", "meanwhile"))
    sam.wake()
    # Whichever it comes to first when it wakes, the note or the look, the note is refused.
    looks, refused = sorted((sam.says(), sam.says()), key="looks".__ne__)
    assert looks == "looks"
    assert refused.rpartition("; ")[2] in ("this one only looks now.", "this one only looks.")
    wait_for(lambda: kim.tick() and kim.window.observers)
    sam.note("later")
    assert sam.says() == "Another console drives this window; this one only looks."
    assert [note.text for note in events_of(place.window, NoteAdded)] == ["before", "meanwhile"]
    # What was asked of one that slept is not asked of the one that drives now.
    assert [letter.kind for letter in collect(place.window / MAIL, "driver")] == []


def test_one_that_stopped_in_the_middle_of_a_write_still_drives(place: Place) -> None:
    clock = Ahead()
    sam, kim = place.open(), place.join(KIM, clock=clock)
    assert kim.seat.ask_for_drive() is None
    clock.by = ANSWER_WITHIN + 1
    with closing(sqlite3.connect(place.window / JOURNAL, isolation_level=None)) as stopped:
        stopped.execute("begin immediate")
        with pytest.raises(JournalError, match=r"stopped in the middle of a write.*Wake it or end it"):
            kim.take_drive("sam")
        assert not kim.drives
    # Whoever comes now does not find the drive free.
    assert not place.join(LEE).drives
    must(sam, AddNote("", "on it goes"))
    assert kim.take_drive("sam") is None


def test_the_drive_of_a_dead_one_takes_its_name(place: Place, other: Callable[[str], Other]) -> None:
    place.open().leave()
    other("sam").kill()
    kim = place.join(KIM)
    assert not kim.drives
    assert refused(kim.take_drive()).endswith("is gone without a word. Type exactly: sam")
    assert refused(kim.take_drive("Sam")).endswith("Type exactly: sam")
    assert kim.take_drive("sam") is None
    assert events_of(place.window, DriveTaken) == [DriveTaken("sam", GONE)]


def test_the_login_that_drove_takes_it_up_without_a_word(place: Place, other: Callable[[str], Other]) -> None:
    place.open().leave()
    other("sam").kill()
    again = place.join(SAM)
    assert again.drives
    assert events_of(place.window, DriveTaken) == []


def test_one_that_only_looks_never_drives(place: Place) -> None:
    sam = place.open()
    lee = place.join(LEE, only_looks=True)
    sam.leave()
    lee.tick()
    said = "`drawbridge watch` only looks. Run `drawbridge` to take part."
    assert refused(lee.take_drive("sam")) == refused(lee.seat.ask_for_drive()) == said
    assert not lee.drives


def test_every_event_carries_who_sits_at_the_keyboard(place: Place) -> None:
    sam = place.open()
    must(sam, AddNote("", "one"))
    assert sam.sit_down("kim") is None
    assert refused(sam.sit_down("kim")) == "kim sits at the keyboard already."
    must(sam, AddNote("", "two"))
    told = [(type(r.event), r.actor) for r in journal(place)][-3:]
    kim = replace(SAM, operator="kim")
    assert told == [(NoteAdded, SAM), (OperatorSwitched, kim), (NoteAdded, kim)]
