"""The fold, step by step: what each event does to the window, and what it leaves alone."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from state.events import (
    Actor,
    BackupExamined,
    ConsoleAttached,
    ConsoleLeft,
    Event,
    ExceptionGranted,
    NoteAdded,
    PolicyTaken,
    Recorded,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunRequested,
    RunSignalled,
    RunStarted,
    SamplingBegun,
    StepAttested,
    StepBegun,
    StepPassed,
    StepSkipped,
    UnknownEvent,
    WindowDeclared,
)
from state.fold import fold
from state.policy import Policy
from state.window import Granted, RunState, StepState, Window

from .story import OWN_BACKUP, SAM, STEPS, T0, Story, examined, listing, snapshot

KIM = Actor("kim", "kim", "bastion")


def test_nothing_is_a_window_that_is_not_open() -> None:
    window = Window()
    assert not window.is_open
    assert window.open_run is None
    assert window.seq == 0


def test_opening() -> None:
    window = Story(closes_at=T0 + 7200).window
    assert (window.environment, window.release, window.previous_release) == ("production", "2.0", "1.9")
    assert (window.opened_at, window.opened_by, window.changed_at) == (T0, "sam", T0)
    assert window.closes_at == T0 + 7200
    assert window.is_open
    assert window.phase == "preconditions"
    assert window.current is not None
    assert window.current.id == "window-approved"


def test_the_whole_way() -> None:
    story = Story()
    for step in STEPS:
        assert story.window.current is not None
        assert story.window.current.id == step
        assert story.window.phase == ("preconditions" if STEPS.index(step) < 4 else "upgrade")
        story.done(step)
        assert story.state(step) is StepState.DONE
    window = story.window
    assert window.phase == "closed"
    assert not window.is_open
    assert (window.outcome, window.closed_at) == ("success", story.at)
    assert window.applied == ("0008.sql",)
    assert window.backup is not None
    assert window.backup.path == OWN_BACKUP
    assert window.baseline is not None
    assert window.compared is not None
    assert window.current is None


def test_folding_in_parts_is_folding_at_once() -> None:
    story = Story().until("declare")
    middle = len(story.records) // 2
    assert fold(story.records) == story.window
    assert fold(story.records[middle:], fold(story.records[:middle])) == story.window
    assert story.window.seq == len(story.records)
    assert story.window.last_at == story.at


def test_a_driver_comes_and_goes() -> None:
    story = Story()
    story.tell(ConsoleAttached(4711))
    driver = story.window.driver
    assert driver is not None
    assert (driver.actor, driver.pid, driver.epoch, driver.left_at) == (SAM, 4711, 1, None)
    story.tell(ConsoleLeft())
    assert story.window.driver == replace(driver, left_at=story.at)
    story.tell(ConsoleAttached(4712), actor=KIM)
    assert story.window.driver is not None
    assert story.window.driver.left_at is None
    assert story.window.driver.actor is KIM


def test_the_newest_policy_counts() -> None:
    story = Story()
    for seconds in (60.0, 30.0):
        story.tell(PolicyTaken(Policy(ready_for=seconds).as_json()))
    assert story.window.policy == Policy(ready_for=30.0)


def test_attesting_keeps_the_evidence() -> None:
    story = Story()
    attested = StepAttested("window-approved", "kim", "CHG-1042", "https://changes/1042")
    story.tell(attested)
    record = story.window.record("window-approved")
    assert (record.state, record.attested, record.detail) == (StepState.DONE, attested, "CHG-1042")
    assert (record.by, record.at) == ("sam", story.at)


def test_a_note_changes_nothing_but_notes() -> None:
    story = Story().until("ci-green")
    before = story.window.record("window-approved")
    story.tell(NoteAdded("window-approved", "by phone"), NoteAdded("", "quiet night"), actor=KIM)
    record = story.window.record("window-approved")
    assert replace(record, notes=()) == before
    assert [(note.by, note.text) for note in record.notes] == [("kim", "by phone")]
    assert [note.text for note in story.window.notes] == ["quiet night"]
    story.done("window-approved")
    assert story.window.record("window-approved").notes == record.notes


def test_a_note_on_a_step_of_which_nothing_happened() -> None:
    story = Story()
    story.tell(NoteAdded("smoke", "ask kim"))
    assert story.state("smoke") is StepState.TODO
    assert story.window.current is not None
    assert story.window.current.id == "window-approved"


def test_skipping_and_its_exception() -> None:
    story = Story()
    story.tell(StepSkipped("window-approved", "standing approval"))
    story.tell(ExceptionGranted("window-approved", "standing approval"), actor=KIM)
    assert story.state("window-approved") is StepState.SKIPPED
    assert story.window.exceptions == (Granted("window-approved", "standing approval", "kim", story.at),)


# Runs


def test_a_run_from_request_to_end() -> None:
    story = Story().until("deploy")
    story.tell(RunRequested("deploy", ("make", "deploy"), "/srv", {"A": "b"}))
    run = story.window.runs[story.window.seq]
    assert story.window.open_run == run
    assert (run.state, run.by, run.requested_at, run.title) == (
        RunState.REQUESTED,
        "sam",
        story.at,
        "make deploy",
    )
    assert (story.state("deploy"), story.window.record("deploy").run) == (StepState.RUNNING, run.id)
    story.tell(RunStarted(run.id))
    started = story.at
    story.tell(RunSignalled(run.id, "INT"))
    story.tell(RunEnded(run.id, 2, story.at + 3, "make: *** [x] Error 1", True), actor=KIM)
    run = story.window.runs[run.id]
    assert (run.state, run.exit_code, run.started_at, run.left_running) == (
        RunState.ENDED,
        2,
        started,
        True,
    )
    assert [name for _, name in run.signals] == ["INT"]
    assert story.window.open_run is None
    record = story.window.record("deploy")
    assert (record.state, record.problem, record.by) == (StepState.FAILED, "make: *** [x] Error 1", "sam")


def test_a_run_that_ended_before_anybody_saw_it_start() -> None:
    story = Story().until("deploy")
    story.tell(RunRequested("deploy", ("make", "deploy"), "/srv"))
    requested, run = story.at, story.window.seq
    story.tell(RunEnded(run, 0, story.at + 3))
    assert story.window.runs[run].started_at == requested
    assert story.state("deploy") is StepState.DONE


def test_a_run_that_ended_before_its_start_was_on_disk_took_no_time() -> None:
    story = Story().until("deploy")
    run = story.request("deploy")
    story.tell(RunEnded(run, 0, story.at - 2.0))
    ended = story.window.runs[run]
    assert ended.started_at == ended.ended_at == story.at - 12.0


@pytest.mark.parametrize(
    ("fact", "step", "run", "words"),
    [
        (lambda run: RunEnded(run, 2, T0, "Error 1"), StepState.FAILED, RunState.ENDED, "Error 1"),
        (lambda run: RunEnded(run, 3, T0), StepState.FAILED, RunState.ENDED, "exit status 3"),
        (lambda run: RunLost(run, "killed"), StepState.UNKNOWN, RunState.LOST, "killed"),
        (lambda run: RunNotStarted(run, "no disk"), StepState.FAILED, RunState.NOT_STARTED, "no disk"),
    ],
)
def test_ends_that_settle_nothing(
    fact: Callable[[int], Event], step: StepState, run: RunState, words: str
) -> None:
    story = Story().until("smoke")
    number = story.request("smoke")
    story.tell(fact(number))
    assert story.state("smoke") is step
    assert story.window.record("smoke").problem == words
    assert story.window.runs[number].state is run
    assert story.window.open_run is None
    assert story.window.current is not None
    assert story.window.current.id == "smoke"


def test_a_retry_leaves_no_trace_of_the_problem_before() -> None:
    story = Story().until("smoke")
    story.run("smoke", 2, line="Error 1")
    second = story.run("smoke")
    record = story.window.record("smoke")
    assert (record.state, record.problem, record.run) == (StepState.DONE, "", second)
    assert len([run for run in story.window.runs.values() if run.step == "smoke"]) == 2


def test_migrations_must_say_that_they_are_complete() -> None:
    story = Story().until("migrate")
    story.run("migrate", 0, lambda run: listing(run, "0008.sql", "0009.sql", complete=False))
    assert story.state("migrate") is StepState.FAILED
    assert "never said" in story.window.record("migrate").problem
    story.run("migrate", 0, lambda run: listing(run, "0009.sql", "0010.sql"))
    assert story.state("migrate") is StepState.DONE
    assert story.window.applied == ("0008.sql", "0009.sql", "0010.sql")


# Backups


def test_a_backup_is_done_only_when_it_is_whole() -> None:
    story = Story().until("backup")
    run = story.run("backup")
    assert story.state("backup") is StepState.CHECKING
    assert story.window.backup is None
    story.tell(examined("backup", OWN_BACKUP, run, "the backup is cut short"))
    assert story.state("backup") is StepState.FAILED
    assert story.window.record("backup").problem == "the backup is cut short"
    assert story.window.backup is None
    story.done("backup")
    assert story.state("backup") is StepState.DONE
    assert story.window.backup is not None
    assert story.window.record("backup").backup == story.window.backup


def test_the_newest_backup_of_a_precondition_is_not_the_one_of_the_window() -> None:
    story = Story().until("ci-green")
    assert story.state("backup-available") is StepState.DONE
    assert story.window.backup is None


def _again(story: Story, path: str) -> BackupExamined | None:
    run = story.request("backup", BACKUP_PATH=path)
    story.tell(RunEnded(run, 0, story.at))
    story.tell(examined("backup", path, run))
    return story.window.backup


def test_a_second_backup_before_any_change_replaces_the_first() -> None:
    kept = _again(Story().until("deploy"), "/backups/second.sql")
    assert kept is not None
    assert kept.path == "/backups/second.sql"


@pytest.mark.parametrize("step", ["migrate", "health", "declare"])
def test_a_backup_after_a_change_is_a_safety_copy(step: str) -> None:
    story = Story().until(step)
    kept = _again(story, "/backups/second.sql")
    assert kept is not None
    assert kept.path == OWN_BACKUP
    record = story.window.record("backup")
    assert record.backup is not None
    assert record.backup.path == "/backups/second.sql"


def test_a_failed_change_is_a_change_as_well() -> None:
    story = Story().until("deploy")
    story.run("deploy", 2)
    kept = _again(story, "/backups/second.sql")
    assert kept is not None
    assert kept.path == OWN_BACKUP


def test_a_backup_with_a_problem_does_not_replace_a_whole_one() -> None:
    story = Story().until("deploy")
    run = story.run("backup")
    story.tell(examined("backup", "/backups/cut.sql", run, "cut short"))
    assert story.window.backup is not None
    assert story.window.backup.path == OWN_BACKUP
    assert story.state("backup") is StepState.FAILED


# Changes


@pytest.mark.parametrize("again", ["deploy", "migrate"])
def test_a_change_opens_the_checks_after_it_again(again: str) -> None:
    story = Story().until("declare")
    story.tell(NoteAdded("smoke", "kept"))
    story.request(again)
    for step in ("health", "smoke", "compare"):
        assert story.state(step) is StepState.TODO
        assert story.window.record(step).problem == "to be done again after a change"
    assert [note.text for note in story.window.record("smoke").notes] == ["kept"]
    assert story.window.compared is None
    assert story.window.baseline is not None
    for step in ("backup", "baseline", "window-approved"):
        assert story.state(step) is StepState.DONE
    other = {"deploy": "migrate", "migrate": "deploy"}[again]
    assert story.state(other) is StepState.DONE


def test_a_change_ends_the_wait_for_health() -> None:
    story = Story().until("health")
    story.tell(StepBegun("health"))
    story.request("deploy")
    assert story.state("health") is StepState.TODO


@pytest.mark.parametrize(
    "event", [StepAttested("deploy", "kim", "by hand"), StepBegun("deploy")], ids=["attested", "begun"]
)
def test_a_change_by_hand_opens_them_as_well(event: StepAttested | StepBegun) -> None:
    story = Story().until("declare")
    story.tell(event)
    assert story.state("health") is StepState.TODO
    assert story.window.compared is None


def test_what_changes_nothing_opens_nothing() -> None:
    story = Story().until("declare")
    story.run("smoke")
    story.done("backup")
    assert story.window.current is not None
    assert story.window.current.id == "declare"
    assert story.window.compared is not None


def test_changed_at_is_the_end_of_the_last_change() -> None:
    story = Story().until("deploy")
    assert story.window.changed_at == T0
    run = story.request("deploy")
    assert story.window.changed_at == T0
    story.tell(RunEnded(run, 0, T0 + 500))
    assert story.window.changed_at == T0 + 500
    story.run("migrate", 0, lambda run: listing(run))
    later = story.window.changed_at
    assert later > T0 + 100
    story.done("smoke")
    assert story.window.changed_at == later


# Planned intervals


def _planned(story: Story) -> tuple[tuple[float, float | None], ...]:
    return tuple((start - T0, None if end is None else end - T0) for start, end in story.window.planned)


def test_not_ready_is_planned_while_a_deploy_runs() -> None:
    story = Story().until("deploy")
    assert _planned(story) == ()
    run = story.request("deploy")
    begun = story.at - T0
    assert _planned(story) == ((begun, None),)
    story.tell(RunEnded(run, 0, story.at + 5))
    assert _planned(story) == ((begun, story.at - 5 - T0),)


@pytest.mark.parametrize(
    "end",
    [
        lambda run: RunEnded(run, 2, T0 + 900),
        lambda run: RunLost(run, "killed"),
    ],
    ids=["failed", "lost"],
)
def test_every_end_of_a_deploy_ends_the_plan(end: Callable[[int], Event]) -> None:
    story = Story().until("deploy")
    story.tell(end(story.request("deploy")))
    assert len(story.window.planned) == 1
    assert story.window.planned[-1][1] is not None


def test_a_deploy_that_never_started_plans_and_changes_nothing() -> None:
    story = Story().until("declare")
    before = story.window
    story.tell(RunRequested("deploy", ("make", "deploy"), "/srv/site"))
    story.tell(RunNotStarted(story.window.seq, "no disk"))
    assert story.window.planned == before.planned
    assert story.window.changed_at == before.changed_at
    assert story.window.compared == before.compared
    assert story.state("smoke") is StepState.DONE
    assert story.state("deploy") is StepState.FAILED


def test_a_first_deploy_changes_once_it_has_started() -> None:
    story = Story().until("deploy")
    story.tell(RunRequested("deploy", ("make", "deploy"), "/srv/site"))
    assert not story.window.change_begun
    run = story.window.seq
    story.tell(RunStarted(run))
    assert story.window.change_begun


@pytest.mark.parametrize("end", [lambda run: RunEnded(run, 2, T0 + 900), lambda run: RunLost(run, "killed")])
def test_an_end_without_a_start_seen_is_a_change_too(end: Callable[[int], Event]) -> None:
    story = Story().until("deploy")
    story.tell(RunRequested("deploy", ("make", "deploy"), "/srv/site"))
    story.tell(end(story.window.seq))
    assert story.window.change_begun
    assert [end is not None for _, end in story.window.planned] == [True]


def test_a_deploy_by_hand_is_planned_from_its_beginning() -> None:
    story = Story().until("deploy")
    story.tell(StepBegun("deploy"))
    begun = story.at - T0
    story.tell(StepAttested("deploy", "kim", "2.0"), after=300.0)
    assert _planned(story) == ((begun, begun + 300.0),)


def test_a_deploy_that_was_begun_and_is_skipped_is_over() -> None:
    story = Story().until("deploy")
    story.tell(StepBegun("deploy"))
    story.tell(StepSkipped("deploy", "not today"))
    assert _planned(story)[-1][1] is not None


@pytest.mark.parametrize("times", [1, 2])
def test_a_deploy_that_was_begun_and_then_run_is_one_plan(times: int) -> None:
    story = Story().until("deploy")
    for _ in range(times):
        story.tell(StepBegun("deploy"))
    begun = story.at - T0 - 10.0 * (times - 1)
    run = story.request("deploy")
    assert _planned(story) == ((begun, None),)
    story.tell(RunEnded(run, 0, T0 + 900))
    assert _planned(story) == ((begun, 900.0),)


def test_migrating_and_checking_are_no_plan() -> None:
    story = Story().until("migrate")
    before = story.window.planned
    story.until("declare")
    assert story.window.planned == before
    assert story.window.disrupted_by == "Deploy the binaries"


# Sampling


def test_a_series_of_samples() -> None:
    story = Story().until("baseline")
    story.tell(SamplingBegun("baseline", 5))
    sampling = story.window.sampling
    assert sampling is not None
    assert (sampling.step, sampling.wanted, sampling.since) == ("baseline", 5, story.at)
    assert story.state("baseline") is StepState.BEGUN
    taken = snapshot("baseline", story.at + 60)
    story.tell(taken, actor=KIM)
    assert story.window.sampling is None
    assert story.window.baseline == taken
    assert story.window.compared is None
    assert (story.state("baseline"), story.window.record("baseline").by) == (StepState.DONE, "sam")


def test_skipping_ends_the_series() -> None:
    story = Story().until("baseline")
    story.tell(SamplingBegun("baseline", 5))
    story.tell(StepSkipped("baseline", "no token"))
    assert story.window.sampling is None
    assert story.window.baseline is None


def test_health_passes() -> None:
    story = Story().until("health")
    story.tell(StepBegun("health"))
    assert story.state("health") is StepState.BEGUN
    story.tell(StepPassed("health", "ready for 10:00"))
    assert (story.state("health"), story.window.record("health").detail) == (
        StepState.DONE,
        "ready for 10:00",
    )


def test_abandoning_closes_wherever_it_stands() -> None:
    story = Story().until("deploy")
    story.tell(StepBegun("deploy"))
    story.tell(WindowDeclared("abandoned", "no time left", ()))
    assert story.window.phase == "closed"
    assert not story.window.is_open
    assert story.state("deploy") is StepState.BEGUN


def test_an_event_does_not_change_the_window_before_it() -> None:
    story = Story().until("smoke")
    before = story.window
    copy = fold(story.records)
    for record in (
        Recorded(before.seq + 1, 1, story.at, SAM, RunRequested("deploy", ("make",), "/srv")),
        Recorded(before.seq + 1, 1, story.at, SAM, NoteAdded("deploy", "x")),
        Recorded(before.seq + 1, 1, story.at, SAM, WindowDeclared("abandoned", "x", ())),
    ):
        assert fold([record], before) != before
        assert before == copy


@pytest.mark.parametrize("event", [StepBegun("melt"), RunStarted(99), RunEnded(99, 0, T0)])
def test_what_a_newer_runbook_knows_is_unknown(event: Event) -> None:
    with pytest.raises(UnknownEvent, match=r"number 4 speaks of .* Open the window with the Drawbridge"):
        Story().tell(event)


@pytest.mark.parametrize(
    "policy",
    [
        {**Policy().as_json(), "grase": 1.0},
        {**Policy().as_json(), "replicas": 7},
        {"replicas": [], "limits": 1},
    ],
)
def test_what_has_another_shape_is_unknown(policy: dict[str, object]) -> None:
    with pytest.raises(UnknownEvent, match=r"PolicyTaken number 4 has another shape .* with the Drawbridge"):
        Story().tell(PolicyTaken(policy))
