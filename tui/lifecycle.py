"""The console's ends: signals, a lost or frozen terminal, and what mends one that was left in pieces."""

import asyncio
import codecs
import contextlib
import os
import select
import signal
import termios
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

from tui.terminal import KEYBOARD, SIGNALS, TERMINAL_GONE, give_back

if TYPE_CHECKING:
    from textual.app import App

#: Seconds that an orderly exit may take after a signal; a frozen terminal never lets it finish.
PATIENCE = 3.0


def tolerate_any_input() -> None:
    """A byte that is not UTF-8 (a Latin-1 paste, noise on the line) becomes a mark, not the end.

    Textual's input thread decodes strictly, and what it raises ends the app. Its decoder is looked
    up by name in its module, which is the one place to reach it.
    """
    from textual.drivers import linux_driver

    vars(linux_driver)["getincrementaldecoder"] = _lenient_decoder


def _lenient_decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")


def guard(app: "App[Any]") -> None:
    """Ends the process when a signal asks for it or the terminal is gone, even if the loop stands still.

    To be called in the app's `on_mount`, once. A signal exits the app with `return_code` 128 + signal;
    what has not ended after PATIENCE seconds is ended hard with the same status, a lost terminal at
    once with 129. Does nothing in an app without a terminal (tests).
    """
    if app.is_headless:
        return
    loop = asyncio.get_running_loop()
    bell, ring = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def on_signal(number: int, frame: FrameType | None) -> None:
        # A handler may interrupt anything, a held lock too: it starts no thread, the watchdog is there.
        with contextlib.suppress(BlockingIOError):
            os.write(ring, bytes([number]))
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            loop.call_soon_threadsafe(leave, number)

    def leave(number: int) -> None:
        app.exit(return_code=128 + number)

    modes = _modes_before(app)
    threading.Thread(target=_watchdog, args=(bell, modes), name="terminal-guard", daemon=True).start()
    for number in SIGNALS:
        signal.signal(number, on_signal)
    _stay_one_after_a_stop(app, loop)


def _stay_one_after_a_stop(app: "App[Any]", loop: asyncio.AbstractEventLoop) -> None:
    """Lets a console that was stopped (SIGSTOP) go on as it was, and draw its screen anew.

    Textual starts its driver a second time at every SIGCONT. Two threads share the keys then, and what
    is given back in the end are the modes of the console itself.
    """
    driver = app._driver
    resume = signal.getsignal(signal.SIGCONT)
    modes = termios.tcgetattr(KEYBOARD)

    def draw_anew() -> None:
        app.app_resume_signal.publish(app)
        app.refresh()

    def on_continue(number: int, frame: FrameType | None) -> None:
        if getattr(driver, "_must_signal_resume", False) and callable(resume):
            # Stopped by SIGTSTP, before which the driver gave the terminal back.
            resume(number, frame)
        else:
            # A shell that had the terminal meanwhile may have left it with modes of its own.
            with contextlib.suppress(termios.error):
                termios.tcsetattr(KEYBOARD, termios.TCSANOW, modes)
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(draw_anew)

    signal.signal(signal.SIGCONT, on_continue)


def _modes_before(app: "App[Any]") -> list[Any] | None:
    """The terminal's modes before the app changed them; Textual's driver keeps them for its own exit."""
    return getattr(app._driver, "attrs_before", None)


def _watchdog(bell: int, modes: list[Any] | None) -> None:
    """Sleeps until a signal or the end of the terminal, and sees to it that the process ends."""
    # Giving the modes back from a background job would stop the process instead.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    poll = select.poll()
    poll.register(KEYBOARD, 0)  # POLLHUP, POLLERR and POLLNVAL are reported without being asked for
    poll.register(bell, select.POLLIN)
    ready = dict(poll.poll())
    if KEYBOARD in ready:
        os._exit(TERMINAL_GONE)
    status = 128 + os.read(bell, 1)[0]
    poll.unregister(bell)
    if not poll.poll(PATIENCE * 1000):
        give_back(modes)
    os._exit(status)
