"""Which settings an environment's windows belong to: kept beside them, and only a hint."""

from pathlib import Path

import pytest

from state.settings.environments import note, settings_of


def test_the_last_one_is_told(tmp_path: Path) -> None:
    assert settings_of(tmp_path, "staging") is None
    note(tmp_path, "staging", Path("/etc/a.toml"))
    note(tmp_path, "production", Path("/etc/p.toml"))
    note(tmp_path, "staging", Path("/etc/b.toml"))
    assert settings_of(tmp_path, "staging") == Path("/etc/b.toml")
    assert settings_of(tmp_path, "production") == Path("/etc/p.toml")
    place = tmp_path / "environments"
    assert {path.name for path in place.iterdir()} == {"staging", "production"}
    assert place.stat().st_mode & 0o777 == 0o700
    assert (place / "staging").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["../x", ".", "..", "a/b", "", "x" * 41])
def test_no_name_leads_out_of_the_directory(tmp_path: Path, name: str) -> None:
    state = tmp_path / "state"
    state.mkdir()
    note(state, name, Path("/etc/a.toml"))
    assert settings_of(state, name) is None
    assert [path.name for path in tmp_path.rglob("*")] == ["state"]


def test_where_it_cannot_be_kept_nothing_happens(tmp_path: Path) -> None:
    (tmp_path / "environments").write_text("a file")
    note(tmp_path, "staging", Path("/etc/a.toml"))
    assert settings_of(tmp_path, "staging") is None


def test_what_is_no_path_is_none(tmp_path: Path) -> None:
    note(tmp_path, "staging", Path("/etc/\x1b]0;evil\x07a.toml"))
    assert settings_of(tmp_path, "staging") == Path("/etc/a.toml")
    (tmp_path / "environments" / "staging").write_bytes(b"\xff\xfe")
    assert settings_of(tmp_path, "staging") is None
