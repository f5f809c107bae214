"""The events of a window as they come, and the window as it was after each of them."""

from pathlib import Path

from state.events import Recorded, UnknownEvent
from state.fold import fold
from state.journal.directory import JOURNAL
from state.journal.events import JournalError, JournalReader
from state.window import Window

#: Events between two windows that are kept: to look back at one costs no more than so many steps.
_KEPT_EVERY = 200


class Chronicle:
    """Reads a journal, which may be written meanwhile; belongs to the thread that made it."""

    def __init__(self, directory: Path) -> None:
        """Opens it read-only; raises JournalError. `problem` says whether the chain was broken."""
        self.directory = directory
        self._reader = JournalReader(directory / JOURNAL)
        self.problem = self._reader.problem()
        self.records: list[Recorded] = []
        self._kept: list[Window] = [Window()]
        #: The window after all events.
        self.window = Window()
        try:
            self.refresh()
        except JournalError:
            self.close()
            raise

    def refresh(self) -> bool:
        """Takes in what has come; whether anything has. Raises JournalError."""
        fresh = self._reader.after(self.records[-1].seq if self.records else 0)
        try:
            for recorded in fresh:
                self.window = fold([recorded], self.window)
                self.records.append(recorded)
                if len(self.records) % _KEPT_EVERY == 0:
                    self._kept.append(self.window)
        except UnknownEvent as error:
            raise JournalError(self.problem or str(error)) from error
        return bool(fresh)

    def after(self, index: int) -> Window:
        """The window after the event of this index in `records`, from 0."""
        kept = (index + 1) // _KEPT_EVERY
        return fold(self.records[kept * _KEPT_EVERY : index + 1], self._kept[kept])

    def close(self) -> None:
        """Lets go of the file."""
        self._reader.close()
