"""What operators might want around a rollback, right and wrong, for tests by property."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from state.intents import (
    AttestStep,
    BeginRollback,
    BeginStep,
    Check,
    Declare,
    Intent,
    RaiseIncident,
    SendMessage,
    SkipStep,
    StartRun,
    StopRun,
    TakeSamples,
    WaveOff,
)
from state.window import BINARIES, RESTORE, ROLLED_BACK

from .restores import LOADED, PHRASE, RESTORE_PHRASE, checks
from .story import BACK, OWN_BACKUP, STEPS

FOLLOW_UP = ("root-cause", "risk-log", "drill")
ANY_STEP = st.sampled_from((*BACK, *BACK, *FOLLOW_UP, *STEPS, "melt"))
WORDS = st.sampled_from(("", "why not", "why not"))
PHRASES = st.sampled_from((PHRASE, PHRASE, RESTORE_PHRASE, RESTORE_PHRASE, RESTORE_PHRASE + " ", "", "yes"))
ARGV = st.sampled_from(
    (
        ("make", "db-restore"),
        ("make", "db-restore"),
        ("make", "db-restore"),
        ("make", "db-backup"),
        ("make", "-n", "db-restore"),
        ("sh", "-c", "make db-restore"),
        ("make", "x"),
        (),
    )
)
PATHS = st.sampled_from((OWN_BACKUP, OWN_BACKUP, OWN_BACKUP, "/backups/old.sql", ""))
TARGETS = st.sampled_from((None, None, "artifortress", "artifortress_rehearsal", "x_rehearsal_x"))
AGES = st.sampled_from((0.0, 0.0, 59.0, 61.0, -1.0))


@st.composite
def variables(draw: st.DrawFn) -> Mapping[str, str]:
    target = draw(TARGETS)
    return {"RESTORE_PATH": draw(PATHS), **({} if target is None else {"TARGET_DB": target})}


@st.composite
def checked(draw: st.DrawFn, now: float) -> tuple[Check, ...]:
    made = checks(now - draw(AGES))
    wrong = draw(st.sampled_from(("", "", "", "backup", "disk", "stopped")))
    made = tuple(replace(check, passed=check.id != wrong) for check in made)
    return made[: draw(st.sampled_from((3, 3, 3, 2, 0)))]


@st.composite
def commands(draw: st.DrawFn, step: st.SearchStrategy[str], now: float) -> StartRun:
    purpose = draw(st.sampled_from(("", "", "", "rehearsal", "rehearsal", "safety-backup", "fun")))
    overrides = dict.fromkeys(draw(st.sampled_from(((), ("disk", "stopped"), ("backup",)))), "I know")
    return StartRun(
        draw(step),
        draw(ARGV),
        "/srv",
        draw(variables()),
        purpose,
        draw(PHRASES),
        draw(checked(now)),
        overrides,
    )


@st.composite
def near_restores(draw: st.DrawFn, now: float) -> StartRun:
    """The right restore, or a rehearsal, but for one thing at most."""
    right = StartRun("restore", ("make", "db-restore"), "/srv", LOADED, "", RESTORE_PHRASE, checks(now))
    if draw(st.booleans()):
        right = replace(right, purpose="rehearsal", variables={**LOADED, "TARGET_DB": "a_rehearsal"})
    wrong: dict[str, st.SearchStrategy[Any]] = {
        "argv": ARGV,
        "variables": variables(),
        "purpose": st.sampled_from(("", "rehearsal", "safety-backup", "fun")),
        "phrase": PHRASES,
        "checks": checked(now),
    }
    one = draw(st.sampled_from(sorted(wrong)))
    override = draw(st.sampled_from(({}, {"backup": "I know", "disk": "I know"})))
    return replace(right, **{one: draw(wrong[one])}, overrides=override)


def turns() -> st.SearchStrategy[BeginRollback]:
    depths = st.sampled_from((BINARIES, RESTORE, RESTORE, "half"))
    classes = st.sampled_from(("", "A", "C", "D"))
    rough = st.builds(BeginRollback, depths, WORDS, classes, PHRASES, PHRASES)
    right = BeginRollback(RESTORE, "errors", "", PHRASE, RESTORE_PHRASE)
    wrong = st.builds(replace, st.just(right), phrase=PHRASES)
    wrong_restore = st.builds(replace, st.just(right), restore_phrase=PHRASES)
    return st.one_of(rough, wrong, wrong_restore)


def others(step: st.SearchStrategy[str]) -> st.SearchStrategy[Intent]:
    outcomes = st.sampled_from(("success", ROLLED_BACK, "abandoned"))
    return st.one_of(
        st.builds(AttestStep, step, WORDS, WORDS),
        st.builds(BeginStep, step),
        st.builds(SkipStep, step, WORDS),
        st.builds(TakeSamples, step, st.integers(0, 2)),
        st.builds(StopRun, st.integers(0, 80)),
        st.builds(SendMessage, WORDS, st.just("copied")),
        st.builds(WaveOff, st.sampled_from(("backlog", "incident")), WORDS),
        st.builds(RaiseIncident, WORDS, WORDS),
        st.builds(Declare, outcomes, st.just(()), st.just({}), WORDS),
    )
