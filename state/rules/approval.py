"""The rules of the second operator: what needs one, who may be one, and for how long their word counts."""

import hashlib
import json
import unicodedata

from state.events import Actor, ApprovalGiven, ApprovalRequested, ApprovalWithdrawn
from state.intents import (
    LOGIN,
    SCREEN,
    BeginRollback,
    GiveApproval,
    Intent,
    Refusal,
    RequestApproval,
    StartRun,
    WithdrawApproval,
)
from state.rules.rollback import may_turn_back
from state.rules.table import Decision, of_kind, on
from state.runbook import StepKind
from state.window import COUNTS_FOR, Approval, Window

ROLLBACK = "rollback"


def subject(window: Window, intent: Intent) -> str:
    """What a second operator confirms before this intent: a step id or `rollback`; empty for nothing."""
    rule = window.policy.second_operator
    if isinstance(intent, BeginRollback):
        return ROLLBACK if rule in {"rollback", "always"} else ""
    if not isinstance(intent, StartRun) or intent.purpose or rule == "never":
        return ""
    if intent.step == "restore":
        # Where the database may be empty already there is nothing left to destroy: it is put right at once.
        return "" if window.may_be_empty else intent.step
    return intent.step if rule == "always" and window.runbook.step(intent.step).changes else ""


def given_for(window: Window, intent: StartRun | BeginRollback) -> str:
    """A digest of all that a second operator's word for this intent is given for."""
    backup, begun = window.backup, window.rollback
    facts: dict[str, object] = {
        "window": window.id,
        "releases": [window.release, window.previous_release],
        "backup": [backup.path, backup.size, backup.sha256] if backup else None,
        "rollback": [begun.begun_at, begun.depth, begun.migration_class] if begun else None,
    }
    if isinstance(intent, StartRun):
        facts |= {"step": intent.step, "argv": intent.argv, "directory": intent.directory}
        facts["variables"] = dict(intent.variables)
    else:
        facts |= {"depth": intent.depth, "class": intent.migration_class}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def standing(window: Window, intent: StartRun | BeginRollback, now: float) -> Refusal | None:
    """Why this still waits for a second operator; None where one has confirmed exactly this."""
    wanted, asked = subject(window, intent), window.approval
    if not wanted:
        return None
    title = _title(window, wanted)
    if asked is None or asked.subject != wanted or asked.approved_at is None or asked.approved_by is None:
        return Refusal(f"{title} waits for a second operator{_way(window)}.")
    who = asked.approved_by.operator
    if asked.given_for != given_for(window, intent):
        return Refusal(f"What {who} approved has changed since. Ask for the approval again.")
    if not 0 <= now - asked.approved_at <= COUNTS_FOR:
        return Refusal(f"{who}'s approval has expired: it counts for 10 minutes. Ask for it again.")
    if window.driver is not None and _same(asked.approved_by, window.driver.actor, window):
        return Refusal(f"{who} approved this, and cannot do it as well: somebody else must drive.")
    return None


def _way(window: Window) -> str:
    here = "" if window.policy.distinct_login else ", or their name and phrase here"
    return f": `drawbridge approve` from {'another login' if not here else 'any login'}{here}"


def _title(window: Window, wanted: str) -> str:
    return "Turning back" if wanted == ROLLBACK else window.runbook.step(wanted).title


def _same(one: Actor, other: Actor, window: Window) -> bool:
    """Whether these are one person, as far as anybody can tell."""
    return _name(one) == _name(other) or (window.policy.distinct_login and one.uid == other.uid)


def _name(person: Actor) -> str:
    return " ".join(unicodedata.normalize("NFKC", person.operator).casefold().split())


@on(RequestApproval)
def _(window: Window, intent: RequestApproval, now: float) -> Decision:
    wanted = intent.wanted
    if isinstance(wanted, BeginRollback):
        if refusal := may_turn_back(window, wanted):
            return refusal
    elif isinstance(step := of_kind(window, wanted.step, StepKind.MAKE, StepKind.SITE), Refusal):
        return step
    named = subject(window, wanted)
    if not named:
        return Refusal("No second operator has to confirm this.")
    if standing(window, wanted, now) is None:
        return Refusal("It is approved already. Go on.")
    digest = given_for(window, wanted)
    asked = window.approval
    if asked is not None and asked.approved_at is None and asked.given_for == digest:
        return Refusal("A second operator has been asked for already.")
    return (ApprovalRequested(named, digest, intent.words),)


@on(GiveApproval)
def _(window: Window, intent: GiveApproval, now: float) -> Decision:
    asked = window.approval
    if asked is None or asked.request != intent.request:
        return Refusal("Nothing waits for this approval any more. Look again with `drawbridge approve`.")
    if asked.approved_by is not None:
        return Refusal(f"{asked.approved_by.operator} has approved it already.")
    if not intent.person.operator.strip():
        return Refusal("A second operator gives their name.", "person")
    if refusal := _may_approve(window, asked, intent):
        return refusal
    if intent.phrase != window.approval_phrase:
        return Refusal(f"Type exactly: {window.approval_phrase}", "phrase")
    return (ApprovalGiven(asked.request, intent.person, intent.how, intent.phrase, intent.letter),)


def _may_approve(window: Window, asked: Approval, intent: GiveApproval) -> Refusal | None:
    distinct = window.policy.distinct_login
    if intent.how not in {LOGIN, SCREEN}:
        return Refusal(f"An approval comes from a {LOGIN} or from the {SCREEN}.")
    if distinct and (intent.how != LOGIN or intent.person.uid < 0):
        return Refusal("The settings ask for another login: run `drawbridge approve` there.")
    others = [asked.requested_by, *([window.driver.actor] if window.driver else [])]
    if any(_name(intent.person) == _name(other) for other in others):
        return Refusal(
            f"{intent.person.operator} asked for it, and cannot be their own second operator.", "person"
        )
    if any(_same(intent.person, other, window) for other in others):
        return Refusal(
            f"The login {intent.person.login} asked for it: a second operator confirms from another one."
        )
    return None


@on(WithdrawApproval)
def _(window: Window, intent: WithdrawApproval, now: float) -> Decision:
    if window.approval is None or window.approval.request != intent.request:
        return Refusal("Nothing waits for a second operator.")
    return (ApprovalWithdrawn(intent.request),)
