"""`[screen]` and `[keys]`: every mistake is named at the line of the key that somebody wrote."""

from pathlib import Path

import pytest

from state.settings import SettingsError, load
from state.settings.desk import Keys
from tui.commands import COMMANDS, with_keys

from .test_settings import SMALL


def write(folder: Path, more: str) -> Path:
    path = folder / "drawbridge.toml"
    path.write_text(SMALL + more, encoding="utf-8")
    return path


def test_the_settings_know_every_command_and_its_usual_key() -> None:
    assert {command.id: command.key or None for command in COMMANDS} == Keys().model_dump()
    keys = [command.key for command in COMMANDS if command.key]
    assert len(keys) == len(set(keys))


def test_usual_values(tmp_path: Path) -> None:
    read = load(write(tmp_path, ""))
    assert (read.screen.theme, read.screen.notify, read.screen.notify_after) == ("default", "bell", 30)
    assert with_keys(read.keys) == COMMANDS


def test_keys_of_ones_own(tmp_path: Path) -> None:
    more = '[keys]\nskip = "n"\nnote = "s"\ntoken = "ctrl+t"\nhelp = "f1"\ndo = "{"\n'
    own = {command.id: command.key for command in with_keys(load(write(tmp_path, more)).keys)}
    assert (own["skip"], own["note"], own["token"]) == ("n", "s", "ctrl+t")
    assert (own["help"], own["do"], own["leave"]) == ("f1", "{", "q")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('[screen]\ntheme = "dark"', "line 10: screen.theme: write one of 'default', 'high-contrast'"),
        (
            "[screen]\nnotify = true",
            "line 10: screen.notify: write one of 'bell', 'osc9', 'osc777' or",
        ),
        (
            '[screen]\nnotify_after = "0s"',
            "line 10: screen.notify_after: write a duration greater than",
        ),
        ('[keys]\nskipp = "S"', "line 10: keys.skipp is not a known key: did you mean skip?"),
        ('[keys]\nskip = "n"', 'line 10: keys.skip: take another key than "n", which is that of note.'),
        (
            '[keys]\nzoom = "Z"\nskip = "Z"',
            'line 11: keys.skip: take another key than "Z", which is that of zoom.',
        ),
        ('[keys]\nskip = "ctrl+b"', 'keys.skip: take another key than "ctrl+b": screen and tmux take it.'),
        ('[keys]\nskip = "ctrl+a"', 'keys.skip: take another key than "ctrl+a": screen and tmux take it.'),
        ('[keys]\nskip = "ctrl+z"', 'keys.skip: take another key than "ctrl+z": the terminal takes it.'),
        ('[keys]\nskip = "escape"', 'keys.skip: take another key than "escape": dialogs need it.'),
        ('[keys]\nskip = "enter"', 'keys.skip: take another key than "enter": dialogs need it.'),
        ('[keys]\nskip = "1"', 'keys.skip: take another key than "1": it turns to a panel.'),
        ('[keys]\nskip = ","', "keys.skip: write one character, or a key such as"),
        ('[keys]\nskip = "ß"', "keys.skip: write one character, or a key such as"),
        ('[keys]\nskip = ""', "keys.skip: write one character, or a key such as"),
        ("[keys]\nskip = 7", "keys.skip: write a text in quotes."),
    ],
)
def test_mistakes(tmp_path: Path, more: str, words: str) -> None:
    path = write(tmp_path, f"{more}\n")
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert words in str(caught.value)


def test_both_of_two_that_were_written_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, '[keys]\nskip = "S"\nnote = "S"\n'))
    note, skip = str(caught.value).splitlines()
    assert "line 11: keys.note" in note and "line 10: keys.skip" in skip
