"""Two people with logins of their own: one confirms what the other does, and takes the drive."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from . import deeds
from .login import Login, Logins, Worker
from .place import SharedPlace
from .test_turns import ATTESTED, whole

PHRASE = "approve deploy production"


@pytest.fixture
def sam(logins: Logins, shared: SharedPlace) -> Iterator[Worker]:
    """Drives a window up to its deploy, which waits for a second operator."""
    shared.config.write_text(shared.config.read_text() + 'second_operator = "always"\n')
    with logins.sam.at_work() as worker:
        assert worker(deeds.open_a_window, shared.config) == ""
        worker(deeds.attest, *ATTESTED)
        worker(deeds.start, "backup")
        assert worker(deeds.settle, "backup") == "done"
        worker(deeds.skip, "baseline")
        yield worker


@pytest.fixture
def kim(logins: Logins) -> Iterator[Worker]:
    with logins.kim.at_work() as worker:
        yield worker


def approve(
    login: Login, shared: SharedPlace, driver: Worker, name: str, phrase: str
) -> tuple[int, str, str]:
    """`drawbridge approve` of this login, and what the driver's journal says of it."""
    with ThreadPoolExecutor() as pool:
        command = login.drawbridge(shared.config, "approve")
        done = pool.submit(login.run, *command, typed=f"{name}\n{phrase}\n")
        heard = driver(deeds.hear_one_more)
        code, out, err = done.result()
    return code, out + err, heard


def test_another_login_confirms_what_it_has_read(shared: SharedPlace, logins: Logins, sam: Worker) -> None:
    assert "waits for a second operator: `drawbridge approve` from another login" in sam(
        deeds.refused, "deploy"
    )
    sam(deeds.ask_for_second, "deploy")
    code, said, heard = approve(logins.kim, shared, sam, "Kim", PHRASE)
    assert (code, heard) == (0, "ApprovalGiven")
    assert "command    make deploy" in said
    assert "Approved: deploy of production, until " in said
    sam(deeds.start, "deploy")
    assert sam(deeds.settle, "deploy") == "done"
    assert set(whole(shared.window)) == {logins.sam.name}


def test_nobody_is_their_own_second_operator(shared: SharedPlace, logins: Logins, sam: Worker) -> None:
    sam(deeds.ask_for_second, "deploy")
    code, said, heard = approve(logins.sam, shared, sam, "Kim", PHRASE)
    assert code == 3
    assert heard in said
    assert f"The login {logins.sam.name} asked for it" in heard
    code, said, heard = approve(logins.kim, shared, sam, logins.sam.name, PHRASE)
    assert (code, "cannot be their own second operator" in heard) == (3, True)
    code, said, heard = approve(logins.kim, shared, sam, "Kim", "approve")
    assert (code, heard) == (3, f"Type exactly: {PHRASE}")
    assert "waits for a second operator" in sam(deeds.refused, "deploy")


def test_a_login_that_is_not_of_the_group_confirms_nothing(
    shared: SharedPlace, logins: Logins, sam: Worker
) -> None:
    sam(deeds.ask_for_second, "deploy")
    code, _, said = logins.lee.run(*logins.lee.drawbridge(shared.config, "approve"), typed=f"Lee\n{PHRASE}\n")
    assert code == 1
    assert "cannot be read" in said
    assert "waits for a second operator" in sam(deeds.refused, "deploy")


def test_an_approval_expires(shared: SharedPlace, logins: Logins, sam: Worker) -> None:
    sam(deeds.ask_for_second, "deploy")
    assert approve(logins.kim, shared, sam, "Kim", PHRASE)[0] == 0
    sam(deeds.leave)
    # Eleven minutes later.
    assert sam(deeds.take_the_drive, shared.config, shared.window, 660.0) == ""
    assert sam(deeds.refused, "deploy") == (
        "Kim's approval has expired: it counts for 10 minutes. Ask for it again."
    )


def test_whoever_confirmed_does_not_do_it_too(shared: SharedPlace, logins: Logins, sam: Worker) -> None:
    sam(deeds.ask_for_second, "deploy")
    assert approve(logins.kim, shared, sam, "Kim", PHRASE)[0] == 0
    sam(deeds.leave)
    with logins.kim.at_work() as kim:
        assert kim(deeds.take_the_drive, shared.config, shared.window) == ""
        assert "Kim approved this, and cannot do it as well" in kim(deeds.refused, "deploy")


def test_the_drive_is_asked_for_and_handed_over(
    shared: SharedPlace, logins: Logins, sam: Worker, kim: Worker
) -> None:
    assert not kim(deeds.look_on, shared.config, shared.window)
    assert kim(deeds.note, "not mine") == "Another console drives this window; this one only looks."
    kim(deeds.ask_for_drive)
    # By the owner of the letter, whatever stands in it.
    assert sam(deeds.until_asked) == (logins.kim.name, logins.kim.uid)
    sam(deeds.hand_over)
    kim(deeds.until_driving)
    assert kim(deeds.note, "mine") == ""
    assert sam(deeds.note, "no more") == "Another console drives this window; this one only looks."
    assert whole(shared.window)[-1] == logins.kim.name
