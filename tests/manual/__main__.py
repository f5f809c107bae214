"""Writes the manual page anew: `python -m tests.manual`."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

from tests.manual.roff import manual
from tui.command_line import cli

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "tui" / "man" / "drawbridge.1"


def page(date: str) -> str:
    """The page of the program as it is, of a date."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return manual(cli, "drawbridge", version, date)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(f"{datetime.now(UTC):%Y-%m-%d}"))
