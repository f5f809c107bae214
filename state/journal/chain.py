"""The chain of a journal: how an event is bound to the one before it, and what was done to it since.

It shows every event that was changed, taken out, put in or moved, but for two things: events taken
off the end, and a journal whose hashes were all made anew. Both leave another head.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from state.text import printable

#: What stands in place of the hash before the first event.
GENESIS = "genesis"

_JSON = json.JSONEncoder(ensure_ascii=False)

#: Numbers to either side that are tried for an event that does not stand where it was written.
_NEARBY = 100


class Row(NamedTuple):
    """One event as it stands in the file."""

    seq: int
    epoch: int
    at: float
    kind: str
    version: int
    actor: str
    body: str
    prev: str
    hash: str


def digest(seq: int, epoch: int, at: float, kind: str, version: int, actor: str, body: str, prev: str) -> str:
    """The hash of an event, which covers that of the one before it."""
    # Only who writes or verifies needs it: a look at a window does not.
    import hashlib

    content = _JSON.encode([seq, epoch, at, kind, version, actor, body, prev])
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def examine(rows: Sequence[Row]) -> list[str]:
    """What is not as it was written, each in a few words that name the event; empty when all is.

    `rows` are all there are, by their `seq`.
    """
    if all(map(_follows, rows, (None, *rows))):
        return []
    written: dict[int, list[Row]] = defaultdict(list)
    others: list[tuple[int, Row]] = []
    for number, row, sound in _numbered(rows):
        if sound:
            written[number].append(row)
        else:
            others.append((number, row))
    genuine = {number: _genuine(same, written.get(number + 1, ())) for number, same in written.items()}
    found = [
        # Where the event that belongs here stands elsewhere, the other is there in addition.
        *(f"{_name(n, row)} was {'put in' if n in genuine else 'changed'}" for n, row in others),
        *_missing({*genuine, *(number for number, _ in others)}),
        *_put_in(written, genuine),
        *_unlinked(genuine),
    ]
    # Those that are only numbered anew are explained by what is missing or put in.
    in_order = all(genuine[a].seq < genuine[b].seq for a, b in pairwise(sorted(genuine)))
    return found if found and in_order else [*found, *_moved(genuine)]


def _name(number: int, row: Row) -> str:
    return f"event {number} ({printable(row.kind)[:40]})"


def _follows(row: Row, before: Row | None) -> bool:
    seq, prev = (before.seq, before.hash) if before else (0, GENESIS)
    return row.seq == seq + 1 and row.prev == prev and digest(*row[:8]) == row.hash


def _numbered(rows: Iterable[Row]) -> Iterator[tuple[int, Row, bool]]:
    """Each event with the number under which it was written; False with a guess, where its hash fits none."""
    shift = 0
    for row in rows:
        guess = row.seq + shift
        near = (row.seq + away for step in range(1, _NEARBY) for away in (step, -step))
        number = next((n for n in (row.seq, guess, *near) if digest(n, *row[1:8]) == row.hash), None)
        if number is None:
            yield guess, row, False
        else:
            shift = number - row.seq
            yield number, row, True


def _genuine(same: Sequence[Row], after: Iterable[Row]) -> Row:
    """Of the events of one number the one that the next was written after."""
    follows = {row.prev for row in after}
    return next((row for row in same if row.hash in follows), same[0])


def _missing(there: set[int]) -> Iterator[str]:
    for before, number in pairwise((0, *sorted(there))):
        if number - before == 2:
            yield f"event {number - 1} is missing"
        elif number - before > 2:
            yield f"events {before + 1} to {number - 1} are missing"


def _put_in(written: Mapping[int, Sequence[Row]], genuine: Mapping[int, Row]) -> Iterator[str]:
    for number, same in sorted(written.items()):
        yield from (f"{_name(row.seq, row)} was put in" for row in same if row is not genuine[number])


def _moved(genuine: Mapping[int, Row]) -> Iterator[str]:
    for number, row in sorted(genuine.items()):
        if number != row.seq:
            yield f"{_name(number, row)} was moved: it stands as event {row.seq}"


def _unlinked(genuine: Mapping[int, Row]) -> Iterator[str]:
    if 1 in genuine and genuine[1].prev != GENESIS:
        yield f"{_name(1, genuine[1])} was changed, and its hash made anew"
    for number, row in sorted(genuine.items()):
        before = genuine.get(number - 1)
        if before is not None and row.prev != before.hash:
            yield f"{_name(number - 1, before)} or one before it was changed, and the hashes made anew"
