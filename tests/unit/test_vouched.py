"""A status line believes settings that were read without a mistake, word for word, and no others."""

from pathlib import Path

from state.settings.vouched import digest_of, is_vouched, vouch

FILE = Path("/etc/drawbridge.toml")


def test_only_this_very_text_of_this_very_file(tmp_path: Path) -> None:
    digest = digest_of(FILE, "a = 1\n")
    assert not is_vouched(tmp_path, digest)
    vouch(tmp_path, digest)
    vouch(tmp_path, digest)
    assert is_vouched(tmp_path, digest)
    for other in (digest_of(FILE, "a = 2\n"), digest_of(Path("/etc/other.toml"), "a = 1\n")):
        assert not is_vouched(tmp_path, other)
    assert (tmp_path / "settings").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "settings" / digest).stat().st_mode & 0o777 == 0o600


def test_where_it_cannot_be_kept_nothing_happens(tmp_path: Path) -> None:
    (tmp_path / "settings").write_text("a file")
    vouch(tmp_path, digest_of(FILE, ""))
    assert not is_vouched(tmp_path, digest_of(FILE, ""))
