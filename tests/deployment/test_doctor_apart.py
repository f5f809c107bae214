"""The examination in a process of its own: what it finds, and what of the secrets anybody could see."""

import json
import sys
from pathlib import Path

import pytest

from state.doctor.apart import answer, examine_apart
from state.doctor.examination import examine

from .small_server import SmallServer, small_server
from .test_doctor import TOKEN, Site

NAME = "ARTIFORTRESS_ADMIN_TOKEN"


def settled(site: Site, url: str) -> None:
    """Settings without a token of their own."""
    site.write(url, more='[comms]\nwebhook_env = "HOOK"\n')
    site.config.write_text(site.config.read_text().replace('token_file = "token"\n', ""))


def found(site: Site, server: SmallServer, **variables: str) -> dict[str, tuple[str, str]]:
    """Verdict and words by subject."""
    settled(site, server.url)
    base = {"PATH": "/usr/bin:/bin", "HOME": str(site.root)}
    checks = examine_apart(site.config, {**base, **variables})
    return {check.subject: (check.verdict, check.words) for check in checks}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_it_finds_what_the_command_finds_but_for_the_terminal(site: Site) -> None:
    with small_server() as server:
        apart = found(site, server, **{NAME: TOKEN, "HOOK": server.url})
        assert apart["token"] == ("ok", "accepted as sam (admin)")
        assert apart["channel"] == ("ok", "messages are posted to the address in HOOK")
        assert server.tokens == {"", f"Bearer {TOKEN}"}
        variables = {"PATH": "/usr/bin:/bin", "HOME": str(site.root), NAME: TOKEN, "HOOK": "x"}
        here = {check.subject for check in examine(site.config, variables, site.root)}
    assert here - set(apart) == {"terminal"}


def test_what_is_missing_is_said(site: Site) -> None:
    with small_server() as server:
        apart = found(site, server)
    assert apart["token"][0] == "FAIL"
    assert apart["channel"] == ("warn", "the variable HOOK is not set: messages can be copied, not posted")


def test_the_token_is_neither_in_the_arguments_nor_in_the_environment(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    site.write(more="")
    program = (
        "import json, os, sys\n"
        f"open({str(seen)!r}, 'w').write(repr((sys.argv, dict(os.environ))))\n"
        "json.load(sys.stdin); print('[]')\n"
    )
    stand_in = tmp_path / "python"
    stand_in.write_text(f"#!{sys.executable}\n{program}")
    stand_in.chmod(0o700)
    monkeypatch.setenv(NAME, TOKEN)
    monkeypatch.setenv("PGPASSWORD", "hunter2-of-the-database")
    monkeypatch.setattr(sys, "executable", str(stand_in))
    assert examine_apart(site.config, {NAME: TOKEN}) == ()
    assert TOKEN not in seen.read_text() and "hunter2" not in seen.read_text()


def test_a_process_that_dies_is_a_failure_with_a_mend(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    (check,) = examine_apart(site.config, {})
    assert (check.verdict, check.words) == ("FAIL", "ended with 1")
    assert "drawbridge doctor" in check.mend


def test_an_answer_is_one_document(site: Site, tmp_path: Path) -> None:
    asked, told = tmp_path / "asked", tmp_path / "told"
    asked.write_text(json.dumps({"config": str(site.config), "variables": {}}))
    with asked.open() as question, told.open("w") as out:
        answer(question, out)
    assert {"verdict", "subject", "words", "mend"} == set(json.loads(told.read_text())[0])
