"""Plain SQL dumps in the shape of pg_dump's: schema, COPY blocks, indexes, end marker."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from state.rehearsal.database import command_tag, connection, statements

END_MARKER = "-- PostgreSQL database dump complete"

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_UNESCAPES = {escaped[1]: plain for plain, escaped in _ESCAPES.items()}


class LoadFailed(Exception):
    """A statement of the dump failed; everything before it stays loaded."""


def write(database: Path, out: TextIO, say: Callable[[str], None], pause: Callable[[float], None]) -> None:
    """Dump one consistent state of the database. Takes about three seconds of practice time."""
    with connection(database) as link:
        link.execute("begin")
        schema = _schema(link, "table")
        say("pg_dump: reading extensions")
        say("pg_dump: reading user-defined tables")
        out.write("--\n-- PostgreSQL database dump\n--\n\n-- Dumped from a practice deployment\n\n")
        out.write("SET client_encoding = 'UTF8';\n\n")
        out.writelines(f"{sql};\n\n" for _, sql in schema)
        for table, _ in schema:
            say(f'pg_dump: dumping contents of table "public.{table}"')
            out.writelines(_copy_block(link, table))
            out.flush()
            pause(3 / len(schema))
        out.writelines(f"{sql};\n\n" for _, sql in _schema(link, "index"))
        out.write(f"--\n{END_MARKER}\n--\n")
        link.execute("rollback")


def _schema(link: sqlite3.Connection, kind: str) -> list[tuple[str, str]]:
    query = "select name, sql from sqlite_master where type = ? and sql is not null order by rowid"
    return list(link.execute(query, (kind,)))


def _copy_block(link: sqlite3.Connection, table: str) -> Iterator[str]:
    rows = link.execute(f'select * from "{table}" order by rowid')
    columns = ", ".join(column[0] for column in rows.description)
    yield f"--\n-- Data for Name: {table}; Type: TABLE DATA\n--\n\n"
    yield f"COPY public.{table} ({columns}) FROM stdin;\n"
    for row in rows:
        yield "\t".join(_escape(value) for value in row) + "\n"
    yield "\\.\n\n\n"


def _escape(value: object) -> str:
    if value is None:
        return "\\N"
    return "".join(_ESCAPES.get(letter, letter) for letter in str(value))


def _unescape(field: str) -> str | None:
    if field == "\\N":
        return None
    out: list[str] = []
    letters = iter(field)
    for letter in letters:
        out.append(_UNESCAPES[next(letters)] if letter == "\\" else letter)
    return "".join(out)


def load(database: Path, dump: Path, say: Callable[[str], None], pause: Callable[[float], None]) -> None:
    """Run a dump against an empty database, without a transaction around it.

    Like psql it stops at the first error (LoadFailed) and does not notice that a dump was cut.
    """
    with connection(database) as link, dump.open(encoding="utf-8", newline="\n") as lines:
        pending: list[str] = []
        for number, line in enumerate(lines, start=1):
            if not pending and (not line.strip() or line.startswith("--")):
                continue
            pending.append(line)
            text = "".join(pending)
            if line.startswith("COPY public.") and len(pending) == 1:
                say(f"COPY {_load_copy(link, line, lines)}")
                pause(0.2)
                pending = []
            elif sqlite3.complete_statement(text):
                _execute(link, text, number, say)
                pending = []


def _execute(link: sqlite3.Connection, text: str, number: int, say: Callable[[str], None]) -> None:
    for _, sql in statements(text):
        if sql.upper().startswith("SET "):
            say("SET")
            continue
        try:
            say(command_tag(sql, link.execute(sql).rowcount))
        except sqlite3.Error as error:
            raise LoadFailed(f"psql:<stdin>:{number}: ERROR:  {error}") from error


def _load_copy(link: sqlite3.Connection, head: str, lines: Iterator[str]) -> int:
    table, _, rest = head.removeprefix("COPY public.").partition(" ")
    columns = rest[rest.index("(") + 1 : rest.index(")")].split(", ")
    rows: list[list[str | None]] = []
    for line in lines:
        if line == "\\.\n" or not line.endswith("\n"):
            break
        rows.append([_unescape(field) for field in line[:-1].split("\t")])
    marks = ", ".join("?" for _ in columns)
    link.execute("begin immediate")
    try:
        link.executemany(f'insert into "{table}" ({", ".join(columns)}) values ({marks})', rows)
    except sqlite3.Error as error:
        link.rollback()
        raise LoadFailed(f"ERROR:  {error}\nCONTEXT:  COPY {table}") from error
    link.commit()
    return len(rows)
