"""A small guarded app for the tests of lifecycle: keys make the loop stand still or write without end."""

import os
import sys
import time

from textual.app import App, ComposeResult
from textual.widgets import Static

from tui.lifecycle import guard
from tui.terminal import refuse_unusable_terminal


class Guarded(App[None]):
    """Says that it is ready; `b` blocks the loop (and says so), `f` writes without end, `q` quits."""

    def compose(self) -> ComposeResult:
        yield Static("starting", markup=False)

    def on_mount(self) -> None:
        guard(self)
        self.call_after_refresh(self.query_one(Static).update, "READY")

    def key_b(self) -> None:
        os.write(2, b"BLOCKED")
        time.sleep(30)

    def key_f(self) -> None:
        self.set_interval(0.002, self._flood)

    def key_q(self) -> None:
        self.exit(return_code=0)

    def _flood(self) -> None:
        words = f"{time.monotonic_ns()} " * 100
        self.query_one(Static).update(words)


if __name__ == "__main__":
    if refusal := refuse_unusable_terminal():
        print(refusal, file=sys.stderr)
        sys.exit(2)
    app = Guarded()
    app.run(mouse=False)
    sys.exit(app.return_code)
