"""Doctor before a shared window: who may share, what is open to too many, with mends that mend."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import deeds
from .login import Login, Logins, Refused, Worker
from .place import SharedPlace


@pytest.fixture
def sam(shared: SharedPlace, logins: Logins) -> Iterator[Worker]:
    """Sam has opened a window and left it; nobody observes."""
    with logins.sam.at_work() as worker:
        worker(deeds.open_a_window, shared.config)
        worker(deeds.send, shared.window, "driver", "approve")
        worker(deeds.leave)
        yield worker


def doctor(login: Login, config: Path, subject: str) -> list[str]:
    """What doctor says of a subject: verdict, words and mend."""
    _, out, err = login.run(*login.drawbridge(config, "doctor"))
    assert err == ""
    return [line.replace(f"{subject}: ", "") for line in out.splitlines() if line[6:].startswith(subject)]


@pytest.mark.usefixtures("sam")
def test_all_is_well_for_both(shared: SharedPlace, logins: Logins) -> None:
    for login in (logins.sam, logins.kim):
        (state,) = doctor(login, shared.config, "state directory")
        assert state.startswith(f"ok    {shared.state}, shared with the group {logins.group}, ")
        (backups,) = doctor(login, shared.config, "backup directory")
        assert backups.startswith("ok    ")


@pytest.mark.usefixtures("sam")
def test_a_login_that_is_no_member(shared: SharedPlace, logins: Logins) -> None:
    lee = logins.lee
    (said,) = doctor(lee, shared.config, "state directory")
    assert said == (
        f"FAIL  {lee.name} is not a member of the group {logins.group}"
        f"  usermod -aG {logins.group} {lee.name}, then log in again"
    )
    mend = said.split("  ")[-1].removesuffix(", then log in again")
    try:
        subprocess.run(mend.split(), check=True, capture_output=True)
        # A new process with the groups as they are now: that is what logging in again does.
        (said,) = doctor(lee, shared.config, "state directory")
        assert said.startswith("ok    ")
    finally:
        subprocess.run(["gpasswd", "--delete", lee.name, logins.group], check=True, capture_output=True)


def test_what_is_open_to_too_many_is_mended_by_its_owner(
    shared: SharedPlace, logins: Logins, sam: Worker
) -> None:
    window = shared.window
    loosened = {window / "journal.db": 0o664, next((window / "mail").iterdir()): 0o660, window: 0o2775}
    before = {path: path.stat().st_mode for path in loosened}
    for path, mode in loosened.items():
        path.chmod(mode)
    said = doctor(logins.kim, shared.config, "state directory")
    assert len(said) == 3
    assert all(line.startswith("FAIL  ") and line.endswith(f" (as {logins.sam.name})") for line in said)
    words = re.escape(f"{window} is open to others (mode 2775). Mend it with `chmod 2770 {window}`")
    with pytest.raises(Refused, match=words):
        sam(deeds.take_the_drive, shared.config, window)
    for line in doctor(logins.sam, shared.config, "state directory"):
        code, _, err = logins.sam.run(*logins.sam.argv("sh", "-c", line.split("  ")[-1]))
        assert (code, err) == (0, "")
    assert {path: path.stat().st_mode for path in loosened} == before
    assert sam(deeds.take_the_drive, shared.config, window) == ""


@pytest.mark.usefixtures("sam")
def test_files_of_a_login_that_is_no_member(shared: SharedPlace, logins: Logins) -> None:
    journal = shared.window / "journal.db"
    os.chown(journal, logins.lee.uid, -1)
    (said,) = doctor(logins.kim, shared.config, "state directory")
    assert said == (
        f"FAIL  {journal} belongs to {logins.lee.name}, who is not in the group {logins.group}"
        f"  chown {logins.kim.name} {journal}"
    )


@pytest.mark.usefixtures("sam")
def test_files_of_another_group(shared: SharedPlace, logins: Logins) -> None:
    journal = shared.window / "journal.db"
    os.chown(journal, -1, logins.sam.gid)
    (said,) = doctor(logins.sam, shared.config, "state directory")
    assert said.startswith(f"FAIL  {journal} is open to the group ")
    subprocess.run(["/bin/sh", "-c", said.split("  ")[-1]], check=True)
    (said,) = doctor(logins.sam, shared.config, "state directory")
    assert said.startswith("ok    ")


def test_a_directory_of_another_login_that_nobody_shares(logins: Logins, shared: SharedPlace) -> None:
    config = shared.config.with_name("alone.toml")
    text = shared.config.read_text().replace('"var/state"', f'"{logins.sam.home}/state"')
    config.write_text(text.replace(f'group = "{logins.group}"', ""))
    with logins.sam.at_work() as sam:
        sam(deeds.open_a_window, config)
    (said,) = doctor(logins.sam, config, "state directory")
    assert said.startswith("ok    ")
    # Root gets in everywhere, but what it wrote there would not be Sam's.
    root = Login("root", 0, 0, logins.sam.home, logins.sam.python, logins.sam.variables)
    said = doctor(root, config, "state directory")[0]
    state = logins.sam.home / "state"
    assert said == f"FAIL  {state} belongs to {logins.sam.name}, not to this login  chown root {state}"


def test_backups_that_the_other_could_not_read(shared: SharedPlace, logins: Logins) -> None:
    shared.backups.chmod(0o770)
    said = doctor(logins.kim, shared.config, "backup directory")[0]
    assert said == (
        f"warn  {shared.backups} does not hand the group {logins.group} on: a backup is readable for its own "
        f"login only  chgrp {logins.group} {shared.backups} && chmod g+rwxs {shared.backups}"
    )
    subprocess.run(["/bin/sh", "-c", said.split("  ")[-1]], check=True)
    assert doctor(logins.kim, shared.config, "backup directory")[0].startswith("ok    ")
