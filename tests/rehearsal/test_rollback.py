"""Every scenario can be rolled back to health by make targets alone, and what is lost is told before."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from state.deployment.api import Api
from state.deployment.backup import examine
from state.deployment.smoke import core_actions
from state.readings import Ask, Reading, ReadingClass
from state.rehearsal import database, objects
from state.settings import Settings, load

SCENARIOS = ("bad-release", "migration-fails", "stuck-worker", "truncated-backup")

NEW_MIGRATIONS = "select count(*) from schema_migrations where version > '0006'"
SINCE = "select count(*) from audit_log where occurred_at > ?"


class Window:
    """What the console does in a window, on a practice deployment."""

    def __init__(self, site: Any, directory: Path) -> None:
        self.site = site
        self.settings: Settings = load(site.practice.config)
        self._directory = directory

    def ask(self, question: Callable[[Api], Any]) -> Any:
        """The answer to a question that is asked with the token of the token file."""

        async def asked() -> Any:
            api = Api(self.settings.api.urls, SecretStr(self.site.layout.token.read_text().strip()))
            try:
                return await question(api)
            finally:
                await api.aclose()

        return asyncio.run(asked())

    def live(self) -> list[ReadingClass]:
        async def probed(api: Api) -> list[ReadingClass]:
            return [(await api.probe(Ask.LIVE, url)).reading_class for url in api.replicas]

        classes: list[ReadingClass] = self.ask(probed)
        return classes

    def smoke(self) -> Reading:
        reading: Reading = self.ask(lambda api: core_actions(api, self.settings.smoke.repository))
        return reading

    def step(self, step: str, **environment: object) -> str:
        """Runs the command that the settings name for a step."""
        command = self.settings.command(step)
        assert command is not None and command[0] == "make"
        out: str = self.site.made(command[1], **environment)
        return out

    def whole_backup(self) -> tuple[Path, float]:
        """A backup that is whole, made again where it is not, and when it was complete."""
        for number in range(2):
            path = self._directory / f"backup-{number}.sql"
            self.site.made("db-backup", BACKUP_PATH=path)
            if not examine(path).problem:
                return path, time.time()
        raise AssertionError("no backup was whole")


@pytest.fixture
def upgraded(rehearse: Any, tmp_path: Path) -> Callable[[str], tuple[Window, Path, float]]:
    """A window in which the upgrade went wrong, with its backup and when that was complete."""

    def go(scenario: str) -> tuple[Window, Path, float]:
        window = Window(rehearse(scenario, pace=0.1), tmp_path)
        path, captured = window.whole_backup()
        window.step("deploy")
        migrated = window.site.make("db-migrate").returncode == 0
        assert migrated == (scenario != "migration-fails")
        for _ in range(3):
            window.site.summary()
        return window, path, captured

    return go


def healthy(window: Window, until: Any) -> None:
    smoke = window.smoke()
    assert smoke.reading_class is ReadingClass.OK, smoke.reason
    assert smoke.values is not None
    assert smoke.values["actions"][-1]["name"] == "compare digest"
    reconcile = window.ask(lambda api: api.probe(Ask.RECONCILE, window.settings.api.urls[0]))
    assert reconcile.values["missingArtifactBlobRefs"] == 0
    assert reconcile.values["missingManifestBlobRefs"] == 0
    until(lambda: window.site.summary()["oldestPendingOutboxAgeSeconds"] <= 1)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_binaries_only(upgraded: Any, until: Any, scenario: str) -> None:
    window, _, captured = upgraded(scenario)
    window.step("stop-release")
    assert set(window.live()) == {ReadingClass.REFUSED}
    kept = window.site.rows(SINCE, captured)[0][0]
    window.step("redeploy-previous")
    healthy(window, until)
    assert window.site.rows(SINCE, captured)[0][0] >= kept >= 3
    assert window.site.rows(NEW_MIGRATIONS) == [(1 if scenario == "migration-fails" else 2,)]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_with_restore(upgraded: Any, until: Any, scenario: str) -> None:
    window, path, captured = upgraded(scenario)
    before = window.site.rows(SINCE, captured)[0][0]
    audit = window.ask(lambda api: api.audit(captured))
    after = window.site.rows(SINCE, captured)[0][0]
    assert audit.values["complete"]
    assert before <= audit.values["count"] <= after
    assert audit.values["actions"]["ops.summary.read"] == 3
    window.step("stop-release")
    assert set(window.live()) == {ReadingClass.REFUSED}
    assert "not started" in window.step("redeploy-previous", START="no")
    assert set(window.live()) == {ReadingClass.REFUSED}
    window.site.made("db-restore", RESTORE_PATH=path)
    assert window.site.rows(SINCE, captured) == [(0,)]
    assert window.site.rows(NEW_MIGRATIONS) == [(0,)]
    assert "Applying" not in window.site.made("db-migrate")
    assert set(window.live()) == {ReadingClass.REFUSED}
    window.step("start-previous")
    healthy(window, until)


def test_what_a_restore_loses_is_what_was_written_since_the_dump_began(
    rehearse: Any, until: Any, tmp_path: Path
) -> None:
    window, path = Window(rehearse(pace=0.4), tmp_path), tmp_path / "dump.sql"
    began = time.time()
    window.site.made("db-backup", BACKUP_PATH=path)
    ended = time.time()
    until(lambda: window.site.rows(SINCE, ended)[0][0] >= 3)
    window.step("stop-release")
    audit = "select id, occurred_at from audit_log"
    there = window.site.rows(audit)
    window.site.made("db-restore", RESTORE_PATH=path)
    lost = set(there) - set(window.site.rows(audit))
    since_began, since_ended = (sum(at > since for _, at in there) for since in (began, ended))
    # A dump shows the moment at which it began: what was written while it ran is lost as well.
    assert since_ended < len(lost) <= since_began


def test_more_audit_rows_than_one_answer_holds_are_not_called_all(rehearse: Any, tmp_path: Path) -> None:
    window = Window(rehearse(pace=0.1), tmp_path)
    since = time.time()
    with database.transaction(window.site.layout.database()) as link:
        for number in range(1_200):
            objects.audit(link, "ci", "package.downloaded", "package", str(number))
    reading = window.ask(lambda api: api.audit(since))
    assert (reading.values["count"], reading.values["complete"]) == (1_000, False)


def test_a_restore_forgets_the_token_that_was_issued_after_the_backup(
    rehearse: Any, until: Any, tmp_path: Path
) -> None:
    window = Window(rehearse("token-expires", pace=0.1), tmp_path)
    first = window.site.layout.token.read_text()
    path, _ = window.whole_backup()
    until(lambda: window.site.layout.token.read_text() != first, seconds=30)
    second = window.site.layout.token.read_text()
    assert window.site.ask("/v1/auth/whoami")[0] == 200
    window.step("stop-release")
    window.site.made("db-restore", RESTORE_PATH=path)
    window.step("start-previous")
    assert window.site.ask("/v1/auth/whoami", token=second.strip())[0] == 401
    until(lambda: window.site.layout.token.read_text() != second)
    assert window.smoke().reading_class is ReadingClass.OK


def test_a_safety_backup_and_a_rehearsed_restore_are_possible_while_all_is_stopped(
    upgraded: Any, tmp_path: Path
) -> None:
    window, path, _ = upgraded("bad-release")
    window.step("stop-release")
    safety = tmp_path / "safety.sql"
    window.site.made("db-backup", BACKUP_PATH=safety)
    assert examine(safety).problem == ""
    window.site.made("db-restore", RESTORE_PATH=path, TARGET_DB="rehearsed")
    assert window.site.rows(NEW_MIGRATIONS, name="rehearsed") == [(0,)]
    assert window.site.rows(NEW_MIGRATIONS) == [(2,)]
    counted = database.row_counts(window.site.layout.database("rehearsed"))
    assert counted["audit_log"] <= window.site.rows("select count(*) from audit_log")[0][0]
