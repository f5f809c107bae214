"""Keeps every screen as it is drawn now, and renews the README's pictures: `python -m tests.screens`.

`--only kept` or `--only pictures` does one of them.
"""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from tests.screens import rehearsed
from tests.screens.test_screens import KEPT, SHOTS, drawn, file_of

PICTURES = Path(__file__).parent / "pictures"


def main() -> None:
    """Both, unless one is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.screens")
    parser.add_argument("--only", choices=("kept", "pictures"))
    only = parser.parse_args().only
    if only != "pictures":
        keep()
    if only != "kept":
        PICTURES.mkdir(exist_ok=True)
        rehearsed.take(PICTURES)


def keep() -> None:
    """Draws each scene in a directory of its own."""
    os.environ.pop("NO_COLOR", None)
    KEPT.mkdir(exist_ok=True)
    for old in KEPT.iterdir():
        old.unlink()
    for shot in SHOTS:
        with tempfile.TemporaryDirectory() as scratch:
            os.chdir(scratch)
            text, picture = asyncio.run(drawn(*shot))
        (KEPT / f"{file_of(*shot)}.ans").write_text(text)
        (KEPT / f"{file_of(*shot)}.svg").write_text(picture)


if __name__ == "__main__":
    main()
