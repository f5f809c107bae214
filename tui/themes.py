"""The looks: which colour a tone has, and what Textual draws frames and fields with.

Every tone stands beside a glyph and a word, so that monochrome loses nothing.
"""

from collections.abc import Mapping

from msgspec import Struct
from rich.style import Style
from textual.theme import Theme

from tui.present.line import Tone

DEFAULT, HIGH_CONTRAST, SIXTEEN, MONOCHROME = "default", "high-contrast", "16-colours", "monochrome"


class Look(Struct, frozen=True):
    """The style of each tone, and Textual's theme of the same name."""

    styles: Mapping[Tone, Style]
    theme: Theme


def _theme(name: str, frame: str, focus: str, good: str, bad: str, text: str, ground: str) -> Theme:
    """Frames, focused frames, buttons; text on its ground. Names of colours as Textual has them."""
    return Theme(
        name=name,
        ansi=True,
        primary=focus,
        success=good,
        error=bad,
        foreground=text,
        background=ground,
        surface=ground,
        panel=ground,
        boost=ground,
        variables={
            "border": focus,
            "border-blurred": frame,
            "ansi-background": "ansi_black",
            "ansi-foreground": "ansi_white",
            "block-cursor-foreground": "ansi_black",
            "block-cursor-background": "ansi_white",
            "input-cursor-background": "ansi_black",
            "input-cursor-foreground": "ansi_bright_white",
            "input-selection-background": "ansi_bright_blue",
            "input-selection-foreground": "ansi_black",
            "screen-selection-background": "ansi_bright_blue",
            "screen-selection-foreground": "ansi_black",
        },
    )


def _styles(**tones: str) -> dict[Tone, Style]:
    return {tone: Style.parse(tones.get(tone.name.lower(), "")) for tone in Tone}


_PALETTE = {
    "strong": "bold",
    "good": "green",
    "watch": "yellow",
    "bad": "bold red",
    "active": "cyan",
    "alarm": "bold white on red",
    "frame": "bold reverse",
}

#: The operator's own palette, and few bytes on the line. What matters less is dim and not grey: bright
#: black is the background itself in more than one popular palette.
_default = Look(
    _styles(dim="dim", **_PALETTE),
    _theme(
        DEFAULT, "ansi_bright_black", "ansi_cyan", "ansi_green", "ansi_red", "ansi_default", "ansi_default"
    ),
)
#: For terminals that draw nothing dim; of the 16 colours, each stands for one thing.
_sixteen = Look(
    _styles(dim="bright_black", **_PALETTE),
    _theme(SIXTEEN, "ansi_blue", "ansi_cyan", "ansi_green", "ansi_red", "ansi_default", "ansi_default"),
)
#: Each tone at 7:1 or more on its ground, whatever the palette (WCAG 2.2, 1.4.6).
_high_contrast = Look(
    _styles(
        plain="#ffffff on #000000",
        dim="#d0d0d0 on #000000",
        strong="bold #ffffff on #000000",
        good="bold #5fff5f on #000000",
        watch="bold #ffff00 on #000000",
        bad="bold #ff8787 on #000000",
        active="bold #5fffff on #000000",
        alarm="bold #ffffff on #870000",
        frame="bold #000000 on #ffffff",
    ),
    _theme(HIGH_CONTRAST, "#d0d0d0", "#ffff00", "#5fff5f", "#ff8787", "#ffffff", "#000000"),
)
_monochrome = Look(
    _styles(
        dim="dim",
        strong="bold",
        watch="bold",
        bad="bold underline",
        alarm="bold reverse",
        frame="bold reverse",
    ),
    _theme(MONOCHROME, *["ansi_default"] * 6),
)

LOOKS: Mapping[str, Look] = {
    look.theme.name: look for look in (_default, _high_contrast, _sixteen, _monochrome)
}


def styles(theme: str) -> Mapping[Tone, Style]:
    """The styles of a theme by its name; those of the default look for one that is not ours."""
    return LOOKS.get(theme, _default).styles


def after(theme: str) -> str:
    """The next one, round and round."""
    names = list(LOOKS)
    return names[(names.index(theme) + 1) % len(names)] if theme in names else DEFAULT
