"""What the bench says of a figure, and when it fails."""

from math import inf

from .figures import Figure, p95, table, with_worse


def test_a_score_is_the_ratio_to_the_floor_where_there_is_one() -> None:
    assert Figure("start", 300, "ms", 1.35, 200).score == 1.5
    assert Figure("memory", 7, "MB", 10).score == 7


def test_over_what_is_allowed_is_over_whatever_was_kept() -> None:
    assert Figure("start", 300, "ms", 1.35, 200).verdict({"start": 9.0}) == "OVER"
    assert Figure("missed", 0, "", 0).verdict({}) == "ok"


def test_worse_by_more_than_a_quarter_is_told_though_it_is_allowed() -> None:
    kept = {"start": 0.8}
    assert Figure("start", 99, "ms", 1.35, 100).verdict(kept) == "ok"
    assert Figure("start", 101, "ms", 1.35, 100).verdict(kept) == "WORSE"
    assert Figure("start", 101, "ms", inf, 100).verdict(kept) == "WORSE"


def test_what_is_far_below_its_limit_may_waver() -> None:
    assert Figure("bytes", 15, "B", 200).verdict({"bytes": 5}) == "ok"
    assert Figure("bytes", 26, "B", 200).verdict({"bytes": 5}) == "WORSE"


def test_a_time_without_a_floor_may_waver_more() -> None:
    assert Figure("ready", 180, "ms", 300).verdict({"ready": 60}) == "ok"
    assert Figure("ready", 190, "ms", 300).verdict({"ready": 60}) == "WORSE"
    assert Figure("less", 99, "ms", inf).verdict({"less": 10}) == "ok"


def test_of_several_runs_the_worst_is_kept() -> None:
    once = with_worse({}, [Figure("memory", 1.4, "MB", 10), Figure("start", 60, "ms", 1.35, 100)])
    assert once == {"memory": 1.4, "start": 0.6}
    assert with_worse(once, [Figure("memory", 1.1, "MB", 10), Figure("start", 70, "ms", 1.35, 100)]) == {
        "memory": 1.4,
        "start": 0.7,
    }


def test_the_table_names_every_figure_with_its_verdict() -> None:
    figures = [Figure("start", 300.4, "ms", 1.35, 200), Figure("memory", 7, "MB", 10)]
    heading, start, memory = table(figures, {"memory": 8}).splitlines()
    assert heading.split() == ["figure", "measured", "floor", "score", "allowed", "kept"]
    assert start.split() == ["start", "300", "ms", "200", "1.50x", "1.35x", "OVER"]
    assert memory.split() == ["memory", "7", "MB", "7", "10", "8", "ok"]


def test_p95_is_exceeded_by_one_in_twenty() -> None:
    assert p95(list(range(100))) == 95
    assert p95([3.0]) == 3.0
