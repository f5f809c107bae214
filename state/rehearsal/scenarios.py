"""What can be rehearsed: the scenarios of the practice deployment, as data."""

from msgspec import Struct


class Scenario(Struct, frozen=True):
    """One way a window can go. Durations are seconds at pace 1.

    Everything but `ready_delay`, `token_lives_for` and `first_backup_truncated` shows only while
    the new release runs: going back to the previous one mends it.
    """

    name: str
    describes: str
    worker_drains: bool = True
    storage_reachable: bool = True
    duplicate_versions: bool = False
    first_backup_truncated: bool = False
    flaps_for: float = 0.0
    flap_every: float = 4.0
    ready_delay: tuple[float, float] = (0.0, 0.0)
    token_lives_for: float | None = None


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("smooth", "Everything goes well."),
    Scenario(
        "stuck-worker",
        "The worker of the new release starts but no longer drains the outbox.",
        worker_drains=False,
    ),
    Scenario(
        "bad-release",
        "The new release never becomes ready: it cannot reach its object storage.",
        storage_reachable=False,
    ),
    Scenario(
        "migration-fails",
        "The second new migration fails half-way: the data breaks a new unique index.",
        duplicate_versions=True,
    ),
    Scenario(
        "truncated-backup",
        "The first backup ends with status 0 but lacks its end; a second one is whole.",
        first_backup_truncated=True,
    ),
    Scenario(
        "flapping",
        "Readiness comes and goes for the first 40 seconds of the new release, then stays.",
        flaps_for=40.0,
    ),
    Scenario(
        "slow-api",
        "Readiness takes 2.5 to 4 seconds to answer, before and after the upgrade, and never fails.",
        ready_delay=(2.5, 4.0),
    ),
    Scenario(
        "token-expires",
        "The admin token expires a minute after the start; the token file then holds a new one.",
        token_lives_for=60.0,
    ),
)

_BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def scenario_named(name: str) -> Scenario:
    """The scenario of that name; ValueError, in words for an operator, when there is none."""
    try:
        return _BY_NAME[name]
    except KeyError:
        known = ", ".join(_BY_NAME)
        raise ValueError(f"There is no scenario called {name!r}. Choose one of: {known}.") from None
