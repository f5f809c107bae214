"""What may stand in `drawbridge.toml`, table by table."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, StringConstraints, model_validator

from state.policy import Limit, Policy
from state.settings.desk import Keys, Screen
from state.settings.kinds import (
    Addresses,
    Allowance,
    FilePath,
    GroupName,
    Interval,
    LocalPath,
    RepositoryKey,
    Seconds,
    Variable,
    VariableValue,
    Words,
)
from state.settings.table import Table

_DEFAULT = Policy()


#: Seconds; a little less than the half hour of ops summaries that is looked at.
_LONGEST_SERIES = 1500.0


class Api(Table):
    """The replicas, how often they are asked (seconds), and where the admin token comes from."""

    urls: Addresses
    token_command: Words | None = None
    token_file: FilePath | None = None
    ready_every: Interval = _DEFAULT.ready_every
    summary_every: Interval = _DEFAULT.summary_every
    reconcile_every: Interval = _DEFAULT.reconcile_every
    trust_proxy: bool = False

    @model_validator(mode="after")
    def _one_source(self) -> "Api":
        if self.token_command is not None and self.token_file is not None:
            raise ValueError("keep either token_command or token_file, not both")
        return self


class Make(Table):
    """The Artifortress checkout, where backups go, and what make gets in its environment.

    A run that prints nothing for `silent_after` seconds is reported.
    """

    directory: FilePath
    backup_directory: FilePath
    environment: dict[Variable, VariableValue] = Field(default_factory=dict)
    silent_after: Seconds = 300.0


class SiteStep(Table):
    """A step whose command is the site's own."""

    command: Words


class Steps(Table):
    """The steps that may have a command; without one the operator attests the step."""

    deploy: SiteStep | None = None
    smoke: SiteStep | None = None
    ci_green: SiteStep | None = Field(default=None, alias="ci-green")
    stop_release: SiteStep | None = Field(default=None, alias="stop-release")
    redeploy_previous: SiteStep | None = Field(default=None, alias="redeploy-previous")
    start_previous: SiteStep | None = Field(default=None, alias="start-previous")


class Smoke(Table):
    """The repository into which the built-in checks upload a small blob; without one they only read."""

    repository: RepositoryKey | None = None


class Judgement(Table):
    """Durations (seconds) and allowances by which a window is judged; defaults are the policy's."""

    thresholds: LocalPath | None = None
    ready_for: Seconds = _DEFAULT.ready_for
    accept_degraded: bool = _DEFAULT.accept_degraded
    sustained_for: Seconds = _DEFAULT.sustained_for
    release_after: Seconds = _DEFAULT.release_after
    coverage: Annotated[float, Field(gt=0, le=1)] = _DEFAULT.coverage
    unplanned_allowed: Allowance = _DEFAULT.unplanned_allowed
    grace: Allowance = _DEFAULT.grace
    samples: Annotated[int, Field(ge=1, le=1000)] = _DEFAULT.samples
    ramp_for: Seconds = _DEFAULT.ramp_for
    trigger_after: Seconds = _DEFAULT.trigger_after
    baseline_stale_after: Seconds = _DEFAULT.baseline_stale_after
    backup_stale_after: Seconds = _DEFAULT.backup_stale_after


class People(Table):
    """When a second operator must confirm, and whether from a login of their own.

    `group` is that of the logins who share the state directory; without one it is a single login's.
    """

    group: GroupName | None = None
    second_operator: Literal["never", "restore", "rollback", "always"] = "restore"
    distinct_login: bool = _DEFAULT.distinct_login


class Comms(Table):
    """Where status messages go: a channel's name, and the variable that holds a webhook's address."""

    channel: Annotated[str, StringConstraints(max_length=80)] = ""
    webhook_env: Variable | None = None


class Watch(Table):
    """How long (seconds) the watch goes on when no console is attached."""

    linger: Seconds = 1800.0


class Length(Table):
    """How long (seconds) a window is planned to last."""

    length: Seconds = 7200.0


class Settings(Table):
    """All of `drawbridge.toml`. Durations are in seconds, paths are absolute but for `thresholds`."""

    environment: Annotated[str, StringConstraints(pattern=r"\A[A-Za-z0-9._-]{1,40}\z")]
    state: FilePath | None = None
    api: Api
    make: Make
    steps: Steps = Steps()
    smoke: Smoke = Smoke()
    judgement: Judgement = Judgement()
    people: People = People()
    comms: Comms = Comms()
    watch: Watch = Watch()
    window: Length = Length()
    screen: Screen = Screen()
    keys: Keys = Keys()

    _path: Path = PrivateAttr()
    _digest: str = PrivateAttr()

    def model_post_init(self, context: Any) -> None:
        """Keeps the file's path and the digest of its text, which the reader hands over as context."""
        self._path = context["path"]
        self._digest = context["digest"]

    @model_validator(mode="after")
    def _looks_back_far_enough(self) -> "Settings":
        """Judgement sees the ops summaries of the last half hour: what needs longer would never end."""
        judged = self.judgement
        if judged.samples * self.api.summary_every > _LONGEST_SERIES:
            raise ValueError("[judgement] samples times [api] summary_every must stay under 25 minutes")
        if judged.sustained_for > _LONGEST_SERIES:
            raise ValueError("[judgement] sustained_for must stay under 25 minutes")
        return self

    @property
    def path(self) -> Path:
        """The file that these settings were read from."""
        return self._path

    @property
    def digest(self) -> str:
        """That of the text that these settings were read from, for `vouched`."""
        return self._digest

    @property
    def thresholds(self) -> Path | None:
        """The site's own alert thresholds, None for those built in."""
        file = self.judgement.thresholds
        return None if file is None else self.make.directory / file

    def command(self, step: str) -> tuple[str, ...] | None:
        """The site's command for a step id, None where the operator attests the step."""
        site: SiteStep | None = getattr(self.steps, step.replace("-", "_"), None)
        return None if site is None else site.command

    def policy(self, limits: Mapping[str, Limit], source: str) -> Policy:
        """The policy of a window: these settings, with `limits` that were read from `source`."""
        judged = self.judgement.model_dump(exclude={"thresholds"})
        people = self.people.model_dump(include={"second_operator", "distinct_login"})
        return Policy(
            replicas=self.api.urls,
            ready_every=self.api.ready_every,
            summary_every=self.api.summary_every,
            reconcile_every=self.api.reconcile_every,
            limits=dict(limits),
            limits_source=source,
            **judged,
            **people,
        )
