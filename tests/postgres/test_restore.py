"""The same restore on a real PostgreSQL: connections that live are ended, rows after the backup are gone."""

import re
from collections.abc import Iterator

import pytest

from state.events import RestoreChecked, RunRequested
from state.intents import Refusal
from state.window import RESTORE, ROLLED_BACK

from ..pty.headless import Headless, begin, end_windows
from .postgres_site import DATABASE, PostgresSite

pytestmark = pytest.mark.postgres

_ROWS = "select audit_id from audit_log"


@pytest.fixture
def hand(postgres_site: PostgresSite) -> Iterator[Headless]:
    """A window whose new release and migrations are in place, and whose direction has turned."""
    with postgres_site.config.open("a", encoding="utf-8") as settings:
        # The last table is [judgement].
        settings.write('sustained_for = "6s"\n')
    made = begin(postgres_site.config, ("2026.02", "2025.12"), practice=False)
    made.upgrade()
    made.turn(RESTORE, "C")
    yield made
    made.session.close()
    end_windows(postgres_site.state)


def test_the_database_goes_back_with_somebody_in_it(hand: Headless, postgres_site: PostgresSite) -> None:
    applied = postgres_site.applied()
    hand.stop_release()
    hand.safety_backup()
    said = re.search(r"(\d+) of audit_log", hand.session.view.losses(hand.session.now()))
    assert said
    before = set(postgres_site.query(_ROWS))
    held = postgres_site.value(f"select count(*) from pg_stat_activity where datname = '{DATABASE}'")
    with postgres_site.held():
        inside = postgres_site.value(f"select count(*) from pg_stat_activity where datname = '{DATABASE}'")
        assert int(inside) == int(held) + 1
        hand.restore()
    log = hand.session.run_directory(hand.window.record("restore").run) / "log"
    assert "Restore completed" in log.read_text()

    after = set(postgres_site.query(_ROWS))
    assert after < before and len(before - after) == int(said[1])
    assert hand.window.backup is not None
    assert hand.window.backup.rows["public.audit_log"] == len(after)
    captured = str(hand.window.backup.captured_at)
    late = "select count(*) from audit_log where occurred_at > to_timestamp(:'at') + interval '1 second'"
    assert postgres_site.value(late, at=captured) == "0"
    assert postgres_site.applied() == applied[:-2]
    assert not hand.window.may_be_empty

    hand.run("migrate-baseline")
    hand.run("start-previous")
    hand.validate()
    hand.declare(ROLLED_BACK)
    assert postgres_site.applied() == applied[:-2]
    assert hand.window.outcome == ROLLED_BACK


def test_a_restore_under_a_running_api_is_refused(hand: Headless, postgres_site: PostgresSite) -> None:
    hand.attest("stop-release", "redeploy-previous")
    before = set(postgres_site.query(_ROWS))
    made = hand.checks()
    refusal = hand.ask_restore(checks=made)
    assert isinstance(refusal, Refusal) and "is not refused" in refusal.reason
    assert [check.id for check in made if not check.passed] == ["stopped"]
    assert hand.events(RestoreChecked) == []
    assert [run for run in hand.events(RunRequested) if run.step == "restore"] == []
    assert before <= set(postgres_site.query(_ROWS))
