"""The words of the header: what each means stands in the help, and how loud it is."""

import re
from collections.abc import Iterator
from itertools import product

import pytest
from msgspec.structs import replace

from state.events import ExceptionGranted, WindowDeclared
from state.readings import Observed, ReadingClass
from state.view import verdicts
from state.window import ROLLED_BACK
from tui.present import header
from tui.present.line import Tone, text
from tui.present.replicas import TONES, glyph

from ..story import Story
from .test_panels import judged, top


def _headers() -> Iterator[str]:
    """The header in every state that it knows, with room for all of it and without."""
    stories = [Story().until(step) for step in ("ci-green", "migrate", "declare")]
    stories += [Story().turned(), Story().back_to("end"), Story().back_to("end"), Story().until("declare")]
    stories[-2].tell(WindowDeclared(ROLLED_BACK, "", ()))
    stories[-1].tell(ExceptionGranted("smoke", "x"))
    stories += [Story().done("declare"), Story().until("migrate"), Story().back_to("end")]
    stories[-2].tell(WindowDeclared("abandoned", "", ()))
    stories[-1].tell(WindowDeclared(ROLLED_BACK, "", ()))
    for step in ("root-cause", "risk-log", "drill"):
        stories[-1].done(step)
    for story, cells, drives in product(stories, (80, 100, 120), (True, False)):
        for left, ahead in ((6000.0, 5000.0), (6000.0, 60.0), (60.0, -60.0), (-60.0, None)):
            window = replace(story.window, closes_at=story.at + left)
            safe = None if ahead is None else story.at + ahead
            for ready in (
                ReadingClass.OK,
                ReadingClass.NOT_READY,
                ReadingClass.REFUSED,
                ReadingClass.DEGRADED,
            ):
                seen = judged(window, story.at, ready)
                yield text(header.header(window, seen, safe, story.at, cells, drives))
            unread = verdicts(window, Observed(), story.at)
            yield text(header.header(window, unread, safe, story.at, cells, drives))


def test_the_help_explains_whatever_may_stand_in_the_header() -> None:
    explained = {_of_any_figures(name) for names, _ in header.WORDS for name in names.split(", ")}
    parts = (
        part
        for said in _headers()
        for part in re.split(r" {2,}| · | (?=[●◐✗])", said.strip())
        if "…" not in part
    )
    shown = set(map(_of_any_figures, parts))
    # Of the phases and of the releases one is explained for all.
    phases = {f"{phase} #/#" for phase in ("preconditions", "rollback", "follow-up")}
    assert shown - phases - {"#"} == explained


def test_where_a_window_stands_gives_way_to_no_time() -> None:
    story = Story().until("migrate")
    for ahead, words in ((60.0, " · safe 02:"), (-60.0, " · too late")):
        found = top(story, 80, 900.0, story.at + ahead)
        assert "upgrade 3/8 " in found
        story.tell(ExceptionGranted("smoke", "x"))
        found = top(story, 80, 900.0, story.at + ahead)
        assert "upgrade 3/8 " in found
        assert words in found


def _of_any_figures(words: str) -> str:
    counted = words.replace("exceptions", "exception")
    return re.sub(r"\d+(?:[.:-]\d+)*(?: \d\d:\d\d)?", "#", counted)


@pytest.mark.parametrize("state", ["degraded", "unknown", "not_ready"])
def test_the_header_is_as_loud_as_the_health_panel(state: str) -> None:
    story = Story()
    classes = {"degraded": ReadingClass.DEGRADED, "not_ready": ReadingClass.NOT_READY}
    seen = judged(story.window, story.at, classes[state]) if state in classes else None
    said = header.header(
        story.window, seen or verdicts(story.window, Observed(), story.at), None, story.at, 90
    )
    (span,) = [span for span in said if state.replace("_", " ") in span.text]
    tone = TONES.get(state, Tone.BAD)
    assert (span.text[0], span.tone) == (glyph(tone), tone)
