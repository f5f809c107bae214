"""`drawbridge.toml`: what it may say, and that every mistake is named with its line and its mend."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from state.policy import BUILT_IN_LIMITS, Limit, Policy
from state.settings import SettingsError, find, load, state_directory
from state.settings.kinds import duration

SMALL = """\
environment = "production"

[api]
urls = ["http://127.0.0.1:8086"]

[make]
directory = "/srv/artifortress"
backup_directory = "backups"
"""

FULL = """\
environment = "production"
state = "~/state"

[api]
urls = ["http://127.0.0.1:8086", "https://api-2.example:8443/artifortress"]
token_command = ["pass", "show", "artifortress/admin"]
ready_every = "500ms"
summary_every = "1m"
reconcile_every = "10m"
trust_proxy = true

[make]
directory = "/srv/artifortress"
backup_directory = "/var/backups/artifortress"
environment = { POSTGRES_DB = "artifortress" }

[steps.deploy]
command = ["make", "deploy"]
[steps.ci-green]
command = ["make", "ci"]
[steps.stop-release]
command = ["make", "stop"]
[steps.redeploy-previous]
command = ["make", "redeploy"]
[steps.start-previous]
command = ["make", "start"]

[smoke]
repository = "libs-release.1"

[judgement]
thresholds = "deploy/phase6-alert-thresholds.yaml"
ready_for = "1h30m"
accept_degraded = true
coverage = 1
samples = 7
unplanned_allowed = "0s"

[people]
group = "artifortress-ops"
second_operator = "always"
distinct_login = false

[comms]
channel = "#ops"
webhook_env = "DRAWBRIDGE_WEBHOOK"

[watch]
linger = "45m"

[window]
length = "3h"
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "drawbridge.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _error(folder: Path, text: str) -> str:
    path = _write(folder, text)
    with pytest.raises(SettingsError) as caught:
        load(path)
    return str(caught.value).replace(str(path), "FILE")


def test_defaults(tmp_path: Path) -> None:
    read = load(_write(tmp_path, SMALL))
    assert read.path == tmp_path / "drawbridge.toml"
    assert read.make.backup_directory == tmp_path / "backups"
    assert (read.people.group, read.people.second_operator) == (None, "restore")
    assert (read.watch.linger, read.window.length, read.api.trust_proxy) == (1800, 7200, False)
    assert read.command("deploy") is None
    assert read.command("stop-release") is None
    assert (read.smoke.repository, read.api.reconcile_every) == (None, 300)
    assert read.thresholds is None
    assert read.policy(BUILT_IN_LIMITS, "built in") == Policy()


def test_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/sam")
    read = load(_write(tmp_path, FULL))
    assert read.state == Path("/home/sam/state")
    assert read.api.token_command == ("pass", "show", "artifortress/admin")
    assert read.people.group == "artifortress-ops"
    assert read.command("deploy") == ("make", "deploy")
    assert read.command("ci-green") == ("make", "ci")
    assert read.command("smoke") is None
    assert read.command("stop-release") == ("make", "stop")
    assert read.command("redeploy-previous") == ("make", "redeploy")
    assert read.command("start-previous") == ("make", "start")
    assert read.command("restore") is None
    assert (read.smoke.repository, read.api.reconcile_every) == ("libs-release.1", 600)
    assert read.thresholds == Path("/srv/artifortress/deploy/phase6-alert-thresholds.yaml")
    assert read.make.environment == {"POSTGRES_DB": "artifortress"}
    policy = read.policy({"failedSearchJobs": Limit(1, 2)}, "the file")
    assert policy.replicas == read.api.urls
    assert (policy.ready_every, policy.summary_every, policy.ready_for) == (0.5, 60, 5400)
    assert (policy.accept_degraded, policy.coverage, policy.samples) == (True, 1, 7)
    assert policy.unplanned_allowed == 0
    assert policy.limits == {"failedSearchJobs": Limit(1, 2)}
    assert policy.limits_source == "the file"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            ("[api]", "[api]\nready_evry = '2s'"),
            "FILE, line 4: api.ready_evry is not a known key: did you mean ",
        ),
        (
            ("[api]", "[qqq]\nx = 1\n[api]"),
            "FILE, line 3: qqq is not a known key: known here are environment, ",
        ),
        (('"production"', "3"), "FILE, line 1: environment: write a text in quotes."),
        (('"production"', '"prod uction"'), "FILE, line 1: environment: write 1 to 40 letters, "),
        (('"production"', '"prod\\n"'), "FILE, line 1: environment: write 1 to 40 letters, "),
        (('environment = "production"', ""), "FILE: environment is missing: add it."),
        (('directory = "/srv/artifortress"', ""), "FILE, line 6: make.directory is missing: add it."),
        (('"backups"', "[]"), "FILE, line 8: make.backup_directory: write a path in quotes."),
        (('["http://127.0.0.1:8086"]', '"http://a"'), "FILE, line 4: api.urls: write a list, such as "),
        (('["http://127.0.0.1:8086"]', "[]"), "FILE, line 4: api.urls: name at least one replica."),
        (('8086"', '8086/"'), "FILE, line 4: api.urls: leave out the slash at the end."),
        (("//127", "//sam:pw@127"), "FILE, line 4: api.urls: take the credentials out"),
        (("http://127", "ftp://127"), "FILE, line 4: api.urls: write an address such as "),
        (("8086", "99999"), "FILE, line 4: api.urls: write a host and a port from 1 to 65535."),
        (
            ('8086"', '8086", "HTTP://127.0.0.1:8086"'),
            "FILE, line 4: api.urls: name every replica once: number 2",
        ),
        (
            ("[make]", "[steps.migrate]\ncommand = ['x']\n[make]"),
            "ci-green, stop-release, redeploy-previous, start-previous can have a command",
        ),
        (
            ("[make]", "[steps.deploy]\ncommand = []\n[make]"),
            "FILE, line 7: steps.deploy.command: write the command",
        ),
        (("[make]", "[steps.deploy]\n[make]"), "FILE, line 6: steps.deploy.command is missing: add it."),
        (
            ("[make]", "[judgement]\nready_for = 600\n[make]"),
            "FILE, line 7: judgement.ready_for: write a duration in",
        ),
        (("[make]", "[judgement]\nready_for = '0s'\n[make]"), "write a duration greater than zero."),
        (
            ("[make]", "[judgement]\ncoverage = 1.5\n[make]"),
            "FILE, line 7: judgement.coverage: Input should be less",
        ),
        (("[make]", "[judgement]\ncoverage = true\n[make]"), "FILE, line 7: judgement.coverage: "),
        (
            ("[make]", "[people]\nsecond_operator = 'no'\n[make]"),
            "write one of 'never', 'restore', 'rollback' or",
        ),
        (("[make]", "[people]\ndistinct_login = 'yes'\n[make]"), "write true or false, without quotes."),
        (("[make]", "[people]\ngroup = 'ops team'\n[make]"), "people.group: write the name of a group: "),
        (("[make]", "[people]\ngroup = 'Ops'\n[make]"), "write the name of a group: small letters, "),
        (("[make]", '[people]\ngroup = "ops\\n"\n[make]'), "write the name of a group: "),
        (("[make]", f"[people]\ngroup = '{'o' * 33}'\n[make]"), "write the name of a group: "),
        (("[make]", "[people]\ngroup = ''\n[make]"), "write the name of a group: "),
        (
            ("[api]", "[api]\ntoken_file='a'\ntoken_command=['b']"),
            "FILE, line 3: api: keep either token_command or",
        ),
        (("[api]", "[api]\nready_every = '1ms'"), 'FILE, line 4: api.ready_every: write at least "100ms"'),
        (
            ("[make]", "[make]\nenvironment = { A = 1 }"),
            "FILE, line 7: make.environment.A: write a text in quotes.",
        ),
        (("[make]", "[smoke]\nrepository = '../x'\n[make]"), "FILE, line 7: smoke.repository: write the key"),
        (("[make]", "[smoke]\nrepositry = 'x'\n[make]"), "did you mean repository?"),
        (("[api]", "[api]\nreconcile_every = 5"), "FILE, line 4: api.reconcile_every: write a duration in"),
        (("[make]", "[comms]\nwebhook_env = 'a b'\n[make]"), "write the name of an environment variable"),
        (("[api]", "[api"), "FILE, line 3: not valid TOML: "),
        (("[make]", "[api]"), "FILE, line 6: not valid TOML: "),
        (('"backups"', '"back'), "FILE, line 8: not valid TOML: "),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_mend(
    tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    assert change[0] in SMALL
    assert sentence in _error(tmp_path, SMALL.replace(*change, 1))


def test_every_mistake_has_its_line(tmp_path: Path) -> None:
    text = SMALL.replace('"production"', "1").replace('"/srv/artifortress"', "2")
    assert [line.split(":")[0] for line in _error(tmp_path, text).splitlines()] == [
        "FILE, line 1",
        "FILE, line 7",
    ]


def test_lines_of_dotted_and_inline_keys(tmp_path: Path) -> None:
    dotted = """\
environment = "x"
make = { directory = "a", backup_directory = 1 }
api.urls = ["http://a"]
api.x = 1
"""
    said = _error(tmp_path, dotted)
    assert "line 2: make.backup_directory" in said
    assert "line 4: api.x" in said


def test_a_long_text_does_not_hide_the_line(tmp_path: Path) -> None:
    text = SMALL + '\n[comms]\nchannel = """\nwebhook_env = 1\n"""\nwebhook_env = 2\n'
    assert "line 14: comms.webhook_env" in _error(tmp_path, text)


def test_values_are_never_shown(tmp_path: Path) -> None:
    assert "hunter2" not in _error(tmp_path, SMALL.replace("//127", "//sam:hunter2@127"))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot be read \(Is a directory\)"):
        load(tmp_path)
    with pytest.raises(SettingsError, match=r"cannot be read \(No such file"):
        load(tmp_path / "none")
    odd = tmp_path / "odd"
    odd.write_bytes(b'a = 1\nb = "\xff"\n')
    with pytest.raises(SettingsError, match="line 2: not UTF-8"):
        load(odd)
    odd.write_bytes(b"#" * 300_000)
    with pytest.raises(SettingsError, match="larger than"):
        load(odd)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.integers(0, len(FULL)), st.integers(0, 12), st.text(max_size=6))
def test_a_damaged_file_is_read_or_refused_with_sentences(
    tmp_path: Path, at: int, cut: int, put: str
) -> None:
    path = tmp_path / "drawbridge.toml"
    path.write_text(FULL[:at] + put + FULL[at + cut :], encoding="utf-8", errors="replace", newline="")
    try:
        load(path)
    except SettingsError as error:
        assert all(line.startswith(str(path)) for line in str(error).splitlines())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2s", 2), ("250ms", 0.25), ("10m", 600), ("1h30m", 5400), ("1h0m5s", 3605), ("0s", 0)],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "2", "s", "-2s", "2 s", "2S", "1.5s", "30m1h", 2, None, "1" * 99 + "s", "٣s"]
)
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="write a duration"):
        duration(text)


def test_lookup_order(tmp_path: Path) -> None:
    home, cwd = tmp_path / "home", tmp_path / "cwd"
    env = {"HOME": str(home)}
    cwd.mkdir()
    with pytest.raises(SettingsError) as caught:
        find(None, env, cwd)
    last = home / ".config/drawbridge/drawbridge.toml"
    assert str(cwd / "drawbridge.toml") in str(caught.value)
    assert str(last) in str(caught.value)
    last.parent.mkdir(parents=True)
    last.touch()
    assert find(None, env, cwd) == last
    other = tmp_path / "xdg/drawbridge/drawbridge.toml"
    other.parent.mkdir(parents=True)
    other.touch()
    assert find(None, {**env, "XDG_CONFIG_HOME": str(tmp_path / "xdg")}, cwd) == other
    (cwd / "drawbridge.toml").touch()
    assert find(None, env, cwd) == cwd / "drawbridge.toml"
    (cwd / "named.toml").touch()
    assert find(None, {**env, "DRAWBRIDGE_CONFIG": "named.toml"}, cwd) == cwd / "named.toml"
    assert (
        find(Path("drawbridge.toml"), {**env, "DRAWBRIDGE_CONFIG": "named.toml"}, cwd)
        == cwd / "drawbridge.toml"
    )


@pytest.mark.parametrize("source", ["--config", "$DRAWBRIDGE_CONFIG"])
def test_a_named_file_must_be_there(tmp_path: Path, source: str) -> None:
    (tmp_path / "drawbridge.toml").touch()
    explicit = Path("gone.toml") if source == "--config" else None
    with pytest.raises(SettingsError) as caught:
        find(explicit, {"DRAWBRIDGE_CONFIG": "gone.toml"}, tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/gone.toml does not exist: mend {source}")


def test_state_directory(tmp_path: Path) -> None:
    env = {"HOME": "/home/sam"}
    assert state_directory(None, env) == Path("/home/sam/.local/state/drawbridge")
    assert state_directory(None, {**env, "XDG_STATE_HOME": "/x"}) == Path("/x/drawbridge")
    assert state_directory(None, {**env, "XDG_STATE_HOME": "relative"}) == Path(
        "/home/sam/.local/state/drawbridge"
    )
    read = load(_write(tmp_path, 'state = "here"\n' + SMALL))
    assert state_directory(read, {**env, "XDG_STATE_HOME": "/x"}) == tmp_path / "here"
    assert state_directory(read, {**env, "DRAWBRIDGE_STATE": "/mine"}) == Path("/mine")
