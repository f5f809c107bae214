"""What `db-migrate` said of itself, as Artifortress's own script prints it."""

from pathlib import Path

import pytest

from state.deployment.migrations import Listing, read_listing

WHOLE = """Waiting for postgres...
Skipping 0007_phase3_manifest_persistence.sql (already applied).
Applying 0008_phase5_tombstones_gc_reconcile.sql...
CREATE TABLE
Applying 0009_phase6_search.sql...
ALTER TABLE
Migrations are up to date.
"""
APPLIED = ("0008_phase5_tombstones_gc_reconcile.sql", "0009_phase6_search.sql")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def test_a_whole_migration(log: Path) -> None:
    log.write_text(WHOLE)
    listing = read_listing(log)
    assert listing == Listing(APPLIED, 1, True)
    assert listing.interrupted == ""


def test_nothing_to_apply(log: Path) -> None:
    log.write_text("Skipping 0001.sql (already applied).\nMigrations are up to date.\n")
    assert read_listing(log) == Listing((), 1, True)


def test_a_migration_that_was_cut_names_where(log: Path) -> None:
    for cut in range(len(WHOLE)):
        log.write_text(WHOLE[:cut])
        listing = read_listing(log)
        begun = sum(f"Applying {name}..." in WHOLE[:cut] for name in APPLIED)
        assert listing.applied == APPLIED[:begun]
        complete = "Migrations are up to date." in WHOLE[:cut]
        assert listing.complete == complete
        assert listing.interrupted == (APPLIED[begun - 1] if begun and not complete else "")


def test_words_in_other_places_say_nothing(log: Path) -> None:
    log.write_text(
        "echo Applying 0001.sql...\n"
        "INFO: Skipping 0002.sql (already applied).\n"
        "-- Migrations are up to date.\n"
        "Migrations are up to date. Not!\n"
        "Applying\n"
    )
    assert read_listing(log) == Listing((), 0, False)


def test_carriage_returns_and_a_missing_newline(log: Path) -> None:
    log.write_bytes(b"Applying 0001.sql...\r\nMigrations are up to date.")
    assert read_listing(log) == Listing(("0001.sql",), 0, True)


def test_bytes_of_any_kind(log: Path) -> None:
    log.write_bytes(b"\xff\xfe\x00" * 3000 + b"\nApplying a\x1b[31m\x07b.sql...\n" + b"x" * 300_000)
    listing = read_listing(log)
    assert listing.applied == ("a^Gb.sql",)
    assert not listing.complete


def test_a_name_is_no_place_for_a_secret(log: Path) -> None:
    log.write_text("Applying postgres://app:hunter2hunter2@db/x...\n")
    assert read_listing(log).applied == ("postgres://app:***@db/x",)


def test_no_log_says_nothing(log: Path) -> None:
    assert read_listing(log) == Listing((), 0, False)
