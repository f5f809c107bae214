"""A condition that must hold for a while to count, and must be gone for a while to count no more."""

from collections.abc import Sequence

from msgspec import Struct

from state.judgement.series import covered
from state.policy import Policy


class Latch(Struct, frozen=True):
    """Where a condition stands at its last valid sample.

    `since`: it was true at every valid sample since then. `clear_since`: raised, but false at
    every valid sample since then. Both in seconds since the epoch.
    """

    raised: bool = False
    since: float | None = None
    clear_since: float | None = None


def replay(times: Sequence[float], flags: Sequence[bool], after: float, policy: Policy) -> Latch:
    """The latch after the valid samples at `times`, with `flags` saying where the condition was true.

    It is raised once the condition was true for `after` seconds at every valid sample, and let go
    once it was false for `policy.release_after`; either way enough samples must be there.
    """
    raised = False
    since: float | None = None
    clear_since: float | None = None
    for index, (at, flag) in enumerate(zip(times, flags, strict=True)):
        if flag:
            clear_since = None
            since = at if since is None else since
            if not raised:
                raised = at - since >= after and _enough(times, index, after, policy)
        else:
            since = None
            if raised:
                clear_since = at if clear_since is None else clear_since
                long_enough = at - clear_since >= policy.release_after
                if long_enough and _enough(times, index, policy.release_after, policy):
                    raised, clear_since = False, None
    return Latch(raised, since, clear_since)


def _enough(times: Sequence[float], index: int, span: float, policy: Policy) -> bool:
    if span == 0:
        return True
    there, due = covered(times[: index + 1], times[index], span, policy.summary_every)
    return there >= policy.coverage * due
