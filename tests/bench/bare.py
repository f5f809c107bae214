"""The floor: a Textual app with nothing but a line that changes, and a key that changes it."""

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Static


class Bare(App[None]):
    """Counts presses of `j`, in one line."""

    pressed = 0

    def compose(self) -> ComposeResult:
        """The line, and one that stands still."""
        yield Static("pressed:0:", id="line", markup=False)
        yield Static("a bare app", markup=False)

    def on_key(self, event: Key) -> None:
        """Counts."""
        if event.key == "j":
            self.pressed += 1
            self.query_one("#line", Static).update(f"pressed:{self.pressed}:")


if __name__ == "__main__":
    Bare().run(mouse=False)
