"""What is left of a tortured window, held against what was acknowledged and against what really ran."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from state.events import (
    KINDS,
    Event,
    Recorded,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunRequested,
    StepAttested,
    WindowDeclared,
)
from state.host.locks import is_held
from state.journal.directory import DRIVER_LOCK, JOURNAL, READINGS, RUNS
from state.journal.events import JournalError, JournalReader
from state.report.verify import verify
from tests.pty import headless

from .ground import LAST_LINES, Executions
from .seat import comes

#: Seconds that a console has to go.
_GOING = 10.0
Found = Callable[[str, str], None]
_ENDS = (RunEnded, RunLost, RunNotStarted)
#: Once a window at most, whatever was killed; attesting a step is a decision each time that it is done.
_ONCE = (StepAttested, WindowDeclared)


def journal(window: Path, found: Found) -> list[Recorded]:
    """The events; a chain that does not verify is torn."""
    try:
        with closing(JournalReader(window / JOURNAL)) as reader:
            if problem := reader.problem():
                found("torn", problem)
            return reader.after(0)
    except JournalError as error:
        found("torn", str(error))
        return []


def acknowledged(events: list[Recorded], account: list[Mapping[str, Any]], found: Found) -> None:
    """Everything in the ledger is in the journal, where the console said, as its own decision."""
    for line in account:
        upto = int(line.get("to", 0))
        if upto > len(events):
            found("lost", f"event {upto} was acknowledged, the journal ends at {len(events)}")
        elif line["say"] == "decided":
            made = events[int(line["after"]) : upto]
            kind = KINDS[line["kind"]]
            if not any(_is_this(one, kind, line) for one in made):
                found("lost", f"{line['kind']} {line['step']} was acknowledged and is not among {made}")


def _is_this(one: Recorded, kind: type[Event], line: Mapping[str, Any]) -> bool:
    step = getattr(one.event, "step", "") if line["step"] else ""
    return isinstance(one.event, kind) and one.epoch == line["epoch"] and step == line["step"]


def decided(events: list[Recorded], account: list[Mapping[str, Any]], found: Found) -> None:
    """No run without a decision of the same console, and no decision kept twice."""
    asked = Counter((line["epoch"], line["step"]) for line in account if _asks_for_run(line))
    made = Counter((one.epoch, one.event.step) for one in events if isinstance(one.event, RunRequested))
    for (epoch, step), times in (made - asked).items():
        found("doubled", f"epoch {epoch} requested {step} {times} times more than was decided")
    once = Counter(
        (one.event.kind(), getattr(one.event, "step", "")) for one in events if isinstance(one.event, _ONCE)
    )
    for what, times in once.items():
        if times > 1:
            found("doubled", f"{what} is in the journal {times} times")


def _asks_for_run(line: Mapping[str, Any]) -> bool:
    return line["say"] == "deciding" and line["kind"] == RunRequested.kind()


def executed(
    window: Path, events: list[Recorded], really: Executions, killed: Collection[int], found: Found
) -> None:
    """Every run ran once or never, to its end, with a whole log and the end that the journal tells.

    `killed` are the runs whose keeper was killed: of these nobody may claim to know how they ended.
    """
    ends: dict[int, list[Event]] = {}
    for one in events:
        if isinstance(one.event, _ENDS):
            ends.setdefault(one.event.run, []).append(one.event)
    keepers: dict[int, int] = {}
    for one in events:
        if not isinstance(one.event, RunRequested):
            continue
        run = window / RUNS / str(one.seq)
        keepers[_keeper(run)] = one.seq
        said = ends.get(one.seq, [])
        if len(said) != 1:
            found("doubled" if said else "lost", f"run {one.seq} {one.event.step} has {len(said)} ends")
            continue
        _examine(run, one.event.step, said[0], really, one.seq in killed, found)
    for session in really.begun.keys() - keepers.keys():
        found("doubled", f"a target ran in session {session}, and no run has a keeper of that number")
    if strangers := {int(path.name) for path in (window / RUNS).iterdir()} - set(keepers.values()):
        found("doubled", f"directories of runs that nobody requested: {sorted(strangers)}")


def _keeper(run: Path) -> int:
    """Process id of the keeper; that of nobody (minus the run's number) where none was written down."""
    try:
        return int((run / "pid").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return -int(run.name)


def _examine(run: Path, step: str, end: Event, really: Executions, killed: bool, found: Found) -> None:
    name = f"run {run.name} {step}"
    begun, ended = really.begun[_keeper(run)], really.ended[_keeper(run)]
    if begun > 1:
        found("doubled", f"{name} ran {begun} times")
    if begun > ended:
        found("cut", f"{name} began and never came to its end ({end})")
    if isinstance(end, RunNotStarted):
        if begun:
            found("doubled", f"{name} ran, and the journal says that it never started")
        return
    if begun == ended == 1:
        _examine_log(run, name, found)
    status = _exit_status(run, name, found)
    if isinstance(end, RunEnded):
        if status != end.exit_code:
            found("torn", f"{name} ended with {status}, and the journal says {end.exit_code}")
        if end.exit_code or not begun:
            found("cut", f"{name} ran {begun} times and ended with {end.exit_code}: {end.last_line}")
    elif not killed:
        found("cut", f"{name} was lost, and nobody had killed its keeper: {end}")
    elif status is not None:
        found("lost", f"{name} was called lost, and its exit status {status} is there")


def _exit_status(run: Path, name: str, found: Found) -> int | None:
    try:
        return int((run / "exit").read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        found("torn", f"{name} has an exit status that is none: {error}")
        return None


_LAST = re.compile(rb"\[(\S+) ends, line (\d+) of \d+\]")


def _examine_log(run: Path, name: str, found: Found) -> None:
    """From its first line to its last, each once."""
    lines = (run / "log").read_bytes().split(b"\n")
    numbers = [int(match[2]) for line in lines if (match := _LAST.fullmatch(line))]
    if not lines[0].endswith(b" begins]") or numbers != [*range(1, LAST_LINES + 1)] or lines[-1] != b"":
        found("torn", f"{name} has a log that is not whole: {lines[0]!r}, {len(lines)} lines, {lines[-2:]!r}")
    try:
        json.loads((run / "command.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        found("torn", f"{name} has no command.json: {error}")


def sentence(said: str, found: Found) -> None:
    """What an operator reads is words on one line, to their end."""
    if "\n" in said or not re.fullmatch(r".{20,}[.!]", said):
        found("torn", f"this is no sentence: {said!r}")


def readings(window: Path, found: Found) -> None:
    """The readings are a sound file."""
    if not (window / READINGS).exists():
        return
    with closing(sqlite3.connect(f"file:{window / READINGS}?mode=ro", uri=True)) as link:
        said = link.execute("pragma quick_check").fetchone()[0]
    if said != "ok":
        found("torn", f"readings.db: {said}")


def sealed(config: Path, window: Path, found: Found) -> None:
    """One more console, which nobody kills: every log that there is gets sealed."""
    # One that was sent away with its terminal may need a moment to go.
    if not comes(lambda: not is_held(window / DRIVER_LOCK), _GOING):
        found("stuck", "the last console does not give the drive up")
        return
    hand = headless.take_up(config, window)

    def are_all() -> bool:
        logs = {int(log.parent.name) for log in window.glob(f"{RUNS}/*/log")}
        return all(hand.window.runs[run].sealed for run in logs & hand.window.runs.keys())

    try:
        hand.until(are_all, "every log is sealed", 20)
    except AssertionError as error:
        found("leaked", str(error))
    finally:
        hand.session.close()


def verified(window: Path, found: Found) -> None:
    """What `drawbridge verify` looks at is as it was written, and no log is left half sealed."""
    for one in verify(window).findings:
        if one.wrong:
            found("torn", f"verify: {one.subject}: {one.words}")
    for left in window.glob(f"{RUNS}/*/log.*"):
        found("torn", f"{left.parent.name}/{left.name} was left behind")


def secrets(places: Collection[Path], secret: str, found: Found) -> None:
    """The secret is in no file of these places."""
    for path in _files(places):
        if secret.encode() in path.read_bytes():
            found("leaked", f"the admin token stands in {path.name}")


def words(places: Collection[Path], found: Found) -> None:
    """No traceback in any file of these places."""
    for path in _files(places):
        if b"Traceback (most recent call last)" in (said := path.read_bytes()):
            found("tracebacks", f"{path.name}: {said[-600:].decode(errors='replace')}")


def _files(places: Collection[Path]) -> Iterator[Path]:
    for place in places:
        yield from (path for path in [place, *place.rglob("*")] if path.is_file())
