"""A journal that says anything at all, in a whole chain: it is understood, or refused in a sentence."""

import json
import tempfile
import time
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from state.events import KINDS, Event, PolicyTaken, StepBegun, WindowOpened
from state.journal.directory import JOURNAL
from state.journal.events import JournalError, JournalWriter
from state.listing import listed
from state.policy import Policy
from state.report.short import as_line
from state.report.status import as_json, as_text
from state.text import printable
from state.view import View

from ..unit.test_events import of_kind
from .place import SAM

OPENED = WindowOpened("w", "production", "2.0", "1.9", None)
STORY = (OPENED, PolicyTaken(Policy(replicas=("http://127.0.0.1:1",)).as_json()), StepBegun("deploy"))
EVENTS = st.one_of([of_kind(kind) for kind in KINDS.values()])


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([(), STORY[:1], STORY]), st.lists(EVENTS, min_size=1, max_size=3))
def test_any_events_are_understood_or_refused(story: tuple[Event, ...], events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as state:
        directory = Path(state) / "windows" / "2026-11-28-1200-production"
        directory.mkdir(parents=True, mode=0o700)
        with closing(JournalWriter(directory / JOURNAL, SAM, 1.0)) as journal:
            try:
                journal.append([*story, *events], 2.0)
            except JournalError:
                return
        (found,) = listed(Path(state))
        assert (found.window is None) == bool(found.problem)
        try:
            with closing(View(directory)) as view:
                view.refresh(time.time())
                assert json.dumps(as_json(view))
                assert as_line(view) == printable(as_line(view))
                assert as_text(view) == printable(as_text(view), newlines=True)
        except JournalError as error:
            assert "\n" not in str(error) and str(error).endswith(".")
