"""The gates, and what must hold whatever was observed: no data is never a zero and never a pass."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from state.events import SnapshotRecorded
from state.judgement.backlog import RowState
from state.judgement.gates import Gate, GateState
from state.judgement.verdicts import Verdicts, judge
from state.policy import Policy
from state.readings import Ask, Observed, Reading, ReadingClass, Span

from .build import AGE, API, FAILED, KEYS, PENDING, T0, failed, ops, series, snapshot, span

POLICY = Policy()
BASE = snapshot()


def observe(
    readings: list[Reading] | None = None,
    spans: tuple[Span, ...] = (span(0, 900),),
    *,
    now: float = 900.0,
    since: float = 0.0,
    planned: tuple[tuple[float, float | None], ...] = (),
    baseline: SnapshotRecorded | None = BASE,
    compared: bool = True,
    policy: Policy = POLICY,
) -> Verdicts:
    summaries = series(AGE, [3] * 61) if readings is None else readings
    latest = {(r.ask, r.replica): r for r in summaries}
    return judge(
        Observed(latest=latest, ready_spans=spans, ops=tuple(summaries)),
        policy=policy,
        opened_at=T0,
        since=T0 + since,
        planned=[(T0 + start, None if end is None else T0 + end) for start, end in planned],
        baseline=baseline,
        compared=compared,
        now=T0 + now,
    )


def gate(seen: Verdicts, gate_id: str) -> Gate:
    assert [g.id for g in seen.gates] == ["readiness", "budget", "backlog"]
    return next(g for g in seen.gates if g.id == gate_id)


def test_all_is_well() -> None:
    seen = observe()
    assert {g.state for g in seen.gates} == {GateState.PASS}
    assert gate(seen, "readiness").numbers["ready_for"] == 900
    assert gate(seen, "budget").reason == "00:00 of 04:19 unplanned"
    assert gate(seen, "backlog").reason == "no metric has grown against the baseline"
    assert seen.expected is False


@pytest.mark.parametrize(
    ("spans", "since", "state"),
    [
        ((span(0, 900),), 301, GateState.UNDECIDED),
        ((span(0, 900),), 300, GateState.PASS),
        ((span(0, 800), span(802, 900, ReadingClass.NOT_READY)), 0, GateState.FAIL),
        ((span(0, 800), span(802, 900, ReadingClass.REFUSED)), 0, GateState.FAIL),
        ((span(0, 800), span(802, 900, ReadingClass.DEGRADED)), 0, GateState.FAIL),
        ((span(0, 800), span(802, 900, ReadingClass.BAD_BODY)), 0, GateState.UNDECIDED),
        ((span(0, 890),), 0, GateState.UNDECIDED),
        ((), 0, GateState.UNDECIDED),
    ],
)
def test_the_readiness_gate(spans: tuple[Span, ...], since: float, state: GateState) -> None:
    assert gate(observe(spans=spans, since=since), "readiness").state is state


def test_time_before_the_window_was_opened_is_no_proof() -> None:
    seen = observe(spans=(span(-600, 100),), now=100, since=-T0)
    assert seen.readiness.ready_for == 100


def test_the_readiness_gate_with_degraded_accepted() -> None:
    accepting = Policy(accept_degraded=True)
    spans = (span(0, 900, ReadingClass.DEGRADED),)
    assert gate(observe(spans=spans, policy=accepting), "readiness").state is GateState.PASS
    assert gate(observe(spans=spans, since=800, policy=accepting), "readiness").state is GateState.UNDECIDED


def test_the_budget_gate() -> None:
    down = (span(0, 259, ReadingClass.REFUSED), span(259, 900))
    assert gate(observe(spans=down), "budget").state is GateState.PASS
    worse = (span(0, 260, ReadingClass.REFUSED), span(260, 900))
    assert gate(observe(spans=worse), "budget").state is GateState.FAIL
    planned = gate(observe(spans=worse, planned=((0, 100),)), "budget")
    assert (planned.state, planned.reason) == (GateState.PASS, "01:40 of 04:19 unplanned, 02:40 planned")
    assert gate(observe(spans=()), "budget").state is GateState.UNDECIDED
    two = replace(POLICY, replicas=(API, "b"))
    unread = gate(observe(policy=two), "budget")
    assert (unread.state, unread.reason) == (GateState.UNDECIDED, "no readiness reading yet from b")


def test_the_backlog_gate() -> None:
    good = series(AGE, [3] * 61)
    assert gate(observe(compared=False), "backlog").state is GateState.UNDECIDED
    assert gate(observe(baseline=None), "backlog").state is GateState.UNDECIDED
    grown = gate(observe([*good[:-1], ops(900, **{FAILED: 1})]), "backlog")
    assert (grown.state, grown.reason) == (GateState.UNDECIDED, "failed search jobs: 1 > 0, baseline max 0")
    assert gate(observe([*good[:-1], ops(900, **{FAILED: 21})]), "backlog").state is GateState.FAIL
    silent = gate(observe([*good[:-1], failed(900)]), "backlog")
    assert (silent.state, "6 more" in silent.reason) == (GateState.UNDECIDED, True)
    running = gate(observe([*good[:-1], failed(900)], planned=((890, None),)), "backlog")
    assert running.state is GateState.UNDECIDED
    thin = [r for i, r in enumerate(good) if i < 41 or i > 45]
    assert gate(observe(thin), "backlog").reason == "only 15 of the last 20 summaries are good"
    assert gate(observe(thin), "backlog").state is GateState.UNDECIDED


def test_a_running_step_is_said_to_run() -> None:
    assert observe(planned=((890, None),)).expected is True
    assert observe(planned=((800, 840),)).expected is True
    assert observe(planned=((800, 839),)).expected is False


def test_json_is_plain_and_complete() -> None:
    document = json.loads(json.dumps(observe().as_json()))
    assert set(document) == {"health", "backlog", "gates"}
    assert {"live", "ready", "ready_for_seconds", "age_seconds"} <= set(document["health"])
    assert [row["metric"] for row in document["backlog"]] == list(KEYS)
    assert [g["state"] for g in document["gates"]] == ["PASS"] * 3
    assert document["health"]["ready"] == "ready"


BAD_CLASS = st.sampled_from([c for c in ReadingClass if c is not ReadingClass.OK])
VALUE = st.integers(0, 1200)


@st.composite
def summaries(draw: st.DrawFn) -> list[Reading]:
    out = []
    for i in range(draw(st.integers(0, 30))):
        if draw(st.booleans()):
            out.append(ops(15.0 * i, **{key: draw(VALUE) for key in (AGE, PENDING, FAILED)}))
        else:
            out.append(failed(15.0 * i, draw(BAD_CLASS)))
    return out


@given(summaries(), BAD_CLASS, st.floats(0, 600), st.booleans())
@settings(deadline=None)
def test_a_reading_that_is_not_ok_is_never_ok_and_never_a_number(
    readings: list[Reading], bad: ReadingClass, age: float, planned: bool
) -> None:
    last = failed(15.0 * len(readings), bad)
    seen = observe([*readings, last], now=last.at - T0 + age, planned=((0, None),) if planned else ())
    for row in seen.rows:
        assert row.state is (RowState.EXPECTED if planned else RowState.NO_DATA)
        assert (row.current, row.delta, row.held_for) == (None, None, None)
        assert row.reason
    assert gate(seen, "backlog").state is not GateState.PASS


@given(summaries(), st.lists(BAD_CLASS, min_size=1, max_size=30), st.sets(st.integers(0, 29)), st.booleans())
@settings(deadline=None)
def test_no_data_alone_never_makes_a_gate_pass(
    readings: list[Reading], bad: list[ReadingClass], swapped: set[int], later: bool
) -> None:
    """Neither when readings turn into failures, nor when failures come after or between them."""
    end = 15.0 * len(readings)
    before = observe(readings, now=end)
    if later:
        worse = [*readings, *(failed(end + 15.0 * i, c) for i, c in enumerate(bad))]
        after = observe(worse, now=end + 15.0 * (len(bad) - 1))
    else:
        between = [failed(15.0 * i + 7, bad[0]) for i in swapped if 15.0 * i + 7 < end]
        after = observe(sorted([*readings, *between], key=lambda r: r.at), now=end)
    for was, became in zip(before.gates, after.gates, strict=True):
        assert became.state is not GateState.PASS or was.state is GateState.PASS


@given(st.permutations(["a", "b", "c"]))
def test_the_order_of_replicas_changes_no_verdict(order: list[str]) -> None:
    spans = (
        span(0, 900, replica="a"),
        span(0, 500, ReadingClass.REFUSED, replica="b"),
        span(502, 900, replica="b"),
        span(0, 900, ReadingClass.DEGRADED, replica="c"),
    )
    seen = observe(spans=spans, policy=Policy(replicas=tuple(order)))
    assert (seen.readiness.ready_for, seen.readiness.worst) == (0, "degraded")
    assert seen.budget.unplanned == 502
    assert [g.state for g in seen.gates] == [GateState.FAIL, GateState.FAIL, GateState.PASS]


def test_judgement_loads_nothing_heavy_and_nothing_that_reads_or_writes() -> None:
    heavy = "yaml textual pydantic httpx sqlite3 sqlite_utils plumbum asyncio statistics"
    above = "state.journal state.deployment state.console.session state.watch state.judgement.thresholds"
    code = (
        "import sys, state.judgement.verdicts, state.judgement.baseline\n"
        f"print(sorted(set('{heavy} {above}'.split()) & set(sys.modules)))"
    )
    root = Path(__file__).parents[3]
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_ops_readings_alone_say_nothing_of_readiness() -> None:
    seen = observe(spans=())
    assert (seen.readiness.worst, seen.readiness.ready_for) == ("unknown", 0)
    assert seen.health.ready[0].state == "unknown"
    assert seen.health.ops.reading_class is ReadingClass.OK
    assert Ask.OPS is seen.health.ops.ask
