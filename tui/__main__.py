"""The entry point: what cannot wait is done before the command line is loaded, Textual only for a console."""

import gc

# Nothing that is loaded on the way is thrown away again: looking for that takes a tenth of the start.
gc.disable()

import os  # noqa: E402
import sys  # noqa: E402

from tui import at_once  # noqa: E402


def main() -> None:
    """The command line, with the first screen before it where a console is asked for."""
    try:
        line = at_once.status_line(sys.argv[1:])
        if line is not None:
            print(line, flush=True)
            return
        at_once.first_screen(sys.argv[1:])
        from tui.command_line import cli

        cli(prog_name="drawbridge")
    except BrokenPipeError:
        # Whoever read the output has gone: there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)
    except Exception as error:
        from state.settings import state_directory
        from tui.crash import sentence
        from tui.first_screen import FIRST_SCREEN
        from tui.typed import as_typed, for_stream

        FIRST_SCREEN.take_away()
        said = as_typed(sentence(error, state_directory(None, os.environ)))
        print(for_stream(said, sys.stderr), file=sys.stderr)
        sys.exit(1)
    finally:
        # At the end the interpreter would look through all of it once more.
        gc.freeze()


if __name__ == "__main__":
    main()
