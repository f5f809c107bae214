"""The rules of triggers and of the way back: every refusal in its words, and what is let through."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from state.events import (
    CorrectnessRaised,
    ExceptionGranted,
    IncidentRaised,
    MessageSent,
    RollbackBegun,
    RunEnded,
    StepSkipped,
    TriggerTripped,
    TriggerWavedOff,
    WindowDeclared,
)
from state.intents import (
    AttestStep,
    BeginRollback,
    Declare,
    RaiseCorrectness,
    RaiseIncident,
    Refusal,
    ResolveCorrectness,
    ResolveIncident,
    SendMessage,
    SkipStep,
    StartRun,
    WaveOff,
)
from state.rules import decide
from state.window import BINARIES, RESTORE, ROLLED_BACK

from .restores import PHRASE, RESTORE_PHRASE, Case, at_restore, restoring
from .story import BACK, RESTORING, Story

TURN = BeginRollback(BINARIES, "errors everywhere", "B", PHRASE)
TURN_FAR = replace(TURN, depth=RESTORE, restore_phrase=RESTORE_PHRASE, loses="two hours")


def failed_restore() -> Story:
    story = at_restore()
    story.run("restore", 2)
    return story


def tripped() -> Story:
    story = Story().until("smoke")
    story.tell(TriggerTripped("backlog", "12 events, 4 allowed"))
    return story


def with_incident() -> Story:
    story = Story()
    story.tell(IncidentRaised("INC-7", "down"), CorrectnessRaised("digests differ"))
    return story


def running(step: str) -> Story:
    story = Story().until(step)
    story.request(step)
    return story


def without_backup() -> Story:
    story = Story().until("backup")
    story.tell(StepSkipped("backup", "no room"))
    return story.until("smoke")


def rolled_back(depth: str = RESTORE) -> Story:
    story = Story().back_to("end", depth)
    story.tell(WindowDeclared(ROLLED_BACK, "", ()))
    return story


ABANDON = Declare("abandoned", (), {}, "tired")

CASES = {
    # Turning back
    "nothing changed": Case(lambda: Story().until("deploy"), TURN, "Nothing has been changed yet."),
    "beside a run": Case(lambda: running("smoke"), TURN, "make smoke is running. Let it end, or stop it"),
    "no such depth": Case(tripped, replace(TURN, depth="half"), "A rollback goes back to"),
    "no such class": Case(tripped, replace(TURN, migration_class="D"), "The class of the migrations is"),
    "without a why": Case(tripped, replace(TURN, why="\t"), "Say why, in your own words"),
    "twice": Case(lambda: Story().turned(BINARIES), TURN, "is rolling back already"),
    "twice with a restore": Case(Story().turned, TURN_FAR, "The window is rolling back already."),
    "less far": Case(Story().turned, TURN, "The window is rolling back already."),
    "no backup": Case(without_backup, TURN_FAR, "This window has no whole backup of its own: binaries"),
    "restore phrase missing": Case(tripped, replace(TURN_FAR, restore_phrase=""), RESTORE_PHRASE),
    "restore phrase for both": Case(tripped, replace(TURN_FAR, phrase=RESTORE_PHRASE), f"exactly: {PHRASE}"),
    "the phrases swapped": Case(
        tripped, replace(TURN_FAR, phrase=RESTORE_PHRASE, restore_phrase=PHRASE), "Type exactly: "
    ),
    "of a window rolled back": Case(rolled_back, TURN, "The outcome of this window is declared."),
    # The upgrade is over
    "upgrade run": Case(Story().turned, StartRun("migrate", ("make", "db-migrate"), "/"), "is rolling back:"),
    "upgrade attested": Case(Story().turned, AttestStep("deploy", "kim", "x"), "The window is rolling back:"),
    "success": Case(Story().turned, Declare("success", ()), "This window is rolling back: it ends rolled"),
    # The end
    "rolled back without": Case(lambda: Story().until("smoke"), Declare(ROLLED_BACK, ()), "No rollback has"),
    "rolled back too early": Case(
        lambda: Story().back_to("communicate"), Declare(ROLLED_BACK, ()), "Communicate comes first."
    ),
    "rolled back and empty": Case(failed_restore, Declare(ROLLED_BACK, ()), "The database may be empty."),
    "abandoned and empty": Case(failed_restore, ABANDON, "The database may be empty. Run the restore again"),
    "declared twice": Case(rolled_back, Declare(ROLLED_BACK, ()), "The outcome is declared already."),
    "abandoned after": Case(rolled_back, ABANDON, "The outcome is declared already."),
    # Triggers and messages
    "waved that has not tripped": Case(tripped, WaveOff("readiness", "x"), "Only a trigger that has tripped"),
    "waved without a reason": Case(tripped, WaveOff("backlog", " "), "Waving a trigger off needs a reason."),
    "no ticket": Case(Story, RaiseIncident(" ", "x"), "An incident needs its ticket."),
    "a second incident": Case(with_incident, RaiseIncident("INC-8", ""), "INC-7 is open already."),
    "resolved without words": Case(with_incident, ResolveIncident(""), "Say how it was resolved."),
    "none to resolve": Case(Story, ResolveIncident("x"), "No incident is open."),
    "wrong without words": Case(Story, RaiseCorrectness(" "), "Say what is wrong with the data."),
    "wrong twice": Case(with_incident, RaiseCorrectness("x"), "A correctness problem is raised already."),
    "right without words": Case(with_incident, ResolveCorrectness(""), "Say why it is none."),
    "right that was not wrong": Case(Story, ResolveCorrectness("x"), "No correctness problem was raised"),
    "a message too early": Case(Story().turned, SendMessage("back", "copied"), "Stop the release comes"),
    "an empty message": Case(
        lambda: Story().back_to("communicate"), SendMessage("\n", "copied"), "There is nothing to send."
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_refusal_says_why(case: Case) -> None:
    reason = case.reason()
    assert case.words in reason
    assert reason.endswith((".", PHRASE, RESTORE_PHRASE))


def test_a_trigger_is_waved_off_once() -> None:
    story = tripped()
    assert story.want(WaveOff("backlog", "a batch job")) is None
    assert story.refused(WaveOff("backlog", "again")).startswith("It is waved off already")


NEAR_MISSES = (
    lambda phrase: "",
    lambda phrase: phrase + " ",
    lambda phrase: " " + phrase,
    lambda phrase: phrase.upper(),
    lambda phrase: phrase[:-1],
    lambda phrase: phrase.replace("production", "staging"),
    lambda phrase: phrase.replace(" ", "  ", 1),
    lambda phrase: phrase + "\n",
)


@pytest.mark.parametrize("change", NEAR_MISSES)
def test_phrases_are_exact(change: Callable[[str], str]) -> None:
    story = tripped()
    assert story.refused(replace(TURN, phrase=change(PHRASE))) == f"Type exactly: {PHRASE}"
    far = replace(TURN_FAR, restore_phrase=change(RESTORE_PHRASE))
    assert story.refused(far) == f"Type exactly: {RESTORE_PHRASE}"
    story = at_restore()
    again = restoring(phrase=change(RESTORE_PHRASE))(story)
    assert story.refused(again) == f"Type exactly: {RESTORE_PHRASE}"


def test_a_further_rollback_begins_anew_and_asks_for_both_phrases() -> None:
    story = Story().back_to("validate-smoke", BINARIES)
    assert story.refused(replace(TURN_FAR, phrase="")) == f"Type exactly: {PHRASE}"
    assert story.want(TURN_FAR) is None
    assert story.window.current is not None
    assert story.window.current.id == "stop-release"


def test_turning_back_keeps_what_was_known() -> None:
    story = tripped()
    assert decide(story.window, TURN_FAR, story.at, 1) == (
        RollbackBegun(
            RESTORE,
            "errors everywhere",
            "B",
            ("backlog: 12 events, 4 allowed",),
            "two hours",
            f"{PHRASE}; {RESTORE_PHRASE}",
        ),
    )


@pytest.mark.parametrize("depth", [BINARIES, RESTORE])
def test_no_step_back_is_done_before_its_turn(depth: str) -> None:
    steps = [step for step in BACK if depth == RESTORE or step not in RESTORING]
    for number, current in enumerate(steps):
        story = Story().back_to(current, depth)
        for later in steps[number + 1 :]:
            for intent in (
                AttestStep(later, "kim", "x"),
                SkipStep(later, "x"),
                StartRun(later, ("make",), "/"),
            ):
                assert " comes first." in story.refused(intent), (current, later)


def test_rolled_back_when_all_is_settled() -> None:
    story = Story().back_to("communicate")
    assert story.want(SendMessage("We are back.", "copied")) is None
    assert story.window.messages == (MessageSent("We are back.", "copied"),)
    assert story.want(Declare(ROLLED_BACK, ())) is None
    assert (story.window.outcome, story.window.phase) == (ROLLED_BACK, "follow_up")


@pytest.mark.parametrize("order", [("root-cause", "risk-log", "drill"), ("drill", "risk-log", "root-cause")])
def test_what_follows_up_has_no_order(order: tuple[str, ...]) -> None:
    story = rolled_back()
    for step in order:
        assert story.window.phase == "follow_up"
        if step == "drill":
            assert story.want(StartRun(step, ("make", "phase6-drill"), "/srv")) is None
            story.tell(RunEnded(story.window.seq, 0, story.at))
        else:
            assert story.want(AttestStep(step, "kim", "BUG-1")) is None
    assert story.window.phase == "closed"
    assert story.refused(AttestStep("risk-log", "kim", "x")) == (
        "This window is closed. Open a new one to go on."
    )


def test_nothing_of_the_way_back_is_decided_by_another_console() -> None:
    stories = ((at_restore(), restoring()), (tripped(), lambda _: TURN_FAR), (tripped(), lambda _: TURN))
    for story, intent in stories:
        wanted = intent(story)
        story.take_over()
        for epoch in (0, 1, 3):
            refusal = decide(story.window, wanted, story.at, epoch)
            assert refusal == Refusal("Another console drives this window; this one only looks.")


def test_a_waved_trigger_and_an_exception_leave_their_words() -> None:
    story = tripped()
    assert decide(story.window, WaveOff("backlog", "batch"), story.at, 1) == (
        TriggerWavedOff("backlog", "batch"),
    )
    assert story.want(TURN) is None
    skipped = SkipStep("stop-release", "it is down")
    assert decide(story.window, skipped, story.at, 1) == (
        StepSkipped("stop-release", "it is down"),
        ExceptionGranted("stop-release", "it is down"),
    )
