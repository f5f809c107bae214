"""The second operator's word by letter: who may give it, for what it counts, and what is no such word."""

import json
import os
import pwd
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from state.console import approvals
from state.console.approvals import Answer, ask_driver, for_run
from state.console.company import APPROVE, DRIVER
from state.console.plans import RunPlan
from state.console.session import Session
from state.events import Actor, ApprovalGiven, ApprovalRefused, DriveAsked, RunRequested
from state.intents import AddNote
from state.journal import mail
from state.journal.directory import MAIL
from state.window import COUNTS_FOR, StepState

from ..pty.headless import events_of
from .others import Ahead
from .place import KIM, SAM, Place, must, ready_to_run, settle, wait_for

UID = os.getuid()
PHRASE = "approve deploy production"


def waiting(place: Place, driver: Actor = SAM, **opened: Any) -> Session:
    """A window whose deploy waits for a second operator, who has been asked for."""
    place.ask_second("always")
    session = ready_to_run(place, actor=driver, **opened)
    assert "Deploy the binaries waits for a second operator" in refused(session)
    must(session, for_run(session.window, deploy(session), ""))
    return session


def deploy(session: Session) -> RunPlan:
    plan = session.plan(session.window.runbook.step("deploy"))
    assert plan is not None
    return plan


def refused(session: Session, **changes: Any) -> str:
    """Why the deploy is not started."""
    refusal = session.start(replace(deploy(session), **changes))
    assert refusal is not None
    assert events_of(session.directory, RunRequested) == []
    return refusal.reason


def request(session: Session) -> int:
    assert session.window.approval is not None
    return session.window.approval.request


def word(session: Session, person: Actor = KIM, phrase: str = PHRASE) -> Answer | None:
    """What comes of somebody's word, given as `drawbridge approve` gives it while the driver ticks."""
    found: list[Answer | None] = []
    number = request(session)
    asking = threading.Thread(
        target=lambda: found.append(ask_driver(session.directory, number, person, phrase))
    )
    asking.start()
    while asking.is_alive():
        session.tick()
        asking.join(0.02)
    (answer,) = found
    return answer


def leave_word(session: Session, person: Actor = KIM, body: Mapping[str, Any] = MappingProxyType({})) -> Path:
    """A letter with somebody's word; where it lies."""
    content = {"request": request(session), "person": asdict(person), "phrase": PHRASE, **body}
    name = mail.send(session.directory / MAIL, DRIVER, APPROVE, content)
    return session.directory / MAIL / f"{name}.json"


def letters(session: Session) -> list[Path]:
    return list((session.directory / MAIL).glob("driver-*"))


def test_it_starts_once_another_login_has_confirmed(place: Place) -> None:
    session = waiting(place)
    answer = word(session)
    assert answer is not None
    given = answer.event
    assert isinstance(given, ApprovalGiven)
    # Login and user id are those that the operating system vouches for, whatever the letter says.
    assert given.person == replace(KIM, login=pwd.getpwuid(UID).pw_name, uid=UID)
    assert letters(session) == []
    assert session.start(deploy(session)) is None
    settle(session, "deploy", StepState.DONE)
    # It was for this one run.
    assert "waits for a second operator" in str(session.start(deploy(session)))


NOT_THEIRS: dict[str, tuple[Actor, Actor, str, str]] = {
    "one's own": (SAM, replace(KIM, operator=" sAm "), PHRASE, "cannot be their own second operator"),
    "the same login": (replace(SAM, uid=UID), KIM, PHRASE, "confirms from another one"),
    "another phrase": (SAM, KIM, "approve deploy", f"Type exactly: {PHRASE}"),
    "no name": (SAM, replace(KIM, operator="\x1b[2J"), "", f"Type exactly: {PHRASE}"),
}


@pytest.mark.parametrize("case", NOT_THEIRS)
def test_whose_word_is_refused(place: Place, case: str) -> None:
    driver, person, phrase, said = NOT_THEIRS[case]
    session = waiting(place, driver)
    answer = word(session, person, phrase)
    assert answer is not None
    assert isinstance(answer.event, ApprovalRefused)
    assert said in answer.event.reason
    assert "waits for a second operator" in refused(session)
    assert events_of(session.directory, ApprovalGiven) == []


def test_it_counts_for_ten_minutes(place: Place) -> None:
    clock = Ahead()
    session = waiting(place, clock=clock)
    assert word(session) is not None
    clock.by = COUNTS_FOR + 1
    assert refused(session) == "kim's approval has expired: it counts for 10 minutes. Ask for it again."
    clock.by = 0.0
    must(session, for_run(session.window, replace(deploy(session), shown={}), ""))
    assert word(session) is not None
    assert session.start(replace(deploy(session), shown={})) is None


def another_site(session: Session) -> Path:
    made = session.settings.make.backup_directory
    (made / "Makefile").write_text((session.settings.make.directory / "Makefile").read_text())
    return made


CHANGED: dict[str, Callable[[Session], dict[str, Any]]] = {
    "the command": lambda s: {"argv": ("make", "deploy", "FORCE=1")},
    "a variable": lambda s: {"shown": {"RESTORE_PATH": "/elsewhere.sql"}},
    "the directory": lambda s: {"directory": another_site(s)},
}


@pytest.mark.parametrize("case", CHANGED)
def test_it_counts_for_nothing_else(place: Place, case: str) -> None:
    session = waiting(place)
    assert word(session) is not None
    assert refused(session, **CHANGED[case](session)) == (
        "What kim approved has changed since. Ask for the approval again."
    )
    assert session.start(deploy(session)) is None


def test_it_does_not_count_for_what_other_settings_made_of_it(place: Place) -> None:
    session = waiting(place)
    assert word(session) is not None
    session.leave()
    place.edit('["make", "deploy"]', '["make", "deploy", "FORCE=1"]')
    again = place.resume()
    assert "has changed since" in refused(again)


def test_whoever_confirmed_and_then_drives_cannot_do_it(place: Place) -> None:
    session = waiting(place)
    assert word(session) is not None
    session.leave()
    assert "cannot do it as well: somebody else must drive" in refused(place.resume(KIM))


def test_nobody_drives_and_the_word_is_taken_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    session = waiting(place)
    number = request(session)
    session.leave()
    monkeypatch.setattr(approvals, "PATIENCE", 0.3)
    assert ask_driver(session.directory, number, KIM, PHRASE) is None
    assert letters(session) == []
    again = place.resume()
    again.tick()
    assert "waits for a second operator" in refused(again)


def test_a_word_that_lay_there_for_too_long_does_not_count(place: Place) -> None:
    session = waiting(place)
    long_ago = time.time() - COUNTS_FOR - 5
    os.utime(leave_word(session), (long_ago, long_ago))
    session.tick()
    (told,) = events_of(session.directory, ApprovalRefused)
    assert told.reason.startswith("That word is older than 10 minutes.")
    assert "waits for a second operator" in refused(session)


def test_of_two_words_at_once_one_counts_and_both_are_answered(place: Place) -> None:
    session = waiting(place)
    first, second = leave_word(session), leave_word(session, replace(KIM, operator="lee"))
    os.utime(first, (time.time() - 5,) * 2)
    session.tick()
    (given,) = events_of(session.directory, ApprovalGiven)
    (told,) = events_of(session.directory, ApprovalRefused)
    assert (given.letter, told.letter) == (first.stem, second.stem)
    assert told.reason == "kim has approved it already."


@pytest.mark.skipif(UID != 0, reason="only root can give a letter to another user")
def test_a_letter_speaks_for_its_owner_alone(place: Place) -> None:
    session = waiting(place, replace(SAM, uid=4242))
    kim = place.join(KIM)
    # The driver's own login, with all that kim could say: whose file it is decides.
    os.chown(leave_word(session), 4242, -1)
    # A question for the drive in the name of a console that is another user's.
    asked = mail.send(session.directory / MAIL, DRIVER, "ask", {"observer": kim.seat.console})
    os.chown(session.directory / MAIL / f"{asked}.json", 65534, -1)
    session.tick()
    (told,) = events_of(session.directory, ApprovalRefused)
    assert told.reason.startswith("The login 4242 asked for it")
    assert (told.person.login, told.person.uid) == ("4242", 4242)
    assert events_of(session.directory, DriveAsked) == []
    os.chown(leave_word(session), 65534, -1)
    session.tick()
    (given,) = events_of(session.directory, ApprovalGiven)
    assert (given.person.operator, given.person.uid) == ("kim", 65534)
    assert letters(session) == []


NONSENSE: tuple[dict[str, Any], ...] = (
    {"request": "3"},
    {"request": None},
    {"request": 1e300},
    {"request": -1},
    {"request": 10**300},
    {"person": None},
    {"person": []},
    {"person": {"operator": 7}},
    {"person": {"operator": "x" * 5000}},
    {"person": {"operator": "\ud800", "host": "\x1b]0;x\x07"}, "phrase": "yes"},
    {"phrase": {}},
    {"phrase": "\ud800"},
    {"phrase": "x" * 60_000},
)


def test_nonsense_confirms_nothing_and_does_no_harm(place: Place) -> None:
    session = waiting(place)
    for body in NONSENSE:
        leave_word(session, body=body)
    for kind, body in (("ask", {}), ("ask", {"observer": ["x"]}), ("ask", {"observer": "x"}), ("shout", {})):
        mail.send(session.directory / MAIL, DRIVER, kind, body)
    for number, content in enumerate((b"", b"{", b"[1]", b"\xff", b'{"to":"driver"}', b"[" * 60_000)):
        (session.directory / MAIL / f"driver-{number}.json").write_bytes(content)
    (session.directory / MAIL / os.fsdecode(b"driver-\xff\x1b.json")).write_text(
        json.dumps({"to": DRIVER, "kind": APPROVE, "body": {"request": 1, "person": {}, "phrase": PHRASE}})
    )
    wait_for(lambda: session.tick() and not letters(session))
    assert events_of(session.directory, ApprovalGiven) == []
    assert "waits for a second operator" in refused(session)
    assert word(session) is not None
    assert session.start(deploy(session)) is None


def test_a_flood_of_letters_drowns_nobodys_word(place: Place) -> None:
    session = waiting(place)
    body = {"request": request(session), "person": {}, "phrase": "no"}
    flood = json.dumps({"to": DRIVER, "kind": APPROVE, "body": body})
    for number in range(150):
        (session.directory / MAIL / f"driver-0{number:04}.json").write_text(flood)
    session.tick()
    # Each costs a write to the disk: the keyboard does not wait for all of them.
    assert len(letters(session)) >= 120
    answer = word(session)
    assert answer is not None
    assert isinstance(answer.event, ApprovalGiven)
    must(session, AddNote("", "still here"))
    assert letters(session) == []
    assert len(events_of(session.directory, ApprovalRefused)) == 150
