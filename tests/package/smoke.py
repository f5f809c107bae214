"""What an operator does first with an installed Drawbridge, far from any checkout."""

import json
import os
import subprocess
from pathlib import Path

#: Seconds that one command may take.
PATIENCE = 60
TARGETS = ("db-backup", "db-migrate", "db-restore", "db-smoke", "phase6-drill")
CONSOLE = """\
from pathlib import Path
from textual.css.stylesheet import Stylesheet
import tui.app
sheet = Stylesheet(variables=tui.app.Console(None).get_css_variables())
sheet.read(Path(tui.app.__file__).parent / tui.app.Console.CSS_PATH)
sheet.parse()
print(len(sheet.rules), "rules")
"""


class Broken(Exception):
    """A package that an operator could not work with: what, in words."""


def tried(place: Path, home: Path, version: str) -> int:
    """Runs every check in the environment at `place`; how many there were. Raises Broken."""
    installed = _Installed(place, home)
    checks = (
        installed.says(0, f"drawbridge, version {version}", "--version"),
        installed.says(0, "rehearse", "--help"),
        installed.says(0, "stuck-worker", "rehearse", "--list"),
        installed.says(0, "_DRAWBRIDGE_COMPLETE=bash_complete", "completion", "bash"),
        installed.says(0, "drawbridge doctor", "init", "--yes", "--environment", "x", "--make", "."),
        installed.has("share/man/man1/drawbridge.1", ".TH DRAWBRIDGE 1"),
        installed.says(1, "there is no window", "status"),
        installed.says(1, "has db-backup, db-migrate", "--config", str(installed.settings()), "doctor"),
        installed.runs("rules", CONSOLE),
        installed.runs(
            "upgrade", "from state.runbook import shipped; print(*(p.id for p in shipped().phases))"
        ),
    )
    return len(checks)


class _Installed:
    def __init__(self, place: Path, home: Path) -> None:
        home.mkdir()
        self._bin = place / "bin"
        self._home = home

    def settings(self) -> Path:
        """Settings for a site of which only the make targets are there."""
        (self._home / "Makefile").write_text("".join(f"{target}:\n\t@true\n" for target in TARGETS))
        path = self._home / "drawbridge.toml"
        here = json.dumps(str(self._home))
        path.write_text(
            'environment = "staging"\n[api]\nurls = ["http://127.0.0.1:1"]\n'
            f"[make]\ndirectory = {here}\nbackup_directory = {here}\n"
        )
        return path

    def has(self, name: str, words: str) -> str:
        """What stands in an installed file, where these words are in it."""
        path = self._bin.parent / name
        text = path.read_text() if path.is_file() else ""
        if words not in text:
            raise Broken(f"{name} is not installed, or does not say {words}")
        return text

    def says(self, status: int, words: str, *arguments: str) -> str:
        """What `drawbridge` says, where it ends with this status and these words are in it."""
        return self._checked(status, words, [str(self._bin / "drawbridge"), *arguments])

    def runs(self, words: str, program: str) -> str:
        """What a Python program prints in that environment."""
        return self._checked(0, words, [str(self._bin / "python"), "-c", program])

    def _checked(self, status: int, words: str, command: list[str]) -> str:
        done = subprocess.run(
            command,
            cwd=self._home,
            env={"HOME": str(self._home), "PATH": os.defpath, "TERM": "xterm-256color"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        said = done.stdout + done.stderr
        if done.returncode != status or words not in said or "Traceback" in said:
            shown = " ".join(command).replace(str(self._bin) + "/", "")
            raise Broken(f"`{shown}` ended with {done.returncode} instead of {status}, saying:\n{said}")
        return said
