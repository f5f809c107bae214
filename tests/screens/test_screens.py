"""Every kept screen is drawn as it was, as text with its colours and as a picture, in all looks."""

import asyncio
from pathlib import Path

import pytest

from .stage import SCENES, SIZES, THEMES, as_picture, as_text, on_stage

KEPT = Path(__file__).parent / "kept"
SHOTS = [(name, size, theme) for name in SCENES for size in SIZES for theme in THEMES]


def file_of(name: str, size: tuple[int, int], theme: str) -> str:
    return f"{name}-{size[0]}x{size[1]}-{theme}"


async def drawn(name: str, size: tuple[int, int], theme: str) -> tuple[str, str]:
    """Text and picture of a scene, drawn in the working directory."""
    async with on_stage(name, size, theme) as pilot:
        return as_text(pilot), as_picture(pilot, name)


@pytest.mark.parametrize(("name", "size", "theme"), SHOTS, ids=lambda part: str(part))
def test_the_screen_is_as_it_was(
    name: str, size: tuple[int, int], theme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    text, picture = asyncio.run(drawn(name, size, theme))
    for ending, drawn_now in ((".ans", text), (".svg", picture)):
        kept = KEPT / f"{file_of(name, size, theme)}{ending}"
        new = tmp_path / kept.name
        new.write_text(drawn_now)
        if drawn_now != kept.read_text():
            shows = "a browser" if ending == ".svg" else "`cat`"
            pytest.fail(
                f"{kept.name} looks different. {shows} shows how it was ({kept}) and how it is now ({new}); "
                "`make pictures ONLY=kept` keeps all screens as they are now, for git diff.",
                pytrace=False,
            )


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", SCENES)
def test_every_look_says_the_same_words(name: str, size: tuple[int, int]) -> None:
    said = {words((KEPT / f"{file_of(name, size, theme)}.ans").read_text()) for theme in THEMES}
    assert len(said) == 1


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", SCENES)
def test_monochrome_has_no_colour(name: str, size: tuple[int, int]) -> None:
    codes = {
        code
        for sequence in (KEPT / f"{file_of(name, size, 'monochrome')}.ans").read_text().split("\x1b[")[1:]
        for code in sequence.partition("m")[0].split(";")
    }
    assert codes <= {"", "0", "1", "2", "4", "7", "39", "49"}


def words(text: str) -> str:
    """Without colours, and without the frame, which says where the focus is in monochrome."""
    plain = "".join(
        part.partition("m")[2] if number else part for number, part in enumerate(text.split("\x1b["))
    )
    return plain.translate(str.maketrans("═║╔╗╚╝", "─│┌┐└┘"))
