"""`drawbridge doctor` against real directories, a real make and real servers on loopback."""

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from state.doctor.check import Check
from state.doctor.examination import examine

from .conftest import Handler, http, serving

TOKEN = "s3cret-admin-token"
NOBODY = "http://127.0.0.1:1"
MAKEFILE = (
    ".PHONY: db-backup db-migrate db-restore db-smoke phase6-drill deploy\n"
    "db-backup db-migrate db-restore db-smoke phase6-drill deploy:\n\t@touch ran\n"
)
WHOAMI = http("200 OK", '{"subject":"ops@practice","scopes":["admin"],"authSource":"token"}')
LIVE = http("200 OK", '{"status":"ok"}')


class Site:
    """A checkout, a backup directory with one backup, a token and the settings that name them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.checkout, self.backups, self.state = root / "site", root / "backups", root / "state"
        for directory in (self.checkout, self.backups, self.state):
            directory.mkdir(mode=0o700)
        (self.checkout / "Makefile").write_text(MAKEFILE, encoding="utf-8")
        (self.backups / "nightly.sql").write_text("-- a dump\n", encoding="utf-8")
        (root / "token").touch(mode=0o600)
        (root / "token").write_text(TOKEN, encoding="utf-8")
        self.config = root / "drawbridge.toml"
        self.write()

    def write(self, url: str = NOBODY, more: str = "", backups: Path | None = None) -> None:
        self.config.write_text(
            f'environment = "practice"\nstate = "{self.state}"\n'
            f'[api]\nurls = ["{url}"]\ntoken_file = "token"\n'
            f'[make]\ndirectory = "site"\nbackup_directory = "{backups or self.backups}"\n{more}',
            encoding="utf-8",
        )

    def checks(self, **env: str) -> list[Check]:
        variables = {"PATH": os.environ["PATH"], "HOME": str(self.root), **env}
        return list(examine(self.config, variables, self.root))

    def of(self, subject: str, **env: str) -> list[Check]:
        found = [check for check in self.checks(**env) if check.subject == subject]
        assert found, f"nothing was said about {subject}"
        return found

    def one(self, subject: str, **env: str) -> Check:
        [check] = self.of(subject, **env)
        return check

    async def against(self, answers: Mapping[str, bytes]) -> tuple[dict[str, Check], list[str]]:
        """The checks by subject (the replica's is "API"), and the paths that were asked."""
        asked: list[str] = []
        async with serving(by_path(answers, asked)) as url:
            self.write(url)
            found = await asyncio.to_thread(self.checks)
        return {check.subject.replace(f" {url}", ""): check for check in found}, asked


def by_path(answers: Mapping[str, bytes], asked: list[str]) -> Handler:
    async def handle(request: bytes, writer: asyncio.StreamWriter) -> None:
        path = request.split(b" ")[1].decode()
        asked.append(path)
        writer.write(answers.get(path, http("404 Not Found", "{}")))
        await writer.drain()

    return handle


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    yield Site(tmp_path)
    assert not (tmp_path / "site" / "ran").exists(), "a recipe was run"


def deployment(sample: Callable[[str], bytes], ready: bytes | None = None) -> dict[str, bytes]:
    # The sample's moment is long past: a replica that says no moment has no clock to be off.
    return {
        "/health/live": LIVE,
        "/health/ready": ready or http("200 OK", sample("ready-ga.json").replace(b"2026-", b"x-")),
        "/v1/auth/whoami": WHOAMI,
        "/v1/admin/ops/summary": http("200 OK", sample("ops-summary-ga.json")),
    }


async def test_all_is_well(site: Site, sample: Callable[[str], bytes]) -> None:
    found, asked = await site.against(deployment(sample))
    # The tests have no terminal, and how logind is set is the host's own affair.
    assert {name for name, check in found.items() if check.verdict != "ok"} <= {"terminal", "log-out"}
    assert found["settings"].words == f"{site.config}, environment practice"
    assert found["thresholds"].words == "built in, for 6 metrics"
    assert "live and ready" in found["API"].words
    assert found["token"].words == "accepted as ops@practice (admin)"
    assert "one row to the audit log" in found["ops summary"].words
    assert asked.count("/v1/admin/ops/summary") == 1
    assert (
        found["make"].words
        == f"{site.checkout} has db-backup, db-migrate, db-restore, phase6-drill, db-smoke"
    )
    assert found["backup directory"].words.startswith(f"{site.backups}, ")
    assert found["newest backup"].words == "nightly.sql, 10 B, 0 s old"
    assert site.backups.joinpath("nightly.sql").exists() and len(list(site.backups.iterdir())) == 1
    assert list(site.state.iterdir()) == []


def test_no_settings_at_all(tmp_path: Path) -> None:
    found = list(examine(None, {"HOME": str(tmp_path)}, tmp_path))
    assert found[0].verdict == "FAIL" and "Looked at" in found[0].words
    assert [check.subject for check in found] == ["settings", "terminal", "log-out", "SQLite", "skipped"]
    assert "could not be examined without the settings" in found[-1].words


def test_each_mistake_in_the_settings_has_its_line(site: Site) -> None:
    site.write(more='[judgement]\nready_for = 5\nready_fro = "5s"\n')
    found = site.checks(DRAWBRIDGE_STATE=str(site.root / "elsewhere"))
    wrong = [check.words for check in found if check.verdict == "FAIL"]
    assert len(wrong) == 2 and all("line " in words for words in wrong)
    assert "did you mean ready_for?" in wrong[1]
    assert "elsewhere" in next(check for check in found if check.subject == "state directory").words


def test_a_name_with_control_characters_is_shown_harmless(tmp_path: Path) -> None:
    found = list(examine(tmp_path / "\x1b]0;x\x07.toml", {}, tmp_path))
    assert all((check.words + check.mend).isprintable() for check in found)


def test_thresholds_that_cannot_be_used(site: Site) -> None:
    site.write(more='[judgement]\nthresholds = "own.yaml"\n')
    assert site.one("thresholds").words.startswith(f"{site.checkout}/own.yaml cannot be read")
    (site.checkout / "own.yaml").write_text("phase6_alert_thresholds: []", encoding="utf-8")
    assert site.one("thresholds").verdict == "FAIL"


def test_nobody_listens(site: Site) -> None:
    found = {check.subject: check for check in site.checks()}
    assert found[f"API {NOBODY}"].verdict == "FAIL"
    assert "connection refused" in found[f"API {NOBODY}"].words and found[f"API {NOBODY}"].mend
    assert found["token"].verdict == found["ops summary"].verdict == "warn"
    assert "clock" not in found


@pytest.mark.parametrize(
    ("status", "body", "kind", "verdict", "words"),
    [
        ("503 Service Unavailable", "not-ready-ga.json", "application/json", "warn", "live, 503: not ready"),
        ("200 OK", "degraded-current.json", "application/json", "warn", "degraded"),
        ("502 Bad Gateway", "ready-ga.json", "application/json", "FAIL", "readiness cannot be told: 502"),
        ("200 OK", "ready-ga.json", "text/html", "FAIL", "HTML instead of JSON"),
    ],
)
async def test_a_replica_that_is_not_ready(
    site: Site, sample: Callable[[str], bytes], status: str, body: str, kind: str, verdict: str, words: str
) -> None:
    found, _ = await site.against(deployment(sample, http(status, sample(body), kind)))
    assert found["API"].verdict == verdict and words in found["API"].words and found["API"].mend


async def test_something_else_listens(site: Site) -> None:
    found, _ = await site.against({"/health/live": http("200 OK", "<html>", "text/html")})
    assert found["API"].verdict == "FAIL" and "not live" in found["API"].words
    assert found["token"].verdict == "warn" and found["ops summary"].verdict == "FAIL"


@pytest.mark.parametrize(("seconds", "words"), [(-30, "behind"), (45, "ahead of")])
async def test_a_clock_that_is_off(
    site: Site, sample: Callable[[str], bytes], seconds: int, words: str
) -> None:
    told = datetime.now(UTC) + timedelta(seconds=seconds)
    body = f'{{"status":"ready","dependencies":[],"checkedAtUtc":"{told.isoformat()}"}}'
    found, _ = await site.against(deployment(sample, http("200 OK", body)))
    assert found["clock"].verdict == "warn" and f"{words} this host" in found["clock"].words


async def test_clocks_that_agree(site: Site, sample: Callable[[str], bytes]) -> None:
    body = f'{{"status":"ready","dependencies":[],"checkedAtUtc":"{datetime.now(UTC).isoformat()}"}}'
    found, _ = await site.against(deployment(sample, http("200 OK", body)))
    assert found["clock"].verdict == "ok"


async def test_a_token_that_is_not_accepted(site: Site, sample: Callable[[str], bytes]) -> None:
    refused = http("401 Unauthorized", f'{{"error":"no","message":"{TOKEN} has expired"}}')
    found, asked = await site.against({**deployment(sample), "/v1/auth/whoami": refused})
    assert found["token"].verdict == "FAIL" and "issue a new admin token" in found["token"].mend
    assert found["ops summary"].verdict == "warn" and "/v1/admin/ops/summary" not in asked
    assert not any(TOKEN in check.words + check.mend for check in found.values())


async def test_a_token_that_may_not_read_the_summary(site: Site, sample: Callable[[str], bytes]) -> None:
    found, _ = await site.against(
        {**deployment(sample), "/v1/admin/ops/summary": http("403 Forbidden", "{}")}
    )
    assert found["token"].verdict == "ok"
    assert found["ops summary"].verdict == "FAIL" and "admin scope" in found["ops summary"].mend


async def test_a_summary_that_lacks_a_metric(site: Site, sample: Callable[[str], bytes]) -> None:
    body = http("200 OK", '{"pendingOutboxEvents":1}')
    found, _ = await site.against({**deployment(sample), "/v1/admin/ops/summary": body})
    assert (
        found["ops summary"].verdict == "warn"
        and "without availableOutboxEvents" in found["ops summary"].words
    )


def test_a_token_that_cannot_be_read(site: Site) -> None:
    (site.root / "token").chmod(0o644)
    check = site.one("token")
    assert check.verdict == "FAIL" and check.words.endswith(f"chmod 600 {site.root}/token")


def test_a_needed_target_fails_and_a_wanted_one_warns(site: Site) -> None:
    (site.checkout / "Makefile").write_text(
        "db-backup db-smoke phase6-drill:\n\t@touch ran\n", encoding="utf-8"
    )
    migrate, restore, there = site.of("make")
    assert (migrate.verdict, migrate.words) == ("FAIL", f"{site.checkout} has no target db-migrate")
    assert (restore.verdict, restore.words) == ("warn", f"{site.checkout} has no target db-restore")
    assert migrate.mend.startswith("add it to the Makefile")
    assert there.words == f"{site.checkout} has db-backup, phase6-drill, db-smoke"


def test_no_makefile_and_no_make(site: Site) -> None:
    (site.checkout / "Makefile").unlink()
    assert "has no Makefile. Name the Artifortress checkout" in site.one("make").words
    assert site.one("make", PATH=str(site.root)).words == "is not on PATH"


def test_commands_of_the_site(site: Site) -> None:
    site.write(
        more='[steps.deploy]\ncommand = ["make", "deploy", "V=1"]\n'
        '[steps.smoke]\ncommand = ["make", "smoke"]\n'
        '[steps.ci-green]\ncommand = ["./ci", "--password", "hunter2"]\n'
    )
    assert site.one("step deploy") == Check("ok", "step deploy", "make deploy V=1")
    assert site.one("step smoke").verdict == "FAIL" and site.one("step smoke").words.endswith(
        "no target smoke"
    )
    assert site.one("step ci-green").words == "./ci is not there or cannot be executed"
    (site.checkout / "ci").write_text("#!/bin/sh\n", encoding="utf-8")
    assert site.one("step ci-green").verdict == "FAIL"
    (site.checkout / "ci").chmod(0o755)
    assert site.one("step ci-green") == Check("ok", "step ci-green", "./ci --password ***")


def test_a_step_without_a_command_is_attested(site: Site) -> None:
    assert site.one("step deploy").words == "no command in [steps.deploy]: the operator attests it"


def test_what_breaks_an_examination_does_not_hide_the_others(site: Site) -> None:
    site.write(backups=Path("/" + "x" * 300))
    found = site.checks()
    assert found[-1].verdict == "FAIL" and "File name too long" in found[-1].words
    assert any(check.subject == "make" and check.verdict == "ok" for check in found)
