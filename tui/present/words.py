"""Durations, times and sizes as operators read them. Times are UTC throughout."""

from datetime import UTC, datetime

from state.window import StepState


def duration(seconds: float) -> str:
    """`mm:ss`, or `h:mm:ss` from an hour on, or `3 d 04:05` from two days on; never negative."""
    whole = max(0, int(seconds))
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} d {hours % 24:02}:{minute:02}"
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def age(seconds: float) -> str:
    """How long ago, in one rounded unit: `6 s ago`, `4 min ago`, `3 h ago`."""
    whole = max(0, int(seconds))
    if whole < 120:
        return f"{whole} s ago"
    if whole < 7200:
        return f"{whole // 60} min ago"
    return f"{whole // 3600} h ago"


def clock(at: float) -> str:
    """Time of day, UTC, to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


def day(at: float) -> str:
    """Date and time, UTC, to the minute."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


def size(count: int) -> str:
    """Bytes in decimal units: `214 MB`, `4.1 KB`, `12 B`."""
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def number(value: float) -> str:
    """A metric's value: whole numbers without a fraction."""
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


def signed(value: float) -> str:
    """A difference, with its sign unless it is nothing."""
    return f"+{number(value)}" if value > 0 else number(value)


STEP_GLYPHS: dict[StepState, str] = {
    StepState.TODO: "·",
    StepState.BEGUN: "▶",
    StepState.RUNNING: "▶",
    StepState.CHECKING: "▶",
    StepState.DONE: "✓",
    StepState.FAILED: "✗",
    StepState.UNKNOWN: "?",
    StepState.SKIPPED: "»",
}

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: list[float | None], cells: int) -> str:
    """The newest values as bars between their least and greatest; a gap where there was no data."""
    shown = values[-cells:]
    known = [value for value in shown if value is not None]
    if not known:
        return " " * cells
    low, high = min(known), max(known)
    step = (high - low) / (len(_BARS) - 1) if high > low else 0
    bars = "".join(" " if v is None else _BARS[round((v - low) / step) if step else 0] for v in shown)
    return bars.rjust(cells)


def without_scheme(text: str) -> str:
    """Replicas by host and port alone, as the health panel names them."""
    return text.replace("https://", "").replace("http://", "")


def short_duration(seconds: float) -> str:
    """A length as it is typed: `2h`, `1h30m`, `45m`."""
    minutes = max(1, round(seconds / 60))
    hours, minute = divmod(minutes, 60)
    return (f"{hours}h" if hours else "") + (f"{minute}m" if minute or not hours else "")
