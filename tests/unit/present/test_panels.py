"""Header, health, backlog, gates, home, foot and resume card: words and glyphs from plain values."""

import math
from pathlib import Path

import pytest
from msgspec.structs import replace

from state.console.interruption import Interruption
from state.events import (
    ConsoleAttached,
    ConsoleLeft,
    ExceptionGranted,
    RunEnded,
    RunStarted,
    TriggerTripped,
    WindowDeclared,
)
from state.judgement.backlog import BacklogRow, RowState
from state.judgement.verdicts import Verdicts
from state.listing import Listed
from state.policy import Limit
from state.readings import METRICS, Ask, Observed, Reading, ReadingClass, Span
from state.view import verdicts
from state.window import RunState, Window
from tui.commands import applicable
from tui.present import backlog, foot, gates, header, health, home, resume
from tui.present.checklist import Progress, checklist
from tui.present.line import Line, Tone, text, width
from tui.present.people import Around

from ..story import API, SAM, T0, Story, snapshot

DRIVING = Around("c1", drives=True, is_driven=True)


def reading(ask: Ask, at: float, reading_class: ReadingClass = ReadingClass.OK, **values: object) -> Reading:
    known = reading_class in {ReadingClass.OK, ReadingClass.NOT_READY}
    return Reading(
        ask,
        API,
        at,
        reading_class,
        code=200 if known else None,
        latency_ms=4.0 if known else None,
        values=values if known else None,
    )


def observed(now: float, ready: ReadingClass = ReadingClass.OK) -> Observed:
    dependencies = [
        {"name": "postgres", "state": "ready", "detail": ""},
        {"name": "oidc_jwks", "state": "not_configured", "detail": ""},
        {"name": "object_storage", "state": "not_ready", "detail": "no bucket"},
    ]
    readings = (
        reading(Ask.LIVE, now - 1),
        reading(Ask.READY, now - 1, ready, status="ready", dependencies=dependencies),
        reading(Ask.OPS, now - 6, **{metric.key: 3 for metric in METRICS}),
    )
    return Observed(
        latest={(each.ask, each.replica): each for each in readings},
        ready_spans=(Span(Ask.READY, API, ready, now - 600, now - 1, 300),),
        ready_recent=(readings[1],),
        ops=(readings[2],),
        polls=7,
    )


def judged(window: Window, now: float, ready: ReadingClass = ReadingClass.OK) -> Verdicts:
    return verdicts(
        replace(window, policy=replace(window.policy, replicas=(API,))), observed(now, ready), now
    )


def shown(lines: tuple[Line, ...]) -> str:
    return "\n".join(text(each) for each in lines)


# Header


def top(story: Story, cells: int = 120, left: float | None = None, safe_until: float | None = None) -> str:
    window = story.window if left is None else replace(story.window, closes_at=story.at + left)
    found = header.header(window, judged(window, story.at), safe_until, story.at, cells)
    assert width(found) == cells
    return text(found)


def test_the_header_of_an_upgrade() -> None:
    found = top(Story().until("migrate"), left=6130)
    assert found.startswith(" PRODUCTION  1.9 → 2.0  upgrade ")
    assert " 3/8 " in found
    # Ready since the last change, not since the first reading.
    assert "● ready " in found
    assert found.endswith("closes in 1:42:10")


@pytest.mark.parametrize("stands_at", ["ci-green", "migrate", "declare"])
def test_the_header_counts_as_the_checklist_does(stands_at: str) -> None:
    story = Story().until(stands_at)
    title = next(phase.title for phase in story.window.phases if phase.id == story.window.phase)
    lines, _ = checklist(story.window, Progress(), story.at, 40)
    (count,) = [words.split()[1] for words in map(text, lines) if words.startswith(title)]
    assert f" {title.lower()} {count} " in top(story)


@pytest.mark.parametrize(
    ("left", "words"), [(899.0, "closes in 14:59"), (0.0, "closes in 0:00"), (-61.0, "overrun by 1:01")]
)
def test_the_time_that_is_left(left: float, words: str) -> None:
    assert top(Story(), left=left).endswith(words)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(7200.0, "· safe until "), (1700.0, "· safe until 03:"), (-1.0, "· too late to roll back in time")],
)
def test_until_when_a_rollback_ends_in_time(ahead: float, words: str) -> None:
    story = Story().until("migrate")
    found = top(story, left=9000.0, safe_until=story.at + ahead)
    assert words in found
    assert ("safe" in found) == ("safe" in words)
    # Where there is less room, only as it nears.
    near = ahead < 1800
    brief = words.removesuffix(" to roll back in time")
    assert ((brief in top(story, 90, 9000.0, story.at + ahead)) or not near) and (
        near or "safe" not in top(story, 90, 9000.0, story.at + ahead)
    )
    turned = Story().turned()
    assert "safe" not in top(turned, left=9000.0, safe_until=turned.at + 60.0)


def test_the_header_without_an_end_and_without_readiness() -> None:
    story = Story()
    found = text(
        header.header(story.window, judged(story.window, story.at, ReadingClass.REFUSED), None, story.at, 90)
    )
    assert found.endswith("✗ unreachable")
    assert "preconditions" in found
    assert " 0/4 " in found


def test_exceptions_stay_in_sight() -> None:
    story = Story().until("declare")
    assert "!" not in top(story)
    story.tell(ExceptionGranted("smoke", "x"))
    assert "! 1 exception " in top(story)
    story.tell(ExceptionGranted("gate:budget", "y"))
    assert "! 2 exceptions " in top(story)


def test_a_closed_window() -> None:
    found = top(Story().until("declare").done("declare"))
    assert "closed · success" in found
    assert found.endswith(" UTC")


def test_red_is_for_production() -> None:
    story = Story()
    for environment, tone in (("production", Tone.ALARM), ("staging", Tone.FRAME)):
        window = replace(story.window, environment=environment)
        found = header.header(window, judged(window, story.at), None, story.at, 100)
        assert (found[0].text, found[0].tone) == (f" {environment.upper()} ", tone)


# Health


def test_health_that_is_well() -> None:
    story = Story()
    lines = health.health(judged(story.window, story.at), observed(story.at), (None, None), story.at, 80)
    assert all(width(each) <= 80 for each in lines)
    found = shown(lines)
    assert found.split()[:3] == ["live", "●", "ok"]
    assert "✗ not ready: no bucket" in found
    assert "● ready" in found
    assert "not configured: oidc_jwks" in found
    assert "7 polls" in found
    assert "0:00 of 4:19 unplanned" in found
    assert found.index("object_storage") < found.index("postgres")
    # The budget is above what may be many lines: it is never out of sight.
    assert text(lines[2]).startswith("budget ")


def test_health_that_is_not() -> None:
    story = Story()
    verdict = judged(story.window, story.at, ReadingClass.REFUSED)
    found = shown(
        health.health(verdict, observed(story.at, ReadingClass.REFUSED), (None, None), story.at, 120)
    )
    assert "✗ refused" in found
    assert "connection refused: nothing listens there" in found


@pytest.mark.parametrize("cells", [72, 60, 54])
def test_of_the_budget_what_is_spent_is_never_cut_for_what_was_planned(cells: int) -> None:
    story = Story()
    now = judged(story.window, story.at)
    spent = replace(now.budget, planned=188.0)
    verdict = replace(now, budget=spent, expected_until=now.at + 4)
    lines = health.health(verdict, observed(story.at), (None, None), story.at, cells)
    (budget,) = [text(each) for each in lines if text(each).startswith("budget ")]
    assert "0:00 of 4:19 unplanned" in budget and budget.endswith("not ready expected 0:04")
    assert ("3:08 planned" in budget) == (cells == 72)
    assert "…" not in budget


@pytest.mark.parametrize(
    ("until", "words"), [(None, ""), (math.inf, "not ready expected"), (71.0, "not ready expected 1:11")]
)
def test_not_being_ready_is_expected_as_long_as_it_is(until: float | None, words: str) -> None:
    story = Story()
    now = judged(story.window, story.at)
    verdict = replace(now, expected_until=None if until is None else now.at + until)
    lines = health.health(verdict, observed(story.at), (None, None), story.at, 72)
    (budget,) = [text(each) for each in lines if text(each).startswith("budget ")]
    assert budget.rstrip().endswith(words or "unplanned")


def test_health_before_any_reading() -> None:
    story = Story()
    nothing = Observed()
    verdict = verdicts(story.window, nothing, story.at)
    lines = health.health(verdict, nothing, (None, None), story.at, 60)
    assert "unknown" in shown(lines)
    assert "ready " + "0:00" not in shown(lines)
    assert health.title(verdict) == "no reading yet"
    assert health.title(judged(story.window, story.at)) == "1 s ago"


# Backlog


def row(number: int, state: RowState, reason: str = "", current: float | None = 12.0) -> BacklogRow:
    base = snapshot("baseline", T0).metrics["pendingOutboxEvents"]
    delta = None if current is None else current - base.median
    return BacklogRow(METRICS[number], base, current, delta, Limit(50, 200), state, reason)


def table(*rows: BacklogRow, cells: int = 90, warnings: tuple[str, ...] = ()) -> tuple[Line, ...]:
    story = Story()
    verdict = replace(judged(story.window, story.at), rows=rows)
    return backlog.backlog(verdict, observed(story.at), warnings, cells)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (RowState.OK, "● OK"),
        (RowState.WATCH, "◐ WATCH"),
        (RowState.BREACH, "✗ BREACH"),
        (RowState.NO_DATA, "○ NO DATA"),
        (RowState.EXPECTED, "◌ EXPECTED"),
    ],
)
def test_a_row_of_the_backlog(state: RowState, word: str) -> None:
    lines = table(row(0, state, "" if state is RowState.OK else "growing for 01:10 of 05:00"))
    found = text(lines[1])
    assert found.startswith("pending outbox              3       12      +9   50/200 ")
    assert found.rstrip().endswith(word)
    explained = [text(each) for each in lines[2:]]
    assert explained == ([] if state is RowState.OK else ["pending outbox: growing for 01:10 of 05:00"])


def test_a_row_without_data_has_dashes_and_never_a_zero() -> None:
    found = text(table(replace(row(0, RowState.NO_DATA, "no answer", None), baseline=None))[1])
    assert found.split()[2:5] == ["–", "–", "–"]


def test_one_reason_for_all_is_said_once() -> None:
    rows = [row(number, RowState.NO_DATA, "the token is not accepted", None) for number in range(7)]
    assert shown(table(*rows)).count("the token is not accepted") == 1


def test_what_is_expected_says_because_of_which_step() -> None:
    story = Story().until("deploy")
    run = story.request("deploy")
    missing = "connection refused: nothing listens there"

    def reasons() -> set[str]:
        now = story.at + 5.0
        refused = reading(Ask.OPS, now - 1, ReadingClass.REFUSED)
        seen = Observed(latest={(Ask.OPS, API): refused}, ops=(refused,))
        return {each.reason for each in verdicts(story.window, seen, now).rows}

    assert reasons() == {f"expected since Deploy the binaries began: {missing}"}
    story.tell(RunEnded(run, 0, story.at + 1.0))
    story.request("migrate")
    # Migrations disrupt nothing by themselves: what runs now is not what it is expected for.
    assert reasons() == {f"expected for 01:00 after Deploy the binaries: {missing}"}


@pytest.mark.parametrize("cells", [78, 90, 120])
def test_the_table_fits(cells: int) -> None:
    rows = [row(number, state, "why " * 40) for number, state in enumerate(RowState)]
    assert all(width(each) <= cells for each in table(*rows, cells=cells, warnings=("The baseline is old.",)))


@pytest.mark.parametrize(
    ("limit", "words"),
    [(Limit(50, 200), "50/200"), (Limit(100), "100"), (Limit(None, 7), "7"), (Limit(0), "0"), (Limit(), "–")],
)
def test_alerts(limit: Limit, words: str) -> None:
    assert backlog.alert(limit) == words


def test_what_the_baseline_is() -> None:
    assert backlog.described(None) == "no baseline yet"
    assert backlog.described(snapshot("baseline", T0)) == "baseline 02:40:00 UTC (5 samples)"
    assert backlog.described(snapshot("baseline", T0, 1)) == "baseline 02:40:00 UTC (1 sample only)"


# Gates, foot


def test_gates_have_a_glyph_a_word_and_a_reason() -> None:
    story = Story()
    found = gates.gate_lines(judged(story.window, story.at).gates, 60)
    bare = gates.gate_lines(judged(story.window, story.at).gates, 60, 0)
    assert list(map(text, bare)) == [text(each) for each in found if not text(each).startswith("  ")]
    narrow = gates.gate_lines(judged(story.window, story.at).gates, 20, 1)
    assert len(narrow) == 6
    assert all(width(each) <= 20 for each in narrow if text(each).startswith("  "))
    assert any(text(each).endswith(" …") for each in narrow)
    assert all(width(each) <= 60 for each in found)
    heads = [text(each).split()[:2] for each in found if not text(each).startswith("  ")]
    assert [word for _, word in heads] == ["UNDECIDED", "PASS", "UNDECIDED"]
    assert [glyph for glyph, _ in heads] == ["…", "✓", "…"]


@pytest.mark.parametrize("cells", [60, 80, 120])
def test_the_foot_names_the_driver_and_the_keys(cells: int) -> None:
    story = Story()
    story.tell(ConsoleAttached(7))
    found = foot.foot(story.window, DRIVING, applicable(story.window, True), cells)
    assert width(found) == cells
    assert "enter do it" in text(found)
    assert "? help" in text(found)
    assert "…" not in text(found).partition("enter")[2], "a key is there as a whole, or not at all"
    wide = text(foot.foot(story.window, DRIVING, applicable(story.window, True), 160))
    assert wide.startswith(" driver sam@bastion")
    assert "x stop" not in wide
    story.until("deploy").request("deploy")
    assert "x stop" in text(foot.foot(story.window, DRIVING, applicable(story.window, True), 160))


@pytest.mark.parametrize("busy", [False, True])
def test_who_drives_and_who_looks_is_worth_more_than_a_key(busy: bool) -> None:
    story = Story()
    story.tell(ConsoleAttached(7))
    if busy:
        story.until("deploy").tell(TriggerTripped("incident", "INC-1"))
        story.request("deploy")
    kim = replace(DRIVING, others=(SAM,))
    found = text(foot.foot(story.window, kim, applicable(story.window, True), 120))
    assert found.startswith(" driver sam@bastion (sam watching) ")
    keys = ["enter do it", "o operators", "? help", "q leave"]
    assert all(key in found for key in keys + ["b rollback", "w wave off", "x stop"] * busy)
    assert "…" not in found


# Home


def standing(window: Window | None, driven: bool = False, problem: str = "") -> str:
    return home.standing(Listed(Path("/s/windows/w"), window, driven, problem))


def test_what_goes_on_in_a_window() -> None:
    story = Story().until("deploy")
    story.tell(ConsoleAttached(7))
    assert standing(story.window, driven=True) == "driven by sam"
    assert standing(story.window).startswith("interrupted 02:4")
    run = story.request("deploy")
    assert standing(story.window).endswith(" · make deploy was running")
    assert standing(story.window, driven=True) == "driven by sam"
    story.tell(ConsoleLeft())
    assert standing(story.window).startswith("left 02:4")
    assert standing(story.window).endswith(" · make deploy was running")
    assert story.window.runs[run].state is RunState.RUNNING
    assert standing(None, problem="it is damaged") == "it is damaged"
    story = Story()
    story.tell(WindowDeclared("abandoned", "x", ()))
    assert standing(story.window) == "abandoned 2026-02-02 02:40"


@pytest.mark.parametrize(("outcome", "glyph"), [("", "▶"), ("success", "✓"), ("abandoned", "✗")])
def test_a_row_of_the_list(outcome: str, glyph: str) -> None:
    story = Story()
    story.tell(ExceptionGranted("smoke", "x"))
    if outcome:
        story.tell(WindowDeclared(outcome, "x", ()))
    found = text(home.row(Listed(Path("/s/windows/w"), story.window, False), 120))
    assert found.startswith(f"{glyph} 2026-02-02-024000-production ")
    assert "1.9 → 2.0" in found
    assert "! 1 exception" in found


def test_a_window_that_cannot_be_read() -> None:
    found = text(home.row(Listed(Path("/s/windows/w"), None, False, "it is damaged"), 120))
    assert found.startswith("? w ")
    assert "it is damaged" in found


# Resume


CALM = Interruption(T0, False, "sam", (), 0.0, 0.0, (), ())


def card(facts: Interruption, cells: int = 100) -> str:
    return shown(resume.resume_card(facts, T0 + 754, cells))


def test_a_calm_card() -> None:
    found = card(CALM)
    assert found.startswith("interrupted 2026-02-02 02:40 UTC · nobody watched for 12:34\n")
    assert "no command was running" in found
    assert "no reading was other than ready" in found
    assert "nothing is left unclear" in found
    assert card(replace(CALM, deliberate=True)).startswith("left by sam 2026-02-02 02:40 UTC")


def test_a_card_with_news() -> None:
    facts = replace(
        CALM,
        not_ready=75.0,
        unread=90.0,
        moved=(("pending outbox", 3.0, 12.0),),
        undecided=("Apply the migrations",),
    )
    found = card(facts)
    assert "health: not ready for 1:15 · nothing read for 1:30" in found
    assert "pending outbox: 3 → 12" in found
    assert "✗ Apply the migrations must be decided: done, run again, or skip" in found
    assert "nothing is left unclear" not in found


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": RunState.ENDED, "exit_code": 0, "ended_at": T0 + 60}, "ended 02:41:00 with exit status 0"),
        ({"state": RunState.ENDED, "exit_code": 2, "ended_at": T0 + 60}, "ended 02:41:00 with exit status 2"),
        ({"state": RunState.LOST, "last_line": "It was killed."}, "lost: It was killed."),
        ({"state": RunState.NOT_STARTED, "last_line": "Nothing has run."}, "Nothing has run."),
        ({"state": RunState.RUNNING}, "still running"),
        ({"state": RunState.REQUESTED}, "still running"),
    ],
)
def test_what_became_of_a_run(changes: dict[str, object], words: str) -> None:
    story = Story().until("deploy")
    number = story.request("deploy")
    story.tell(RunStarted(number))
    run = replace(story.window.runs[number], **changes)
    assert f"run {number} make deploy: {words}" in card(replace(CALM, runs=(run,)))
