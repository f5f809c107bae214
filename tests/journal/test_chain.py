"""The chain names what was done to a journal: each event changed, taken out, put in or moved."""

import random
from collections.abc import Callable

import pytest

from state.events import NoteAdded
from state.journal.chain import GENESIS, Row, digest, examine

Rows = list[Row]


def journal(count: int = 9) -> Rows:
    rows: Rows = []
    prev = GENESIS
    for seq in range(1, count + 1):
        rows.append(made(seq, f"note {seq}", prev))
        prev = rows[-1].hash
    return rows


def made(seq: int, body: str, prev: str) -> Row:
    """An event with the hash that belongs to it."""
    content = (seq, 1, float(seq), NoteAdded.kind(), 1, "sam", body, prev)
    return Row(*content, digest(*content))


def changed(row: Row, **fields: object) -> Row:
    return row._replace(**fields)  # type: ignore[arg-type]


def forged(row: Row, **fields: object) -> Row:
    """Changed, and its hash made anew."""
    other = changed(row, **fields)
    return other._replace(hash=digest(*other[:8]))


def renumbered(rows: Rows) -> Rows:
    return [row._replace(seq=number) for number, row in enumerate(rows, 1)]


def put(rows: Rows, at: int, *others: Row) -> Rows:
    return [*rows[:at], *others, *rows[at:]]


def without(rows: Rows, *seqs: int) -> Rows:
    return [row for row in rows if row.seq not in seqs]


def swapped(rows: Rows, one: int, other: int) -> Rows:
    rows = list(rows)
    rows[one - 1], rows[other - 1] = rows[other - 1], rows[one - 1]
    return renumbered(rows)


def rehashed_to(rows: Rows, first: int, last: int) -> Rows:
    """Event `first` changed, and every hash from there to `last` made anew."""
    rows = list(rows)
    rows[first - 1] = rows[first - 1]._replace(body="other")
    for at in range(first - 1, last):
        rows[at] = forged(rows[at], prev=rows[at - 1].hash if at else GENESIS)
    return rows


N = "(NoteAdded)"
FORGERIES: dict[str, tuple[Callable[[Rows], Rows], list[str]]] = {
    "body": (lambda r: put(without(r, 3), 2, changed(r[2], body="x")), [f"event 3 {N} was changed"]),
    "previous": (lambda r: put(without(r, 3), 2, changed(r[2], prev="x")), [f"event 3 {N} was changed"]),
    "hash": (lambda r: put(without(r, 3), 2, changed(r[2], hash="x")), [f"event 3 {N} was changed"]),
    "the last": (lambda r: [*r[:-1], changed(r[-1], body="x")], [f"event 9 {N} was changed"]),
    "two": (
        lambda r: [changed(row, at=0.5) if row.seq in (2, 7) else row for row in r],
        [f"event 2 {N} was changed", f"event 7 {N} was changed"],
    ),
    "one out": (lambda r: without(r, 3), ["event 3 is missing"]),
    "the first out": (lambda r: without(r, 1), ["event 1 is missing"]),
    "some out": (lambda r: without(r, 3, 4, 7), ["events 3 to 4 are missing", "event 7 is missing"]),
    "one out, gap closed": (lambda r: renumbered(without(r, 3)), ["event 3 is missing"]),
    "some out, gap closed": (lambda r: renumbered(without(r, 3, 4, 5)), ["events 3 to 5 are missing"]),
    "two gaps closed": (
        lambda r: renumbered(without(r, 3, 6)),
        ["event 3 is missing", "event 6 is missing"],
    ),
    "one in": (
        lambda r: renumbered(put(r, 3, made(4, "forged", r[2].hash))),
        [f"event 4 {N} was put in"],
    ),
    "one in, its hash wrong": (
        lambda r: renumbered(put(r, 3, changed(r[0], body="forged"))),
        [f"event 4 {N} was put in"],
    ),
    "one in at the end": (lambda r: [*r, changed(r[8], seq=10, body="x")], [f"event 10 {N} was changed"]),
    "two moved": (
        lambda r: swapped(r, 3, 5),
        [f"event 3 {N} was moved: it stands as event 5", f"event 5 {N} was moved: it stands as event 3"],
    ),
    "numbered anew": (
        lambda r: [*r[:8], changed(r[8], seq=12)],
        [f"event 9 {N} was moved: it stands as event 12"],
    ),
    "changed, hash made anew": (
        lambda r: rehashed_to(r, 4, 4),
        [f"event 4 {N} or one before it was changed, and the hashes made anew"],
    ),
    "changed, some hashes made anew": (
        lambda r: rehashed_to(r, 3, 5),
        [f"event 5 {N} or one before it was changed, and the hashes made anew"],
    ),
    "the first chained to another": (
        lambda r: [forged(r[0], prev="x"), *r[1:]],
        [
            f"event 1 {N} was changed, and its hash made anew",
            f"event 1 {N} or one before it was changed, and the hashes made anew",
        ],
    ),
    "one out and one changed": (
        lambda r: renumbered([changed(row, body="x") if row.seq == 6 else row for row in without(r, 3)]),
        [f"event 6 {N} was changed", "event 3 is missing"],
    ),
}


@pytest.mark.parametrize(("forge", "named"), FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forgery_is_named(forge: Callable[[Rows], Rows], named: list[str]) -> None:
    assert examine(forge(journal())) == named


def test_a_journal_as_it_was_written_is_right() -> None:
    assert examine([]) == []
    assert examine(journal(1)) == examine(journal(500)) == []


def test_what_the_chain_cannot_show() -> None:
    """A cut tail, and hashes made anew to the end: both leave another head."""
    rows = journal()
    assert examine(rows[:6]) == examine(rehashed_to(rows, 4, 9)) == []
    assert len({rows[-1].hash, rows[5].hash, rehashed_to(rows, 4, 9)[-1].hash}) == 3


@pytest.mark.parametrize("seed", range(40))
def test_no_change_within_is_overlooked(seed: int) -> None:
    source = random.Random(seed)
    rows = journal(30)
    for _ in range(source.randrange(1, 4)):
        at = source.randrange(len(rows) - 1)
        match source.randrange(4):
            case 0:
                rows[at] = rows[at]._replace(body="x")
            case 1:
                del rows[at]
            case 2:
                rows.insert(at, made(at + 1, "forged", rows[at].hash))
            case _:
                rows[at], rows[at + 1] = rows[at + 1], rows[at]
    rows = renumbered(rows) if source.random() < 0.5 else sorted({row.seq: row for row in rows}.values())
    if rows != journal(30)[: len(rows)]:
        assert examine(rows)
