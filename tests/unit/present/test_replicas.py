"""Several replicas in the health panel: each shown, worst first, and never more lines than there is room."""

import pytest

from state.judgement.health import Probe
from state.readings import Ask, ReadingClass
from tui.present.line import Tone, text, width
from tui.present.replicas import replicas


def probe(ask: Ask, number: int, state: str) -> Probe:
    url = f"http://10.0.0.{number}:8086"
    return Probe(ask, url, ReadingClass.OK, state, 200, 10.0 + number, 1.0, False, "")


def fleet(*states: str) -> tuple[list[Probe], list[Probe]]:
    """Live and ready of replicas in these states; `refused` is not live either."""
    live = [probe(Ask.LIVE, n, "refused" if state == "refused" else "ok") for n, state in enumerate(states)]
    return live, [probe(Ask.READY, n, state) for n, state in enumerate(states)]


def test_one_replica_needs_no_list() -> None:
    assert replicas(*fleet("ready"), 80, 3) == ()


def test_the_worst_comes_first_and_in_its_tone() -> None:
    lines = replicas(*fleet("ready", "degraded", "refused", "unknown", "not_ready"), 40, 9)
    shown = [text(each).split() for each in lines]
    assert [words[1] for words in shown] == [f"10.0.0.{n}:8086" for n in (2, 4, 3, 1, 0)]
    assert shown[0][0] == "✗" and shown[-1] == ["●", "10.0.0.0:8086", "ready", "10", "ms"]
    assert lines[0][1].tone is Tone.BAD and lines[-1][1].tone is Tone.PLAIN


def test_a_replica_that_is_ready_but_not_live_is_not_well() -> None:
    live = [probe(Ask.LIVE, 0, "ok"), probe(Ask.LIVE, 1, "timeout")]
    ready = [probe(Ask.READY, 0, "ready"), probe(Ask.READY, 1, "ready")]
    assert text(replicas(live, ready, 60, 3)[0]).strip().startswith("✗ 10.0.0.1:8086 timeout")


@pytest.mark.parametrize("cells", [40, 60, 76, 118])
@pytest.mark.parametrize("count", [2, 3, 7, 40])
def test_it_stays_within_its_room(cells: int, count: int) -> None:
    lines = replicas(*fleet("not_ready", *["ready"] * (count - 1)), cells, 3)
    assert 1 <= len(lines) <= 3
    assert all(width(each) <= cells for each in lines)
    said = " ".join(text(each) for each in lines)
    assert said.count("✗") == 1
    named = said.count(":8086")
    if named < count:
        assert f"and {count - named} more, ready at worst" in said


def test_what_is_not_named_is_never_worse_than_what_is() -> None:
    lines = replicas(*fleet(*["ready"] * 10, *["refused"] * 10), 40, 3)
    said = " ".join(text(each) for each in lines)
    assert "more, refused at worst" in said and "● " not in said
