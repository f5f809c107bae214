"""Why a backlog row is in its state, in one line with its numbers."""

from collections.abc import Sequence

from msgspec import Struct

from state.events import MetricSummary
from state.judgement.growth import Growth, trend
from state.judgement.latch import Latch
from state.judgement.phrases import duration, number, rate
from state.judgement.series import Point
from state.policy import Limit, Policy
from state.readings import Metric, MetricKind


class Reasons(Struct, frozen=True):
    """The wording for one metric at its last point."""

    metric: Metric
    limit: Limit
    summary: MetricSummary | None
    points: Sequence[Point]
    growth: Growth
    policy: Policy

    @property
    def _now(self) -> Point:
        return self.points[-1]

    def critical(self, latch: Latch) -> str:
        """Above critical, or on the way back from it."""
        bar = number(self.limit.critical or 0)
        if latch.clear_since is None:
            return f"{number(self._now[1])} > {bar} (critical){self._compared()}{self._trending()}"
        return f"{number(self._now[1])}, was above {bar} (critical); {self._release(latch)}"

    def raised(self, watch: Latch, serious: Latch) -> str:
        """Growth that is watched, counted or sustained, or on the way back from it."""
        if watch.clear_since is not None:
            bar = self.growth.bar
            if bar is not None and self._now[1] > bar:
                return f"{self._but_draining(bar)}; {self._release(watch)}"
            above = "growing" if bar is None else f"above {number(bar)}"
            return f"{number(self._now[1])}, was {above}; {self._release(watch)}"
        if serious.since is None:
            since = f"; {self._release(serious)}" if serious.clear_since is not None else ""
            return self.grown("") + since
        held = self._now[0] - serious.since
        if serious.raised:
            return self.grown(f" for {duration(held)}")
        clock = f" for {duration(held)} of {duration(self.policy.sustained_for)}"
        if held >= self.policy.sustained_for:
            clock += " with too few samples to be sure"
        return self.grown(clock)

    def grown(self, clock: str) -> str:
        """What has grown beyond what, with `clock` (` for 01:10 of 05:00`) where one runs."""
        bar = self.growth.bar
        if self.growth.serious[-1] and self.growth.serious_bar is not None:
            bar = self.growth.serious_bar
        if self.growth.critical[-1]:
            bar = self.limit.critical
        value = self._now[1]
        if bar is not None and value > bar:
            return f"{number(value)} > {number(bar)}{clock}{self._compared()}{self._trending()}"
        return f"{self._rate()} s/s{clock}: worker is not draining"

    def calm(self, compared: bool, reset: bool) -> str:
        """What is worth saying of an OK row: mostly nothing.

        `compared`: there is a baseline; `reset`: a restore lies between it and now.
        """
        value, bar = self._now[1], self.growth.bar
        if reset and value == 0 and self.summary is not None and self.summary.median > 0:
            return "reset by the restore, not improved"
        if bar is not None and value > bar and self.growth.draining[-1]:
            return self._but_draining(bar)
        warning = self.limit.warning
        if warning is not None and value > warning and self.summary is not None:
            known = number(self.summary.maximum)
            return f"{number(value)} > {number(warning)}, but not beyond the baseline (max {known})"
        if self.metric.kind is MetricKind.AGE or self.summary is not None:
            return ""
        why = "the baseline does not have it" if compared else "no baseline yet"
        return f"{why}: {'shown only' if bar is None else 'judged by its alert alone'}"

    def _but_draining(self, bar: float) -> str:
        return f"{number(self._now[1])} > {number(bar)}, but draining ({self._rate()}/s)"

    def _rate(self) -> str:
        return rate(trend(self.points, self.policy))

    def _compared(self) -> str:
        return "" if self.summary is None else f", baseline max {number(self.summary.maximum)}"

    def _trending(self) -> str:
        if self.growth.ramp[-1]:
            return f", {self._rate()} s/s: worker is not draining"
        if self.metric.kind is not MetricKind.QUEUE:
            return ""
        return f", draining ({self._rate()}/s)" if self.growth.draining[-1] else ", not draining"

    def _release(self, latch: Latch) -> str:
        since = latch.clear_since if latch.clear_since is not None else self._now[0]
        clear = duration(self._now[0] - since)
        return f"clear for {clear} of {duration(self.policy.release_after)}"
