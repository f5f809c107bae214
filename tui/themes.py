"""The looks: which colour a tone has, and what Textual draws frames and fields with.

Every tone stands beside a glyph and a word, so that monochrome loses nothing.
"""

from collections.abc import Mapping

from msgspec import Struct
from rich.style import Style
from textual.theme import Theme

from tui.present.line import Tone
from tui.tones import DEFAULT, HIGH_CONTRAST, MONOCHROME, RENDITIONS, SIXTEEN


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


def _look(name: str, *colours: str) -> Look:
    renditions = RENDITIONS[name]
    tones = {tone: Style.parse(renditions.get(tone, "")) for tone in Tone}
    return Look(tones, _theme(name, *colours))


_default = _look(
    DEFAULT, "ansi_bright_black", "ansi_cyan", "ansi_green", "ansi_red", "ansi_default", "ansi_default"
)
_sixteen = _look(SIXTEEN, "ansi_blue", "ansi_cyan", "ansi_green", "ansi_red", "ansi_default", "ansi_default")
_high_contrast = _look(HIGH_CONTRAST, "#d7d7d7", "#ffff00", "#5fff5f", "#ff8787", "#ffffff", "#000000")
_monochrome = _look(MONOCHROME, *["ansi_default"] * 6)

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
