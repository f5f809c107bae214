"""What every command shares: how it ends, its sentences, and its examples."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec

import click

from state.journal.directory import DirectoryError
from state.journal.events import JournalError
from state.journal.mail import MailError
from state.journal.readings import ReadingsError
from state.rehearsal.layout import PracticeError
from state.settings import SettingsError

DONE, FAILED, USAGE, REFUSED = 0, 1, 2, 3
P = ParamSpec("P")


def fail(words: str, status: int = FAILED) -> NoReturn:
    """Ends with one clear sentence on stderr."""
    from tui.first_screen import FIRST_SCREEN
    from tui.typed import as_typed, for_stream

    # What is said on the screen that goes with it would not be read.
    FIRST_SCREEN.take_away()
    click.echo(for_stream(f"drawbridge: {as_typed(words)}", sys.stderr), err=True)
    sys.exit(status)


def in_words(command: Callable[P, None]) -> Callable[P, None]:
    """Turns every error that an operator can meet into its sentence and exit status."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except SettingsError as error:
            fail(str(error), USAGE)
        except (DirectoryError, JournalError, MailError, ReadingsError, PracticeError) as error:
            fail(str(error))
        except BrokenPipeError:
            # Whoever read the output has gone: there is nobody to tell.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            sys.exit(FAILED)
        except OSError as error:
            fail(f"{error.filename or 'the system'}: {error.strerror or error}. Mend it, then try again.")

    return told


def examples(*lines: str) -> str:
    """The examples at the end of a command's help, and of its part of the manual."""
    # To click, a paragraph that begins with \b stays as it is.
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
