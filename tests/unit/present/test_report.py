"""The report as a page: columns that line up and fit, and nothing of what it says lost on the way."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.report.blocks import Block, Facts, Heading, Paragraph, Table, Verbatim, facts, table
from state.report.evidence import gather
from state.report.outline import outline
from tui.present.line import Tone, text, width
from tui.present.report import page

from ...report.told import observed, rolled_back, written

DIGEST = "ab" * 32


def said(block: Block) -> Iterator[str]:
    match block:
        case Heading() | Paragraph() | Verbatim():
            yield block.text
        case Facts(rows):
            yield from (cell for row in rows for cell in row)
        case Table(names, rows):
            yield from (*names, *(cell for row in rows for cell in row if cell not in ("", "–")))


def lines(block: Block, cells: int) -> list[str]:
    return [text(each) for each in page([block], cells)]


def characters(texts: Iterator[str] | list[str]) -> Counter[str]:
    return Counter("".join("".join(each.split()) for each in texts))


@pytest.mark.parametrize("cells", [56, 76, 116, 196])
def test_a_whole_report_fits_and_loses_no_character(tmp_path: Path, cells: int) -> None:
    story = rolled_back()
    directory = written(tmp_path / "w", story.records)
    observed(directory, 300)
    blocks = tuple(outline(gather(directory, story.at)))
    shown = page(blocks, cells)
    assert max(map(width, shown)) <= cells
    every = characters([each for block in blocks for each in said(block)])
    assert every <= characters([text(each) for each in shown])
    assert not any("|" in text(each) for each in shown)


CELLS = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=90)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=5), st.integers(40, 120))
def test_whatever_stands_in_a_table_fits_and_is_there(rows: list[tuple[str, ...]], cells: int) -> None:
    made = table(("Event", "Who", "Where", "What"), rows)
    shown = page([made], cells)
    assert max(map(width, shown)) <= cells
    names = characters(list(made.names))
    assert characters(list(said(made))) - names <= characters([text(each) for each in shown])


def test_columns_line_up_and_figures_stand_to_the_right() -> None:
    made = table(("Event", "At", "Took"), ((7, "2026-02-02 02:40:00", "10.0 s"), (121, "–", "1:02:10")))
    assert lines(made, 76) == [
        "Event  At                      Took",
        "    7  2026-02-02 02:40:00   10.0 s",
        "  121  –                    1:02:10",
        "",
    ]


def test_a_long_cell_is_broken_within_its_column() -> None:
    made = table(
        ("Gate", "Reason"), (("Readiness", "ready on all 3 replicas for 00:40 of 10:00"), ("Budget", ""))
    )
    assert lines(made, 40) == [
        "Gate       Reason",
        "Readiness  ready on all 3 replicas for",
        "           00:40 of 10:00",
        "Budget",
        "",
    ]


def test_what_finds_no_room_goes_below_its_row_with_its_name() -> None:
    made = table(("Event", "File", "SHA-256"), ((6, "/backups/own.sql", DIGEST), (9, "/b.sql", "–")))
    assert lines(made, 76) == [
        "Event  File",
        "    6  /backups/own.sql",
        f"      SHA-256  {DIGEST[:61]}",
        f"               {DIGEST[61:]}",
        "    9  /b.sql",
        "",
    ]
    assert lines(made, 116)[1] == f"    6  /backups/own.sql  {DIGEST}"


def test_rows_that_are_left_out_are_counted_in_their_place() -> None:
    made = table(("Event",), ((number,) for number in range(30)), whole=10)
    assert [each.strip() for each in lines(made, 76)[1:6]] == [
        "0",
        "1",
        "… 20 rows left out here; the HTML and JSON forms have all",
        "22",
        "23",
    ]


def test_a_part_has_a_rule_behind_its_heading_and_an_alarm_is_loud() -> None:
    (part,) = page([Heading(2, "Runs")], 12)
    assert text(part) == "Runs ───────" and part[0].tone is Tone.STRONG
    alarm, _ = page([Paragraph("THE DATABASE MAY BE EMPTY", alarm=True)], 76)
    assert [span.tone for span in alarm] == [Tone.ALARM]
    assert lines(facts(("Window", "w"), ("Error budget", "00:00")), 76) == [
        "Window        w",
        "Error budget  00:00",
        "",
    ]
