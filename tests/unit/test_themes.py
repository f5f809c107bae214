"""The looks: contrast where it is promised, no colour where there is to be none, 16 where it says so."""

import pytest
from rich.color import ColorType
from rich.style import Style

from tui.present.line import Tone
from tui.themes import LOOKS, after, styles


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [part / 255 for part in colour]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(style: Style) -> float:
    assert style.color is not None and style.bgcolor is not None
    one, other = sorted(luminance(tuple(c.get_truecolor())) for c in (style.color, style.bgcolor))
    return (other + 0.05) / (one + 0.05)


@pytest.mark.parametrize("tone", Tone)
def test_high_contrast_is_seven_to_one_or_more(tone: Tone) -> None:
    assert contrast(styles("high-contrast")[tone]) >= 7


@pytest.mark.parametrize("tone", Tone)
def test_monochrome_has_no_colour(tone: Tone) -> None:
    style = styles("monochrome")[tone]
    assert style.color is None and style.bgcolor is None


@pytest.mark.parametrize("tone", Tone)
def test_sixteen_colours_are_those_of_the_terminal(tone: Tone) -> None:
    style = styles("16-colours")[tone]
    for colour in (style.color, style.bgcolor):
        assert colour is None or colour.type in (ColorType.DEFAULT, ColorType.STANDARD)


def test_every_look_tells_good_bad_and_alarm_from_plain_text() -> None:
    for name in LOOKS:
        look = styles(name)
        assert len({look[Tone.PLAIN], look[Tone.BAD], look[Tone.ALARM], look[Tone.WATCH]}) == 4, name


def test_the_next_one_goes_round() -> None:
    seen = ["default"]
    for _ in LOOKS:
        seen.append(after(seen[-1]))
    assert seen == ["default", "high-contrast", "16-colours", "monochrome", "default"]
    assert after("textual-dark") == "default"
