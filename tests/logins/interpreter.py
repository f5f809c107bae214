"""A Python with the code under test that every login of this host can run.

The interpreter, the packages and the checkout of the tests may lie where only root gets to: a home is
0700. Opening that way would change the host, and the host's own `python3`, where there is one, may be
another version than the one that the packages were made for. So all of it gets a second place, always,
and the tests go the same way on every machine. Files are linked there where that can be, in half a
second; copying these 150 MB took up to 15 s on a busy machine.
"""

import os
import shutil
import stat
import sys
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import state

#: Of the standard library and of the packages: large, and of no use to a login at work.
_LEFT_OUT = shutil.ignore_patterns(
    *(
        "test",
        "tests",
        "idlelib",
        "tkinter",
        "lib2to3",
        "ensurepip",
        "distutils",
        "config-*",
        "site-packages",
    ),
    *("mypy*", "*__mypyc*", "pip", "setuptools", "hypothesis", "_pytest", "grimp", "importlinter", "*.pth"),
)
_SOURCE = Path(state.__file__ or "").parents[1]


def make_interpreter(place: Path) -> tuple[Path, Mapping[str, str]]:
    """Puts everything into `place`; the interpreter, and the variables that it needs."""
    base = Path(sys.base_prefix)
    library = Path(sysconfig.get_path("stdlib", vars={"installed_base": str(base)})).relative_to(base)
    source = place / "source"
    _put_tree(base / library, place / library)
    _put_tree(Path(sysconfig.get_path("purelib")), place / library / "site-packages")
    for package in ("state", "tui"):
        _put_tree(_SOURCE / package, source / package)
    _put(str(Path(__file__).with_name("deeds.py")), str(source / "deeds.py"))
    python = place / "bin" / "python3"
    python.parent.mkdir()
    _put(sys.executable, str(python))
    variables = {"PYTHONPATH": str(source)}
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        name = sysconfig.get_config_var("INSTSONAME")
        _put(str(Path(sysconfig.get_config_var("LIBDIR")) / name), str(place / "lib" / name))
        variables["LD_LIBRARY_PATH"] = str(place / "lib")
    for directory in (path for path in place.rglob("*") if path.is_dir()):
        directory.chmod(0o755)
    return python, variables


def _put_tree(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=_LEFT_OUT, copy_function=_put)


def _put(source: str, target: str) -> None:
    """The same file at another place, where everybody may read it."""
    file = Path(source).resolve()
    needed = 0o755 if file.stat().st_mode & stat.S_IXUSR else 0o644
    if file.stat().st_mode & needed == needed:
        # Not across file systems, nor everywhere in a container.
        with suppress(OSError):
            os.link(file, target)
            return
    shutil.copy2(file, target)
    Path(target).chmod(needed)
