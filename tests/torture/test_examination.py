"""What the torture looks for is seen where it is there: each figure, from a window made to show it."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from state.events import (
    Actor,
    Event,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunRequested,
    StepAttested,
    WindowDeclared,
)
from state.journal.directory import JOURNAL, RUNS
from state.journal.events import JournalWriter

from . import __main__ as entry
from . import examination
from .figures import COLUMNS, Figures, table
from .ground import LAST_LINES, Executions

SAM = Actor("sam", "sam", "bastion", "pts/1")
REQUESTED = RunRequested("deploy", ("make", "deploy"), "/srv")
WHOLE = "".join(
    ["[deploy begins]\n", *(f"[deploy ends, line {n} of 100]\n" for n in range(1, LAST_LINES + 1))]
)
KEEPER = 4711


@dataclass
class Scene:
    """A window in which one run was asked for, ran once and ended well, until a test changes that."""

    window: Path
    events: list[Event] = field(default_factory=lambda: [REQUESTED, RunEnded(1, 0, 2.0)])
    account: list[dict[str, object]] = field(default_factory=list)
    begun: int = 1
    ended: int = 1
    log: str = WHOLE
    exit: str | None = "0\n"
    killed: tuple[int, ...] = ()
    really: Executions | None = None

    def write(self, column: str) -> list[str]:
        """Puts it on the disk and examines it; what was found in that column, and nothing in another."""
        (self.window / RUNS / "1").mkdir(parents=True)
        writer = JournalWriter(self.window / JOURNAL, SAM, 1.0)
        for event in self.events:
            writer.append([event], 1.0)
        writer.close()
        run = self.window / RUNS / "1"
        run.joinpath("pid").write_text(f"{KEEPER}\n")
        run.joinpath("log").write_text(self.log)
        run.joinpath("command.json").write_text("{}")
        if self.exit is not None:
            run.joinpath("exit").write_text(self.exit)
        found: list[tuple[str, str]] = []
        tell = lambda *finding: found.append(finding)  # noqa: E731
        kept = examination.journal(self.window, tell)
        deciding = {"say": "deciding", "kind": "RunRequested", "step": "deploy", "epoch": 1}
        account = [deciding, *self.account]
        examination.acknowledged(kept, account, tell)
        examination.decided(kept, account, tell)
        really = self.really or Executions(Counter({KEEPER: self.begun}), Counter({KEEPER: self.ended}))
        examination.executed(self.window, kept, really, self.killed, tell)
        examination.secrets((self.window,), "tok-0123456789", tell)
        examination.words((self.window,), tell)
        assert {where for where, _ in found} <= {column}
        return [words for _, words in found]


def _acknowledge_too_much(scene: Scene) -> None:
    scene.account = [{"say": "seen", "epoch": 1, "to": 3}]


def _acknowledge_another(scene: Scene) -> None:
    scene.account = [
        {"say": "decided", "epoch": 1, "kind": "StepAttested", "step": "deploy", "after": 0, "to": 1}
    ]


def _acknowledge_for_another_console(scene: Scene) -> None:
    scene.account = [
        {"say": "decided", "epoch": 2, "kind": "RunRequested", "step": "deploy", "after": 0, "to": 1}
    ]


def _never_end(scene: Scene) -> None:
    scene.events = [REQUESTED]


def _lose_what_is_known(scene: Scene) -> None:
    scene.events, scene.killed = [REQUESTED, RunLost(1, "killed")], (1,)


def _run_twice(scene: Scene) -> None:
    scene.begun = scene.ended = 2


def _end_twice(scene: Scene) -> None:
    scene.events += [RunEnded(1, 0, 2.0)]


def _request_again(scene: Scene) -> None:
    scene.events += [REQUESTED, RunNotStarted(3, "never")]


def _deny(scene: Scene) -> None:
    scene.events = [REQUESTED, RunNotStarted(1, "never")]


def _run_elsewhere(scene: Scene) -> None:
    scene.really = Executions(Counter({KEEPER: 1, 4712: 1}), Counter({KEEPER: 1, 4712: 1}))


def _attest_twice(scene: Scene) -> None:
    scene.events += [StepAttested("ci-green", "kim", "1")] * 2


def _declare_twice(scene: Scene) -> None:
    scene.events += [WindowDeclared("success", "", ())] * 2


def _cut(scene: Scene) -> None:
    scene.ended = 0


def _fail(scene: Scene) -> None:
    scene.events, scene.exit = [REQUESTED, RunEnded(1, 2, 2.0)], "2\n"


def _lose(scene: Scene) -> None:
    scene.events, scene.exit = [REQUESTED, RunLost(1, "killed")], None


def _contradict(scene: Scene) -> None:
    scene.exit = "2\n"


def _half_a_status(scene: Scene) -> None:
    scene.exit = ""


def _log_without_its_end(scene: Scene) -> None:
    scene.log = WHOLE[:-40]


def _log_with_a_gap(scene: Scene) -> None:
    scene.log = WHOLE.replace("[deploy ends, line 50 of 100]\n", "")


def _leak(scene: Scene) -> None:
    scene.log = WHOLE.replace("begins]", "begins] tok-0123456789 [deploy begins]")


def _trace(scene: Scene) -> None:
    scene.log = WHOLE.replace(
        "[deploy ends, line 1 of", "Traceback (most recent call last):\n[deploy ends, line 1 of"
    )


@pytest.mark.parametrize(
    ("column", "harm"),
    [
        ("lost", _acknowledge_too_much),
        ("lost", _acknowledge_another),
        ("lost", _acknowledge_for_another_console),
        ("lost", _never_end),
        ("lost", _lose_what_is_known),
        ("doubled", _run_twice),
        ("doubled", _end_twice),
        ("doubled", _request_again),
        ("doubled", _deny),
        ("doubled", _run_elsewhere),
        ("doubled", _attest_twice),
        ("doubled", _declare_twice),
        ("cut", _cut),
        ("cut", _fail),
        ("cut", _lose),
        ("torn", _contradict),
        ("torn", _half_a_status),
        ("torn", _log_without_its_end),
        ("torn", _log_with_a_gap),
        ("leaked", _leak),
        ("tracebacks", _trace),
    ],
)
def test_what_must_not_happen_is_seen(tmp_path: Path, column: str, harm: Callable[[Scene], None]) -> None:
    scene = Scene(tmp_path / "window")
    harm(scene)
    assert scene.write(column)


def test_what_is_right_is_not_complained_of(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "window")
    scene.account = [
        {"say": "attached", "epoch": 1, "to": 0},
        {"say": "decided", "epoch": 1, "kind": "RunRequested", "step": "deploy", "after": 0, "to": 1},
        {"say": "seen", "epoch": 1, "to": 2},
    ]
    assert scene.write("lost") == []


def test_a_changed_journal_is_torn(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "window")
    scene.write("lost")
    journal = tmp_path / "window" / JOURNAL
    journal.write_bytes(journal.read_bytes().replace(b"/srv", b"/usr"))
    found: list[str] = []
    examination.journal(tmp_path / "window", lambda column, words: found.append(column))
    assert found == ["torn"]


@pytest.mark.parametrize("found", [True, False])
def test_the_figures_are_a_table_a_file_and_an_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], found: bool
) -> None:
    def inflict(first_seed: int, trials: int) -> Figures:
        made = Figures("death", trials=trials, seeds=[first_seed])
        if found:
            made.found("torn", "half a page", first_seed)
        return made

    monkeypatch.setitem(entry.TORMENTS, "death", entry.Torment(inflict, 10))
    path = tmp_path / "build" / "torture.json"
    status = entry.main(["--only", "death", "--seeds", "7", "--trials", "3", "--json", str(path)])
    assert status == int(found)
    (row,) = json.loads(path.read_text())["rows"]
    assert (row["trials"], row["seeds"], row["torn"]) == (3, [7], int(found))
    assert {row[column] for column in COLUMNS if column != "torn"} == {0}
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == ["torment", "trials", *COLUMNS, "seconds"]
    assert ("torn (seed 7): half a page" in out) is found


def test_a_row_that_was_skipped_says_why() -> None:
    assert "disk: skipped: no root" in table([Figures("disk", skipped="no root")])
