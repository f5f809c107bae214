"""The last resort: a defect of ours becomes a sentence on the screen and a file to report it with."""

import os
import time
import traceback
from pathlib import Path

from state.text import printable, redact


def sentence(error: BaseException, state: Path) -> str:
    """What happened and what to do; the stack, without the values of variables, goes to a file."""
    kept = _keep(error, state)
    where = f" The details are in {kept}." if kept else ""
    return (
        f"drawbridge: a defect of the console ended it ({type(error).__name__}).{where} "
        "Nothing is lost: runs and watch go on. To take up where the window stands: `drawbridge`"
    )


def _keep(error: BaseException, state: Path) -> Path | None:
    stack = "".join(traceback.format_exception(error))
    path = state / f"crash-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.getpid()}.txt"
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(redact(printable(stack, newlines=True)))
    except OSError:
        return None
    return path
