"""What may happen next: every safety rule of the console, as pure functions.

`decide` answers an operator's intent with the events that it leads to, or with a refusal in words.
`admits` says whether a fact that the console found out itself still extends the window: whoever
looks twice records it once.
"""

from state.intents import BeginRollback, Intent, Refusal, StartRun
from state.rules import approval, drive, rollback, upgrade
from state.rules.facts import admits
from state.rules.table import DECIDE, Decision, may_do
from state.rules.upgrade import STOP_SIGNALS, decide_opening
from state.window import Window

__all__ = [
    "STOP_SIGNALS",
    "Decision",
    "admits",
    "approval",
    "decide",
    "decide_opening",
    "drive",
    "may_do",
    "rollback",
    "upgrade",
]


def decide(window: Window, intent: Intent, now: float, epoch: int) -> Decision:
    """The events that this intent leads to in this window, or why it may not be.

    `epoch` is that of the console that asks: only the one that drives may decide.
    """
    if window.driver is None or window.driver.epoch != epoch:
        return Refusal("Another console drives this window; this one only looks.")
    if not window.takes_decisions:
        return Refusal("This window is closed. Open a new one to go on.")
    decision = DECIDE[type(intent)](window, intent, now)
    if isinstance(intent, StartRun | BeginRollback) and not isinstance(decision, Refusal):
        return approval.standing(window, intent, now) or decision
    return decision
