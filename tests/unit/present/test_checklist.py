"""The checklist: a glyph, a word and the few facts that matter for each state of a step."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.events import (
    Event,
    ExceptionGranted,
    NoteAdded,
    RollbackBegun,
    RunEnded,
    RunLost,
    RunNotStarted,
    SamplingBegun,
    StepAttested,
    StepBegun,
    StepSkipped,
)
from state.window import BINARIES, StepState
from tui.present.checklist import TONES, Progress, checklist, detail, failed_lines, in_short, step_detail
from tui.present.foot import tabs
from tui.present.line import Tone, text, width
from tui.present.sizes import TABS

from ..story import OWN_BACKUP, STEPS, Story, examined, listing, snapshot

NOTHING = Progress()


def said(story: Story, step: str, progress: Progress = NOTHING, after: float = 12.0) -> str:
    return text(detail(story.window, story.window.runbook.step(step), progress, story.at + after))


def below(story: Story, step: str, cells: int = 200) -> str:
    return "\n".join(text(each) for each in step_detail(story.window, story.window.runbook.step(step), cells))


def told(step: str, *events: Callable[[int], Event]) -> Story:
    """A run of the step and what came of it."""
    story = Story().until(step)
    run = story.request(step)
    for event in events:
        story.tell(event(run))
    return story


def told_begun(step: str) -> Story:
    story = Story().until(step)
    story.tell(StepBegun(step))
    return story


CASES: dict[str, tuple[Callable[[], Story], str, Progress, str]] = {
    "nothing yet": (Story, "deploy", NOTHING, ""),
    "being looked at": (lambda: told_begun("backup-available"), "backup-available", NOTHING, "looking"),
    "runs": (lambda: told("deploy"), "deploy", NOTHING, "running 0:22"),
    "is checked": (
        lambda: told("backup", lambda run: RunEnded(run, 0, 1.0)),
        "backup",
        NOTHING,
        "checking",
    ),
    "failed": (
        lambda: told("deploy", lambda run: RunEnded(run, 2, 1.0, "Error 1")),
        "deploy",
        NOTHING,
        "failed · exit 2",
    ),
    "could not start": (
        lambda: told("deploy", lambda run: RunNotStarted(run, "no disk")),
        "deploy",
        NOTHING,
        "failed",
    ),
    "lost": (
        lambda: told("deploy", lambda run: RunLost(run, "killed")),
        "deploy",
        NOTHING,
        "unknown: decide",
    ),
    "attested": (lambda: Story().until("backup"), "window-approved", NOTHING, "REF-window-approved sam"),
    "seen": (lambda: Story().until("backup"), "backup-available", NOTHING, "1:00:00 old auto"),
    "backed up": (lambda: Story().until("baseline"), "backup", NOTHING, "214 MB 0:10"),
    "sampled": (lambda: Story().until("deploy"), "baseline", NOTHING, "5 samples"),
    "migrated": (lambda: Story().until("health"), "migrate", NOTHING, "1 applied 0:10"),
    "deployed": (lambda: Story().until("migrate"), "deploy", NOTHING, "02:42:20 sam"),
    "stable": (lambda: Story().until("smoke"), "health", NOTHING, "02:43:10"),
}


@pytest.mark.parametrize(("story", "step", "progress", "shown"), CASES.values(), ids=CASES.keys())
def test_the_words_of_a_step(story: Callable[[], Story], step: str, progress: Progress, shown: str) -> None:
    assert said(story(), step, progress) == shown


def test_a_step_that_waits() -> None:
    story = Story().until("deploy")
    story.tell(StepBegun("deploy"))
    assert said(story, "deploy") == "begun 0:12"
    story = Story().until("health")
    story.tell(StepBegun("health"))
    assert said(story, "health", Progress(ready_for=75.0)) == "ready 1:15/10:00"


def test_a_series_counts_up_and_never_beyond() -> None:
    story = Story().until("baseline")
    story.tell(SamplingBegun("baseline", 5))
    for taken, shown in ((0, "0 of 5 samples"), (3, "3 of 5 samples"), (9, "5 of 5 samples")):
        assert said(story, "baseline", Progress(samples=taken)) == shown


def test_one_sample_is_marked_as_such() -> None:
    story = Story().until("baseline")
    story.tell(SamplingBegun("baseline", 1), snapshot("baseline", story.at, 1))
    assert said(story, "baseline") == "1 sample"


def test_skipped_and_again() -> None:
    story = Story().until("smoke")
    story.tell(StepSkipped("smoke", "no smoke here"), ExceptionGranted("smoke", "no smoke here"))
    assert said(story, "smoke") == "skipped sam"
    assert "skipped by sam: no smoke here" in below(story, "smoke")
    story.request("deploy")
    assert said(story, "health") == "again"
    assert said(story, "smoke") == "again"
    assert "to be done again after a change" in below(story, "smoke")


def test_every_state_has_a_tone() -> None:
    assert set(TONES) == set(StepState)
    assert TONES[StepState.FAILED] is TONES[StepState.UNKNOWN] is Tone.BAD


def test_the_whole_list() -> None:
    story = Story().until("migrate")
    story.tell(NoteAdded("deploy", "slowly"))
    lines, at = checklist(story.window, NOTHING, story.at, 40)
    shown = [text(each) for each in lines]
    assert [width(each) for each in lines] == [40] * 14
    assert len(at) == len(STEPS)
    assert shown[0] == "Preconditions                      4/4 ✓"
    assert shown[5] == "Upgrade                            3/8  "
    assert shown[at[0]].startswith(" ✓ Window approved")
    assert shown[at[STEPS.index("deploy")]].startswith(" ✓ Deploy the binaries ✎")
    assert shown[at[STEPS.index("migrate")]].rstrip() == " · Apply the migrations"
    strong = [span.text for each in lines for span in each if span.tone is Tone.STRONG]
    assert strong == ["Preconditions", "Upgrade", "Apply the migrations"]


@pytest.mark.parametrize(("cells", "shown"), [(60, " 02:42:00 sam"), (34, " 02:42:00"), (30, " 02:42")])
def test_where_there_is_no_room_who_did_it_goes_before_the_moment_is_cut(cells: int, shown: str) -> None:
    story = Story().until("deploy")
    story.tell(StepAttested("deploy", "sam", "02:42:00"))
    lines, at = checklist(story.window, NOTHING, story.at, cells)
    assert text(lines[at[STEPS.index("deploy")]]).rstrip().endswith(shown), text(
        lines[at[STEPS.index("deploy")]]
    )


@given(st.integers(26, 60), st.sampled_from(STEPS), st.text("ab 漢\u0301é", min_size=1, max_size=60))
def test_the_list_fits_whatever_was_typed(cells: int, step: str, reference: str) -> None:
    story = Story().until(step)
    story.tell(StepAttested("window-approved", reference, reference), NoteAdded("ci-green", reference))
    lines, _ = checklist(story.window, NOTHING, story.at, cells)
    assert all(width(each) <= cells for each in lines)
    for one in ("window-approved", "ci-green"):
        assert all(
            width(each) <= cells for each in step_detail(story.window, story.window.runbook.step(one), cells)
        )


def test_what_is_said_of_one_step() -> None:
    story = Story().until("backup")
    story.tell(StepAttested("window-approved", "kim", "CHG-1", "https://changes/1"))
    assert "kim: CHG-1 https://changes/1 (attested by sam)" in below(story, "window-approved")
    run = story.run("backup")
    story.tell(examined("backup", OWN_BACKUP, run))
    story.tell(NoteAdded("backup", "took long"))
    shown = below(story, "backup")
    assert f"{OWN_BACKUP} (214 MB)" in shown
    assert "SHA-256 " + "ab" * 32 in shown
    assert "sam: took long" in shown
    assert shown.startswith("Back up the database\n")


def test_what_is_said_of_a_failed_migration() -> None:
    story = Story().until("migrate")
    story.run(
        "migrate",
        2,
        lambda run: listing(run, "0008.sql", "0009.sql", complete=False),
        line="make: *** Error 1",
    )
    shown = below(story, "migrate")
    # What went wrong first, then what came of it; what the step does was read before.
    assert shown.splitlines()[:4] == [
        "✗ Apply the migrations: failed · exit 2",
        "make: *** Error 1",
        "applied 0008.sql",
        "stopped in 0009.sql",
    ]
    assert shown.splitlines()[-1].startswith("Applies the new migrations.")
    assert failed_lines(story.window, 200) == 2


def test_in_a_narrow_column_the_state_and_the_first_lines_of_the_reason_are_what_counts() -> None:
    story = Story().until("migrate")
    assert failed_lines(story.window, 38) == 0
    story.run("migrate", 2, line="a reason of many words " * 9)
    shown = below(story, "migrate", 38).splitlines()
    assert shown[0] == "✗ Apply the migrations: failed"
    # The exit status, which stands above the output, gives way before the word does.
    for cells, words in ((30, " ✗ Apply the migrations failed"), (45, "failed · exit 2")):
        lines, _ = checklist(story.window, NOTHING, story.at, cells)
        (row,) = [text(each) for each in lines if "Apply the migrations" in text(each)]
        assert row.endswith(words)
    short = in_short(story.window, story.window.runbook.step("migrate"), NOTHING, story.at)
    assert text(tabs(TABS, 0, short, 80)).endswith(" ✗ Apply the migrations failed")
    assert shown[1].startswith("a reason of many words")
    assert failed_lines(story.window, 38) == 4
    story.tell(RollbackBegun(BINARIES, "errors", "A", (), "", story.window.rollback_phrase))
    assert failed_lines(story.window, 38) == 0


def test_on_a_small_screen_a_run_says_in_short_for_how_long_it_has_been_running() -> None:
    story = told("migrate")
    short = in_short(story.window, story.window.runbook.step("migrate"), NOTHING, story.at + 12)
    assert text(tabs(TABS, 0, short, 80)).endswith(" ▶ Apply the migrations 0:22")


def test_a_lost_step_says_that_it_is_unknown_and_why() -> None:
    shown = below(told("deploy", lambda run: RunLost(run, "the host was rebooted")), "deploy")
    assert shown.splitlines()[:2] == ["? Deploy the binaries: unknown: decide", "the host was rebooted"]


def test_what_a_run_left_behind_is_said() -> None:
    story = told("deploy", lambda run: RunEnded(run, 0, 1.0, "", True))
    assert "something that it started still ran when it ended" in below(story, "deploy")
