"""The tables of `readings.db` as numbered migrations, and what tells it from any other file."""

import sqlite3
from pathlib import Path

#: "DBrd" in ASCII: tells readings from any other SQLite file, an empty one included.
APPLICATION_ID = 0x44427264

#: The counts of the ops summary, in the order of the columns of `ops_counts`.
COUNTS: tuple[str, ...] = (
    "pendingOutboxEvents",
    "availableOutboxEvents",
    "oldestPendingOutboxAgeSeconds",
    "failedSearchJobs",
    "pendingSearchJobs",
    "incompleteGcRuns",
    "recentPolicyTimeouts24h",
)

#: Each migration is a list of statements. Never change one that has shipped: add another.
#: `newest` and `ops_counts` repeat what `readings` holds, so that a console that opens the window
#: reads some hundred rows and not all of them.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """create table readings (
             id integer primary key,
             ask text not null,
             replica text not null,
             at real not null,
             monotonic real not null,
             class text not null,
             code integer,
             latency_ms real,
             skew real,
             body text,
             reason text not null
           ) strict""",
        "create index readings_by_time on readings (ask, at)",
        """create table newest (
             ask text not null,
             replica text not null,
             reading integer not null,
             primary key (ask, replica)
           ) strict, without rowid""",
        f"""create table ops_counts (
             reading integer primary key,
             at real not null,
             {", ".join(f'"{count}" integer' for count in COUNTS)}
           ) strict""",
        """create table spans (
             id integer primary key,
             ask text not null,
             replica text not null,
             class text not null,
             first_at real not null,
             last_at real not null,
             count integer not null,
             reading integer not null
           ) strict""",
        "create index spans_by_replica on spans (ask, replica)",
        """create table watches (
             id integer primary key,
             pid integer not null,
             started_at real not null,
             ended_at real,
             why text
           ) strict""",
        """create table attendance (
             id integer primary key,
             at real not null,
             attended integer not null
           ) strict""",
    ),
)


_IDENTITY = (
    "select application_id, user_version, (select count(*) from sqlite_schema)"
    " from pragma_application_id, pragma_user_version"
)


class ReadingsError(Exception):
    """`readings.db` cannot be used: one sentence with the mend."""


def check_schema(connection: sqlite3.Connection, path: Path) -> int:
    """The schema's number, 0 for a file that is still empty; raises ReadingsError for any other file."""
    try:
        # In one statement, which sees one state of the file: the watch may be making it just now.
        identity, version, tables = connection.execute(_IDENTITY).fetchone()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise ReadingsError(
            f"{path} is damaged ({error}): move it away, the watch begins a new one."
        ) from None
    if identity != APPLICATION_ID and (identity or version or tables):
        raise ReadingsError(f"{path} holds no readings: move it away, the watch begins a new one.")
    if version > len(MIGRATIONS):
        raise ReadingsError(f"{path} was written by a newer drawbridge: use that version.")
    return int(version)
