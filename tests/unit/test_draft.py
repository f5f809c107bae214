"""The first settings file: whatever it is made of, the reader of the settings reads the same back."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from state.settings import SettingsError, load
from state.settings.draft import STEP_TARGETS, Draft, text, write
from state.settings.reader import mistake

DRAFT = Draft("staging", ("http://10.0.0.11:8086",), "/srv/artifortress", "/var/backups/artifortress")
NAMES = st.text("abcXYZ019._-", min_size=1, max_size=40)
#: Anything that a path may hold: quotes, backslashes, control characters, letters of every script.
PATHS = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30
).map(lambda name: f"/srv/{name}")
WORDS = st.lists(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12),
    min_size=1,
    max_size=4,
).map(tuple)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    environment=NAMES,
    ports=st.lists(st.integers(1, 65535), min_size=1, max_size=6, unique=True),
    make=PATHS,
    backups=PATHS,
    command=WORDS | st.just(()),
    targets=st.frozensets(st.sampled_from([target for target, _ in STEP_TARGETS.values()])),
)
def test_what_is_written_is_read_back(
    tmp_path: Path,
    environment: str,
    ports: list[int],
    make: str,
    backups: str,
    command: tuple[str, ...],
    targets: frozenset[str],
) -> None:
    urls = tuple(f"http://10.0.0.11:{port}" for port in ports)
    path = tmp_path / "drawbridge.toml"
    path.write_text(text(Draft(environment, urls, make, backups, command, "", "", targets)), encoding="utf-8")
    read = load(path)
    assert (read.environment, read.api.urls) == (environment, urls)
    assert (read.make.directory, read.make.backup_directory) == (Path(make), Path(backups))
    assert read.api.token_command == (command or None)
    # What the Makefile has, and nothing that it does not have.
    for step, (target, _) in STEP_TARGETS.items():
        assert read.command(step) == (("make", target) if target in targets else None)


def test_every_line_that_is_switched_off_would_be_right_switched_on(tmp_path: Path) -> None:
    path = tmp_path / "drawbridge.toml"
    lines = text(DRAFT).splitlines()
    # Of the two sources of the token only one may stand there.
    on = [line[1:] if line.startswith("#") and line[1:2] not in (" ", "") else line for line in lines]
    path.write_text("\n".join(line for line in on if not line.startswith("token_file")))
    read = load(path)
    assert read.api.token_command == ("pass", "show", "artifortress/admin")
    assert all(read.command(step) == ("make", target) for step, (target, _) in STEP_TARGETS.items())
    assert (read.people.group, read.comms.channel) == ("artifortress-ops", "#ops-artifortress")


def test_a_token_file_and_thresholds(tmp_path: Path) -> None:
    path = tmp_path / "drawbridge.toml"
    made = replace(DRAFT, token_file="/etc/drawbridge/token", thresholds="deploy/alerts.yaml")
    write(path, text(made), load)
    read = load(path)
    assert read.api.token_file == Path("/etc/drawbridge/token")
    assert read.thresholds == Path("/srv/artifortress/deploy/alerts.yaml")
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "drawbridge.toml"
    path.write_text("# mine")
    with pytest.raises(SettingsError, match="is there already and stays as it is"):
        write(path, text(DRAFT), load)
    assert path.read_text() == "# mine"
    assert list(tmp_path.iterdir()) == [path]


def test_what_the_reader_refuses_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="environment: write 1 to 40 letters"):
        write(tmp_path / "drawbridge.toml", text(replace(DRAFT, environment="a b")), load)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("table", "key", "value", "wrong"),
    [
        ("", "environment", "staging", None),
        ("", "environment", "a b", "write 1 to 40 letters, digits, dots, underscores and hyphens"),
        ("api", "urls", ("http://10.0.0.1:8086",), None),
        ("api", "urls", ("10.0.0.1",), 'write an address such as "http://127.0.0.1:8086"'),
        ("api", "urls", (), "name at least one replica"),
        ("make", "directory", "", "write a path that is not empty"),
    ],
)
def test_one_value_by_itself(tmp_path: Path, table: str, key: str, value: object, wrong: str | None) -> None:
    assert mistake(table, key, value, tmp_path) == wrong
