"""Which rendition a tone has in each look: for the first screen, which has no Textual, and for the themes.

Every tone stands beside a glyph and a word, so that monochrome loses nothing.
"""

from collections.abc import Mapping

from tui.present.line import Tone

DEFAULT, HIGH_CONTRAST, SIXTEEN, MONOCHROME = "default", "high-contrast", "16-colours", "monochrome"

_PALETTE = {
    Tone.STRONG: "bold",
    Tone.GOOD: "green",
    Tone.WATCH: "yellow",
    Tone.BAD: "bold red",
    Tone.ACTIVE: "cyan",
    Tone.ALARM: "bold white on red",
    Tone.FRAME: "bold reverse",
}

#: As rich spells styles; a tone that is not named is drawn as plain text.
RENDITIONS: Mapping[str, Mapping[Tone, str]] = {
    # The operator's own palette, and few bytes on the line. What matters less is dim and not grey: bright
    # black is the background itself in more than one popular palette.
    DEFAULT: {Tone.DIM: "dim", **_PALETTE},
    # Each tone at 7:1 or more on its ground, whatever the palette (WCAG 2.2, 1.4.6). Every one of these
    # colours is among the 256 that terminals have by number.
    HIGH_CONTRAST: {
        Tone.PLAIN: "#ffffff on #000000",
        Tone.DIM: "#d7d7d7 on #000000",
        Tone.STRONG: "bold #ffffff on #000000",
        Tone.GOOD: "bold #5fff5f on #000000",
        Tone.WATCH: "bold #ffff00 on #000000",
        Tone.BAD: "bold #ff8787 on #000000",
        Tone.ACTIVE: "bold #5fffff on #000000",
        Tone.ALARM: "bold #ffffff on #870000",
        Tone.FRAME: "bold #000000 on #ffffff",
    },
    # For terminals that draw nothing dim; of the 16 colours, each stands for one thing.
    SIXTEEN: {Tone.DIM: "bright_black", **_PALETTE},
    MONOCHROME: {
        Tone.DIM: "dim",
        Tone.STRONG: "bold",
        Tone.WATCH: "bold",
        Tone.BAD: "bold underline",
        Tone.ALARM: "bold reverse",
        Tone.FRAME: "bold reverse",
    },
}

_ATTRIBUTES = {"bold": "1", "dim": "2", "underline": "4", "reverse": "7"}
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
#: The steps of each part of a colour in the cube of 216 among the 256.
_STEPS = (0x00, 0x5F, 0x87, 0xAF, 0xD7, 0xFF)


def sgr(rendition: str) -> str:
    """The parameters of the sequence that selects a rendition: `bold white on red` is `1;37;41`."""
    codes: list[str] = []
    on = 0
    for word in rendition.split():
        if word == "on":
            on = 10
        elif word in _ATTRIBUTES:
            codes.append(_ATTRIBUTES[word])
        elif word.startswith("#"):
            red, green, blue = (_STEPS.index(int(word[at : at + 2], 16)) for at in (1, 3, 5))
            codes += [str(38 + on), "5", str(16 + 36 * red + 6 * green + blue)]
        else:
            base = 90 if word.startswith("bright_") else 30
            codes.append(str(base + on + _NAMES.index(word.removeprefix("bright_"))))
    return ";".join(codes)
