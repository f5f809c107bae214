"""A state directory, a site and settings that two logins share, in a directory that both can enter."""

import os
import stat
import tempfile
from pathlib import Path

from ..session.place import DUMP, MAKEFILE, MIGRATIONS
from .login import Logins

_SETTINGS = """environment = "production"
state = "var/state"
[api]
urls = ["{api}"]
token_command = ["echo", "tok-0123456789"]
ready_every = "250ms"
summary_every = "250ms"
[make]
directory = "site"
backup_directory = "backups"
[steps]
deploy = {{ command = ["make", "deploy"] }}
[people]
group = "{group}"
"""


class SharedPlace:
    """Site and backups are the group's; the state directory is made by whoever opens the first window."""

    def __init__(self, root: Path, logins: Logins, api: str) -> None:
        self.root = root
        self.logins = logins
        self.state = root / "var" / "state"
        self.config = root / "drawbridge.toml"
        self.site = root / "site"
        self.backups = root / "backups"
        self.config.write_text(_SETTINGS.format(api=api, group=logins.group))
        self.config.chmod(0o644)
        # Of no group that could be handed on, and free for all to make something in it.
        self.state.parent.mkdir()
        self.state.parent.chmod(0o1777)
        self.site.mkdir()
        self.backups.mkdir()
        for name, text in (("Makefile", MAKEFILE), ("dump.sql", DUMP), ("migrations.txt", MIGRATIONS)):
            (self.site / name).write_text(text)
        for path in (self.site, self.backups, *self.site.iterdir()):
            os.chown(path, -1, logins.gid)
            path.chmod(0o2770 if path.is_dir() else 0o640)

    @property
    def window(self) -> Path:
        """The directory of the one window."""
        (found,) = (self.state / "windows").iterdir()
        return found

    def modes(self) -> dict[str, str]:
        """Mode and group of everything in the window, by its place there."""
        found = {}
        for path in (self.window, *self.window.rglob("*")):
            about = path.lstat()
            group = "" if about.st_gid == self.logins.gid else f" of the group {about.st_gid}"
            found[path.relative_to(self.window).as_posix()] = f"{stat.S_IMODE(about.st_mode):o}{group}"
        return found


def new_root() -> tempfile.TemporaryDirectory[str]:
    """A directory that every login can enter: pytest's own lie in one that is root's alone."""
    made = tempfile.TemporaryDirectory(prefix="drawbridge-logins-")
    Path(made.name).chmod(0o755)
    return made
