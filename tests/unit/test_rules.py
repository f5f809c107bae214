"""The rules: what each intent leads to, and every refusal with its words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from state import intents
from state.events import (
    Actor,
    BackupExamined,
    Event,
    ExceptionGranted,
    LogSealed,
    MigrationsListed,
    NoteAdded,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunRequested,
    RunSignalled,
    RunStarted,
    SamplingBegun,
    SnapshotRecorded,
    StepAttested,
    StepBegun,
    StepPassed,
    StepSkipped,
    WindowDeclared,
    WindowOpened,
)
from state.intents import (
    AddNote,
    AttestStep,
    BeginRollback,
    BeginStep,
    Declare,
    GiveApproval,
    HandOver,
    Intent,
    KeepDrive,
    OpenWindow,
    RaiseCorrectness,
    RaiseIncident,
    Refusal,
    RequestApproval,
    ResolveCorrectness,
    ResolveIncident,
    SendMessage,
    SkipStep,
    StartRun,
    StopRun,
    SwitchOperator,
    TakeSamples,
    WaveOff,
    WithdrawApproval,
)
from state.rules import admits, decide, decide_opening, may_do
from state.window import StepState, Window

from .story import OWN_BACKUP, T0, Story, examined, listing, snapshot


def attest(step: str) -> AttestStep:
    return AttestStep(step, "kim", "REF-1")


def run(step: str) -> StartRun:
    return StartRun(step, ("make", step), "/srv/site", {"BACKUP_PATH": OWN_BACKUP})


def gates(**states: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(
        {"id": gate, "title": gate.title(), "state": states.get(gate, "PASS"), "reason": "12:00 of 10:00"}
        for gate in ("readiness", "budget", "backlog")
    )


def success(**states: str) -> Declare:
    return Declare("success", gates(**states), shown=states)


def begun(step: str) -> Story:
    story = Story().until(step)
    story.tell(StepBegun(step))
    return story


def running(step: str) -> Story:
    story = Story().until(step)
    story.request(step)
    return story


def checking() -> Story:
    story = Story().until("backup")
    story.run("backup")
    return story


def sampling() -> Story:
    story = Story().until("baseline")
    story.tell(SamplingBegun("baseline", 5))
    return story


def closed() -> Story:
    return Story().until("declare").done("declare")


def failed(step: str) -> Story:
    story = Story().until(step)
    story.run(step, 2)
    return story


def lost(step: str) -> Story:
    story = running(step)
    story.tell(RunLost(story.window.seq - 1, "killed"))
    return story


ALL: tuple[Intent, ...] = (
    attest("window-approved"),
    BeginStep("deploy"),
    SkipStep("smoke", "why"),
    AddNote("", "note"),
    run("backup"),
    StopRun(1),
    TakeSamples("baseline", 5),
    success(),
    Declare("abandoned", (), {}, "why"),
    RaiseIncident("INC-1", "down"),
    ResolveIncident("up"),
    RaiseCorrectness("wrong"),
    ResolveCorrectness("right"),
    WaveOff("backlog", "why"),
    BeginRollback("binaries", "why", "A", "roll back production"),
    SendMessage("back", "copied"),
    SwitchOperator("kim"),
    HandOver("c2"),
    KeepDrive("a1"),
    RequestApproval(run("deploy"), ("Deploy",)),
    GiveApproval(9, Actor("kim", "kim", "laptop", uid=1002), "approve restore production", "login"),
    WithdrawApproval(9),
)


@pytest.mark.parametrize("intent", ALL, ids=lambda intent: type(intent).__name__)
def test_nothing_is_decided_in_a_closed_window(intent: Intent) -> None:
    assert closed().refused(intent) == "This window is closed. Open a new one to go on."
    assert isinstance(decide(Window(), intent, T0, 0), Refusal)


def test_the_list_of_intents_is_whole() -> None:
    defined = {
        value
        for value in vars(intents).values()
        if isinstance(value, type) and issubclass(value, Intent) and value is not Intent
    }
    assert {type(intent) for intent in ALL} == defined


@dataclass(frozen=True)
class Case:
    story: Callable[[], Story]
    intent: Intent
    words: str


CASES = {
    # Order
    "the second before the first": Case(Story, run("backup"), "Window approved comes first"),
    "attested out of order": Case(
        lambda: Story().until("deploy"), attest("smoke"), "Deploy the binaries comes"
    ),
    "skipped out of order": Case(lambda: Story().until("backup"), SkipStep("deploy", "x"), "Back up the"),
    "begun out of order": Case(lambda: Story().until("migrate"), BeginStep("health"), "Apply the migrations"),
    "sampled out of order": Case(lambda: Story().until("health"), TakeSamples("compare", 5), "Verify health"),
    "declared out of order": Case(lambda: Story().until("compare"), success(), "Compare with the baseline"),
    "after a failed one": Case(lambda: failed("deploy"), run("migrate"), "Deploy the binaries comes first"),
    "after a lost one": Case(lambda: lost("migrate"), BeginStep("health"), "Apply the migrations comes"),
    "of another phase": Case(Story, run("restore"), "no step restore in this window"),
    "only after a rollback": Case(Story, attest("drill-passed"), "no step drill-passed"),
    "unknown": Case(Story, attest("melt"), "no step melt"),
    # One thing at a time
    "beside a run": Case(lambda: running("deploy"), attest("ci-green"), "Deploy the binaries is under way"),
    "beside a check": Case(checking, attest("ci-green"), "Back up the database is under way"),
    "beside a step begun": Case(lambda: begun("deploy"), run("backup"), "Deploy the binaries is under way"),
    "beside a series": Case(sampling, run("backup"), "Record the baseline is under way"),
    "declared beside a run": Case(lambda: running("smoke"), success(), "make smoke is running"),
    "abandoned beside a run": Case(
        lambda: running("smoke"), Declare("abandoned", (), {}, "why"), "make smoke is running"
    ),
    # A step under way
    "run twice": Case(lambda: running("deploy"), run("deploy"), "Deploy the binaries is running"),
    "begun while it runs": Case(lambda: running("deploy"), BeginStep("deploy"), "is running"),
    "attested while it runs": Case(lambda: running("deploy"), attest("deploy"), "is running"),
    "skipped while it runs": Case(lambda: running("deploy"), SkipStep("deploy", "x"), "is running"),
    "run again while it is checked": Case(checking, run("backup"), "is being checked"),
    "attested while it is checked": Case(checking, attest("backup"), "is being checked"),
    "begun twice": Case(lambda: begun("deploy"), BeginStep("deploy"), "has begun already"),
    # Evidence
    "without a name": Case(Story, AttestStep("window-approved", " ", "CHG-1"), "needs a name and a ref"),
    "without a reference": Case(Story, AttestStep("window-approved", "kim", "\t"), "needs a name and a ref"),
    "declaration attested": Case(lambda: Story().until("declare"), attest("declare"), "declared with d"),
    "measurement attested": Case(lambda: Story().until("baseline"), attest("baseline"), "is measured"),
    "health attested": Case(lambda: Story().until("health"), attest("health"), "is measured"),
    # The right way
    "make of an attested step": Case(Story, run("window-approved"), "not done this way"),
    "make of a measured step": Case(lambda: Story().until("health"), run("health"), "not done this way"),
    "begun that is a target": Case(lambda: Story().until("backup"), BeginStep("backup"), "not done this way"),
    "sampled that is a target": Case(
        lambda: Story().until("backup"), TakeSamples("backup", 5), "not done this way"
    ),
    "without a command": Case(lambda: Story().until("deploy"), StartRun("deploy", (), "/"), "no command"),
    # Skipping
    "without a reason": Case(Story, SkipStep("window-approved", "  "), "needs a reason"),
    "what is done": Case(lambda: Story().until("ci-green"), SkipStep("window-approved", "x"), "settled"),
    "the declaration": Case(lambda: Story().until("declare"), SkipStep("declare", "x"), "cannot be skipped"),
    # Notes
    "an empty note": Case(Story, AddNote("", "\n"), "without words"),
    "a note on no step": Case(Story, AddNote("melt", "hot"), "no step melt"),
    # Stopping
    "nothing runs": Case(Story, StopRun(3), "Nothing runs"),
    # Samples
    "none": Case(lambda: Story().until("baseline"), TakeSamples("baseline", 0), "at least one"),
    "after the change": Case(
        lambda: Story().until("health"), TakeSamples("baseline", 5), "has changed already"
    ),
    # Declaring
    "an unknown outcome": Case(
        lambda: Story().until("declare"), Declare("fine", gates()), "The outcomes are success"
    ),
    "abandoned without a reason": Case(Story, Declare("abandoned", ()), "needs a reason"),
    "without gates": Case(lambda: Story().until("declare"), Declare("success", ()), "have not been judged"),
    "with two gates": Case(
        lambda: Story().until("declare"), Declare("success", gates()[:2]), "have not been judged"
    ),
    "a failing gate": Case(
        lambda: Story().until("declare"), success(budget="FAIL"), "Budget is FAIL: 12:00 of 10:00. It needs a"
    ),
    "an undecided gate": Case(
        lambda: Story().until("declare"), success(backlog="UNDECIDED"), "Backlog is UNDECIDED"
    ),
    "worse than what was shown": Case(
        lambda: Story().until("declare"),
        Declare("success", gates(budget="FAIL"), {"budget": "maintenance"}, "", {"budget": "UNDECIDED"}),
        "Budget has become FAIL since the dialog opened: 12:00 of 10:00. Close the dialog and declare anew",
    ),
    "a gate that was not shown": Case(
        lambda: Story().until("declare"),
        Declare("success", gates(backlog="UNDECIDED"), {"backlog": "maintenance"}),
        "Backlog has become UNDECIDED",
    ),
    "one reason for two gates": Case(
        lambda: Story().until("declare"),
        replace(success(budget="FAIL", backlog="UNDECIDED"), reasons={"budget": "maintenance"}),
        "Backlog is UNDECIDED",
    ),
    "a blank reason": Case(
        lambda: Story().until("declare"), replace(success(budget="FAIL"), reasons={"budget": " "}), "Budget"
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_refusal_says_why(case: Case) -> None:
    reason = case.story().refused(case.intent)
    assert case.words in reason
    assert reason.endswith(".")


def test_a_run_that_has_been_asked_to_stop_is_not_asked_again() -> None:
    story = running("deploy")
    number = story.window.seq - 1
    assert story.want(StopRun(number)) is None
    assert [name for _, name in story.window.runs[number].signals] == ["INT"]
    assert "The next follows by itself" in story.refused(StopRun(number))
    story.tell(RunEnded(number, 2, story.at))
    assert "Nothing runs" in story.refused(StopRun(number))


Answers = Mapping[str, tuple[Callable[[], Story], Intent, tuple[Event, ...]]]
ANSWERS: Answers = {
    "attested": (
        Story,
        AttestStep("window-approved", "kim", "CHG-1", "https://x"),
        (StepAttested("window-approved", "kim", "CHG-1", "https://x"),),
    ),
    "attested site step": (
        lambda: Story().until("deploy"),
        attest("deploy"),
        (StepAttested("deploy", "kim", "REF-1"),),
    ),
    "attested and not seen": (
        lambda: Story().until("backup"),
        attest("backup"),
        (StepAttested("backup", "kim", "REF-1"), ExceptionGranted("backup", "attested, not seen: REF-1")),
    ),
    "backup attested as available": (
        lambda: Story().until("backup-available"),
        attest("backup-available"),
        (
            StepAttested("backup-available", "kim", "REF-1"),
            ExceptionGranted("backup-available", "attested, not seen: REF-1"),
        ),
    ),
    "attested after a failure": (
        lambda: failed("smoke"),
        attest("smoke"),
        (StepAttested("smoke", "kim", "REF-1"), ExceptionGranted("smoke", "attested, not seen: REF-1")),
    ),
    "attested after a lost run": (
        lambda: lost("migrate"),
        attest("migrate"),
        (StepAttested("migrate", "kim", "REF-1"), ExceptionGranted("migrate", "attested, not seen: REF-1")),
    ),
    "begun": (lambda: Story().until("health"), BeginStep("health"), (StepBegun("health"),)),
    "skipped": (
        lambda: Story().until("smoke"),
        SkipStep("smoke", "no smoke here"),
        (StepSkipped("smoke", "no smoke here"), ExceptionGranted("smoke", "no smoke here")),
    ),
    "skipped while it is checked": (
        checking,
        SkipStep("backup", "the disk hangs"),
        (StepSkipped("backup", "the disk hangs"), ExceptionGranted("backup", "the disk hangs")),
    ),
    "examined": (
        lambda: Story().until("backup-available"),
        BeginStep("backup-available"),
        (StepBegun("backup-available"),),
    ),
    "skipped while it waits": (
        lambda: begun("health"),
        SkipStep("health", "x"),
        (StepSkipped("health", "x"), ExceptionGranted("health", "x")),
    ),
    "noted": (lambda: running("deploy"), AddNote("declare", "x"), (NoteAdded("declare", "x"),)),
    "run": (
        lambda: Story().until("backup"),
        run("backup"),
        (RunRequested("backup", ("make", "backup"), "/srv/site", {"BACKUP_PATH": OWN_BACKUP}),),
    ),
    "run again": (
        lambda: Story().until("declare"),
        StartRun("deploy", ("x",), "/"),
        (RunRequested("deploy", ("x",), "/"),),
    ),
    "run what was begun by hand": (
        lambda: begun("deploy"),
        StartRun("deploy", ("x",), "/"),
        (RunRequested("deploy", ("x",), "/"),),
    ),
    "deployed again while it waits for health": (
        lambda: begun("health"),
        StartRun("deploy", ("x",), "/"),
        (RunRequested("deploy", ("x",), "/"),),
    ),
    "sampled": (
        lambda: Story().until("baseline"),
        TakeSamples("baseline", 1),
        (SamplingBegun("baseline", 1),),
    ),
    "compared after the change": (
        lambda: Story().until("declare"),
        TakeSamples("compare", 5),
        (SamplingBegun("compare", 5),),
    ),
    "success": (
        lambda: Story().until("declare"),
        success(),
        (WindowDeclared("success", "", gates()),),
    ),
    "success with an exception": (
        lambda: Story().until("declare"),
        Declare("success", gates(budget="FAIL"), {"budget": "maintenance"}, "it is late", {"budget": "FAIL"}),
        (
            ExceptionGranted("gate:budget", "maintenance"),
            WindowDeclared("success", "it is late", gates(budget="FAIL")),
        ),
    ),
    "success where a gate has become better": (
        lambda: Story().until("declare"),
        Declare("success", gates(budget="UNDECIDED"), {"budget": "rain"}, "", {"budget": "FAIL"}),
        (ExceptionGranted("gate:budget", "rain"), WindowDeclared("success", "", gates(budget="UNDECIDED"))),
    ),
    "abandoned": (
        lambda: failed("deploy"),
        Declare("abandoned", gates(), {}, "no time left"),
        (WindowDeclared("abandoned", "no time left", gates()),),
    ),
}


@pytest.mark.parametrize(("story", "intent", "events"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_intent_leads_to_its_events(
    story: Callable[[], Story], intent: Intent, events: tuple[Event, ...]
) -> None:
    told = story()
    assert decide(told.window, intent, told.at, told.epoch) == events
    assert told.want(intent) is None


def test_may_do_answers_as_decide_does() -> None:
    story = Story().until("deploy")
    step = may_do(story.window, "deploy")
    assert not isinstance(step, Refusal)
    assert step.id == "deploy"
    assert may_do(story.window, "smoke") == Refusal(story.refused(attest("smoke")))


# Opening


def test_opening_a_window() -> None:
    opening = OpenWindow("production", " 2.0 ", "1.9\n", T0 + 1, practice=True)
    opened = decide_opening(opening, "w", (), T0)
    assert opened == WindowOpened("w", "production", "2.0", "1.9", T0 + 1, True)


@pytest.mark.parametrize(
    ("opening", "words"),
    [
        (OpenWindow("production", "", "1.9"), "names the release"),
        (OpenWindow("production", "2.0", "  "), "names the release"),
        (OpenWindow("production", "2.0", " 2.0"), "the same"),
        (OpenWindow("production", "2.0", "1.9", T0), "over already"),
        (OpenWindow("production", "2.0", "1.9", T0 - 60), "over already"),
    ],
)
def test_windows_that_are_not_opened(opening: OpenWindow, words: str) -> None:
    refusal = decide_opening(opening, "w", (), T0)
    assert isinstance(refusal, Refusal)
    assert words in refusal.reason


def test_one_window_of_an_environment_at_a_time() -> None:
    refusal = decide_opening(
        OpenWindow("production", "2.0", "1.9"), "w", ("2026-01-01-000000-production",), T0
    )
    assert isinstance(refusal, Refusal)
    assert refusal.reason.startswith("2026-01-01-000000-production is open. Go on with it")


# Who decides


@pytest.mark.parametrize("intent", ALL, ids=lambda intent: type(intent).__name__)
def test_only_the_driver_decides(intent: Intent) -> None:
    story = Story().until("deploy").take_over()
    for epoch in (story.epoch - 1, story.epoch + 1, 0):
        refusal = decide(story.window, intent, story.at, epoch)
        assert refusal == Refusal("Another console drives this window; this one only looks.")


# Facts


def _of_open_run(number: int) -> tuple[Event, ...]:
    return (
        RunEnded(number, 0, T0),
        RunLost(number, "killed"),
        listing(number),
        RunSignalled(number, "INT"),
    )


def test_facts_of_an_open_run_are_news() -> None:
    story = Story().until("migrate")
    story.tell(RunRequested("migrate", ("make", "db-migrate"), "/srv"))
    number = story.window.seq
    never = RunNotStarted(number, "no disk")
    for fact in (RunStarted(number), never, *_of_open_run(number)):
        assert admits(story.window, fact), fact
    story.tell(RunStarted(number))
    assert not admits(story.window, RunStarted(number))
    # Its keeper lived for a moment, and had no room to write down who it is.
    assert admits(story.window, never)
    for fact in _of_open_run(number):
        assert admits(story.window, fact), fact
    story.tell(RunSignalled(number, "INT"))
    assert not admits(story.window, RunSignalled(number, "INT"))
    assert admits(story.window, RunSignalled(number, "TERM"))


@pytest.mark.parametrize("kind", ["ended", "lost", "unknown"])
def test_facts_of_a_run_that_is_over_are_none(kind: str) -> None:
    story = {"ended": lambda: failed("smoke"), "lost": lambda: lost("smoke"), "unknown": Story}[kind]()
    number = max(story.window.runs, default=99)
    for fact in (RunStarted(number), *_of_open_run(number)):
        assert not admits(story.window, fact), fact


def test_a_log_is_sealed_once_and_after_the_end_of_its_run_only() -> None:
    story = Story().until("migrate")
    story.tell(RunRequested("migrate", ("make", "db-migrate"), "/srv"))
    number = story.window.seq
    fact = LogSealed(number, 12, "abc")
    assert not admits(story.window, fact) and not admits(story.window, replace(fact, run=number + 1))
    story.tell(RunStarted(number))
    assert not admits(story.window, fact)
    story.tell(RunLost(number, "killed"))
    assert admits(story.window, fact)
    story.tell(WindowDeclared("abandoned", "", ()))
    assert admits(story.window, fact), "what it left running may end after the window"
    assert not admits(story.window, RunStarted(number))
    story.tell(fact)
    assert story.window.runs[number].sealed and not admits(story.window, fact)


def test_a_backup_is_examined_once_for_its_own_run() -> None:
    story = checking()
    number = story.window.record("backup").run
    fact = examined("backup", OWN_BACKUP, number)
    assert admits(story.window, fact)
    assert not admits(story.window, examined("backup", OWN_BACKUP, number + 1))
    story.tell(fact)
    assert not admits(story.window, fact)


def test_the_newest_backup_is_news_where_it_may_be_looked_at() -> None:
    fact = examined("backup-available", "/backups/old.sql")
    assert not admits(Story().window, fact)
    assert not admits(Story().until("backup-available").window, fact)
    story = begun("backup-available")
    assert admits(story.window, fact)
    story.tell(fact)
    assert not admits(story.window, fact)
    assert story.want(BeginStep("backup-available")) is None
    assert admits(story.window, fact)
    assert not admits(story.window, examined("backup", OWN_BACKUP))


def test_a_snapshot_is_news_while_its_series_is_taken() -> None:
    fact = snapshot("baseline", T0)
    assert not admits(Story().until("baseline").window, fact)
    story = sampling()
    assert admits(story.window, fact)
    assert not admits(story.window, snapshot("compare", T0))
    story.tell(fact)
    assert not admits(story.window, fact)


def test_health_passes_only_while_it_is_waited_for() -> None:
    fact = StepPassed("health", "ready")
    assert not admits(Story().until("health").window, fact)
    story = begun("health")
    assert admits(story.window, fact)
    story.tell(fact)
    assert not admits(story.window, fact)


FACTS: tuple[Event, ...] = (
    RunStarted(1),
    RunNotStarted(1, "no disk"),
    *_of_open_run(1),
    examined("backup-available", "/b"),
    examined("backup", "/b", 1),
    snapshot("baseline", T0),
    StepPassed("health", "x"),
)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_a_closed_window_takes_no_fact(fact: Event) -> None:
    story = sampling()
    story.tell(WindowDeclared("abandoned", "x", ()))
    assert not admits(story.window, fact)


def test_decisions_are_no_facts() -> None:
    window = Story().window
    decisions = (
        NoteAdded("", "x"),
        StepAttested("window-approved", "kim", "x"),
        StepSkipped("window-approved", "x"),
        WindowDeclared("success", "", ()),
        ExceptionGranted("x", "y"),
        RunRequested("backup", ("make",), "/"),
    )
    assert not any(admits(window, event) for event in decisions)


def test_kinds_of_facts_are_all_tried() -> None:
    tried = {type(fact) for fact in FACTS} | {MigrationsListed, BackupExamined, SnapshotRecorded}
    assert tried >= {RunStarted, RunEnded, RunLost, RunNotStarted, RunSignalled, StepPassed}


def test_a_skipped_step_can_be_done_after_all() -> None:
    story = Story().until("smoke")
    assert story.want(SkipStep("smoke", "later")) is None
    assert story.want(run("smoke")) is None
    assert story.state("smoke") is StepState.RUNNING
