"""What is not known, or is over, is not drawn as if all were well."""

import pytest
from msgspec.structs import replace

from state.console.interruption import Interruption
from state.events import RunRequested, TriggerTripped, WindowDeclared
from state.judgement.triggers import Trigger
from state.readings import ReadingClass
from state.window import Window
from tui.present import health, triggers
from tui.present.checklist import Progress, detail, step_detail
from tui.present.header import header, where
from tui.present.line import Line, Tone, text, width
from tui.present.resume import resume_card
from tui.present.words import clock, without_scheme

from ..story import Story
from .test_panels import judged, observed

UNREAD = "http://api-1:8086: no reading for 02:10"


def board(window: Window, reason: str = "") -> tuple[Line, ...]:
    return triggers.board((Trigger("readiness", "Readiness", False, reason),), window, 42)


def test_an_armed_trigger_says_why_it_cannot_judge() -> None:
    assert [text(each).rstrip() for each in board(Story().window)] == ["○ Readiness    armed"]
    beside = "not judged for 00:40 more"
    assert [text(each) for each in board(Story().window, beside)] == [f"○ Readiness    {beside}"]
    armed, *why = board(Story().window, UNREAD + " and then some more words" * 3)
    assert text(armed) == "○ Readiness    armed"
    # Replicas are named as in the health panel, and what is left out leaves a mark.
    assert text(why[0]).startswith("  api-1:8086: no reading for 02:10")
    assert len(why) == 2 and text(why[1]).endswith(" …")
    assert all(len(text(each)) <= 42 for each in why)


def test_the_board_repeats_no_reason_where_the_banner_has_it() -> None:
    story = Story().until("smoke")
    story.tell(TriggerTripped("readiness", f"{UNREAD} and more", ("http://api-1:8086",)))
    window = story.window
    board = (Trigger("readiness", "Readiness", True, UNREAD),)
    (tripped,) = triggers.board(board, window, 42, why=False)
    assert text(tripped) == f"✗ Readiness    TRIPPED {clock(window.triggers['readiness'].at)}"
    assert len(triggers.board(board, window, 42)) > 1
    # Replicas are named as in the panels below it, which leaves room for the reason.
    assert f": {without_scheme(UNREAD)} and more" in text(triggers.banner(window, 200)[0])


def test_a_banner_of_many_words_keeps_each_trigger_and_its_keys_in_sight() -> None:
    story = Story().until("smoke")
    story.tell(TriggerTripped("readiness", "why " * 200, ()), TriggerTripped("incident", "why " * 200, ()))
    shown = [text(each) for each in triggers.banner(story.window, 80)]
    assert len(shown) <= 6
    for name in ("READINESS", "INCIDENT"):
        assert any(name in each and "(b rolls back, w waves off)" in each for each in shown)
    assert not any("w waves off" in text(each) for each in triggers.banner(story.window, 80, decides=False))


def test_no_trigger_of_a_closed_window_is_armed() -> None:
    story = Story().done("declare")
    assert [text(each) for each in board(story.window, UNREAD)] == ["○ Readiness    no longer watched"]


def test_a_closed_window_claims_no_readiness() -> None:
    story = Story()
    assert "ready" in text(header(story.window, judged(story.window, story.at), None, story.at, 120))
    story.tell(WindowDeclared("success", "", ()))
    assert "ready" not in text(header(story.window, judged(story.window, story.at), None, story.at, 120))


@pytest.mark.parametrize(
    ("now", "glyph", "tone"), [(None, "○", Tone.WATCH), (0, "●", Tone.GOOD), (4, "✗", Tone.BAD)]
)
def test_missing_blobs_that_cannot_be_counted_are_not_well(now: int | None, glyph: str, tone: Tone) -> None:
    (drawn,) = health._blobs((0, now), 76)
    (span,) = [span for span in drawn if "now" in span.text]
    assert (span.text[0], span.tone) == (glyph, tone)


@pytest.mark.parametrize(("unread", "tone"), [(0.0, Tone.GOOD), (3600.0, Tone.WATCH)])
def test_readiness_that_nobody_read_is_not_good(unread: float, tone: Tone) -> None:
    facts = Interruption(0.0, False, "sam", (), 0.0, unread, (), ())
    (said,) = [line for line in resume_card(facts, 3600.0, 70) if text(line).startswith("health: ")]
    assert said[1].tone is tone


def test_what_the_migrations_of_the_way_back_applied() -> None:
    story = Story().back_to("start-previous")
    step = story.window.runbook.step("migrate-baseline")
    assert text(detail(story.window, step, Progress(), story.at)).startswith("0 applied")
    assert "0008.sql" not in "".join(text(each) for each in step_detail(story.window, step, 80))
    upgrade = story.window.runbook.step("migrate")
    assert text(detail(story.window, upgrade, Progress(), story.at)).startswith("1 applied")


def test_the_end_of_a_rollback_says_that_it_is_to_be_declared() -> None:
    assert where(Story().back_to("communicate").window) == "rollback 8/9"
    assert where(Story().back_to("end").window) == "rollback 9/9 · d declares it"


@pytest.mark.parametrize(
    ("purpose", "said"),
    [
        ("", "make db-restore"),
        ("rehearsal", "make db-restore (rehearsal)"),
        ("safety-backup", "make db-restore (safety backup)"),
    ],
)
def test_a_run_beside_the_step_says_what_it_is_for(purpose: str, said: str) -> None:
    story = Story().back_to("restore")
    story.tell(RunRequested("restore", ("make", "db-restore"), "/srv/site", {}, purpose))
    assert story.window.runs[story.window.seq].title == said
    assert replace(story.window.runs[story.window.seq], purpose="").title == "make db-restore"


@pytest.mark.parametrize("cells", [56, 76, 100])
def test_what_to_do_about_a_reading_is_not_cut_off(cells: int) -> None:
    window = Story().window
    sentence = "401: the token is not accepted: unauthorized; give another"
    verdicts = judged(window, Story().at)
    broken = replace(verdicts.health.ops, reading_class=ReadingClass.UNAUTHORIZED, line=sentence)
    facts = replace(verdicts.health, ops=broken, whoami=broken)
    lines = health.health(replace(verdicts, health=facts), observed(Story().at), (0, 0), Story().at, cells)
    said = " ".join(" ".join(text(each) for each in lines).split())
    assert said.count(sentence.split("; ")[1]) == 2
    assert all(width(each) <= cells for each in lines)
