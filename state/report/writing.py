"""Writes a report to a file: whole or not at all, and for nobody else's eyes."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

_MODE = 0o600


class WritingError(Exception):
    """The file cannot be written: one sentence with the mend. Nothing was changed."""


def write(path: Path, text: str) -> None:
    """Puts the text in the file, in place of what was there before; raises WritingError."""
    _refuse_what_is_no_file(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _MODE)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                os.fchmod(descriptor, _MODE)
                stream.write(text)
                stream.flush()
                os.fsync(descriptor)
            beside.replace(path)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
        _keep_name(path.parent)
    except OSError as error:
        raise WritingError(_sentence(path, error)) from error


def _keep_name(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_what_is_no_file(path: Path) -> None:
    if not path.name:
        raise WritingError(f"{path} is a directory. Name a file in it.")
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise WritingError(_sentence(path, error)) from error
    if stat.S_ISDIR(mode):
        raise WritingError(f"{path} is a directory. Name a file in it.")
    if stat.S_ISLNK(mode):
        raise WritingError(f"{path} is a link. Name the file itself, or another one.")
    if not stat.S_ISREG(mode):
        raise WritingError(f"{path} is no file. Name one, or leave -o out to print the report.")


def _sentence(path: Path, error: OSError) -> str:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return f"There is no directory {path.parent}. Make it, or name a file elsewhere."
        case errno.ENOSPC | errno.EDQUOT:
            return f"{path} cannot be written: the disk is full. Free it, or name a file elsewhere."
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"{path} cannot be written ({error.strerror}). Name a file where you may write."
    return f"{path} cannot be written ({error.strerror or error}). Name a file elsewhere."
