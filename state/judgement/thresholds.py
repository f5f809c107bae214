"""The site's alert thresholds, read from either of the YAML files that Artifortress ships.

`deploy/phase6-alert-thresholds.yaml` has the root key `phase6_alert_thresholds` with the list
`checks`; `deploy/enterprise-ops-alert-thresholds.yaml` has `enterprise_ops_alert_thresholds` with
`readiness_checks` and `ops_summary_checks`. Only checks of the ops summary's metrics become
limits; readiness has a gate of its own.
"""

import math
from collections.abc import Iterator
from typing import Any

from state.policy import Limit
from state.readings import METRICS

_ROOTS = {
    "phase6_alert_thresholds": ("checks",),
    "enterprise_ops_alert_thresholds": ("ops_summary_checks", "readiness_checks"),
}
_SEVERITIES = ("warning", "critical")
_KEYS = frozenset(metric.key for metric in METRICS)


class ThresholdsError(ValueError):
    """The file is not one that judgement can rely on; the message says where and why."""


def parse(text: str, source: str) -> dict[str, Limit]:
    """The limits by metric key. `source` names the file in errors; raises ThresholdsError.

    A metric that the file does not name has no entry, and so no alert.
    """
    found: dict[str, dict[str, float]] = {}
    for place, entry in _entries(_load(text, source), source):
        if _about_readiness(place, entry):
            continue
        metric, severity, value = _check(entry, f"{source}: {place}")
        severities = found.setdefault(metric, {})
        if severity in severities:
            raise ThresholdsError(f"{source}: {place} names {metric} {severity} a second time.")
        severities[severity] = value
    limits = {metric: Limit(**severities) for metric, severities in found.items()}
    for metric, limit in limits.items():
        if limit.warning is not None and limit.critical is not None and limit.warning > limit.critical:
            raise ThresholdsError(
                f"{source}: {metric} warns at {limit.warning:g}, above its critical {limit.critical:g}."
            )
    return limits


def _load(text: str, source: str) -> Any:
    # Most windows are judged by what is built in: not on the way to their first screen.
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f" at line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ThresholdsError(f"{source} is not YAML{line}: {error.problem}.") from error
    # The loader's own conversions (dates, huge numbers, deep nesting) raise these.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ThresholdsError(f"{source} cannot be read as YAML.") from error


def _entries(document: Any, source: str) -> Iterator[tuple[str, dict[Any, Any]]]:
    roots = [root for root in _ROOTS if isinstance(document, dict) and root in document]
    if len(roots) != 1:
        raise ThresholdsError(f"{source} must have one root key of {' and '.join(_ROOTS)}.")
    body = document[roots[0]]
    lists, *_ = _ROOTS[roots[0]]
    if not isinstance(body, dict) or not isinstance(body.get(lists), list):
        raise ThresholdsError(f"{source}: {roots[0]} has no list {lists}.")
    for name in _ROOTS[roots[0]]:
        entries = body.get(name, [])
        if not isinstance(entries, list):
            raise ThresholdsError(f"{source}: {name} is not a list.")
        for index, entry in enumerate(entries, start=1):
            if not isinstance(entry, dict):
                raise ThresholdsError(f"{source}: entry {index} of {name} is not a mapping.")
            yield f"entry {index} of {name}", entry


def _about_readiness(place: str, entry: dict[Any, Any]) -> bool:
    field = str(entry.get("field", ""))
    return place.endswith("readiness_checks") or field == "status" or field.startswith("dependencies[")


def _check(entry: dict[Any, Any], place: str) -> tuple[str, str, float]:
    metric = entry.get("metric", entry.get("field"))
    if metric is None:
        raise ThresholdsError(f"{place} names no metric.")
    if not isinstance(metric, str) or metric not in _KEYS:
        raise ThresholdsError(f"{place} names {_shown(metric)}, which is no metric of the ops summary.")
    severity, comparator = entry.get("severity"), entry.get("comparator")
    if severity not in _SEVERITIES:
        raise ThresholdsError(
            f"{place} ({metric}) has the severity {_shown(severity)}; warning or critical it must be."
        )
    if comparator != ">":
        raise ThresholdsError(
            f'{place} ({metric}) has the comparator {_shown(comparator)}; only ">" is known.'
        )
    return metric, severity, _threshold(entry.get("threshold"), f"{place} ({metric})")


def _threshold(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ThresholdsError(f"{place} has the threshold {_shown(value)}, which is not a number.")
    try:
        sound = math.isfinite(value) and value >= 0
    except OverflowError:
        sound = False
    if not sound:
        raise ThresholdsError(
            f"{place} has the threshold {_shown(value)}; it must be finite and not below zero."
        )
    return float(value)


def _shown(value: Any) -> str:
    """A value from the file as a short, printable word of the message."""
    try:
        word = ascii(value)
    except ValueError:
        return "too long a number"
    return word if len(word) <= 60 else word[:57] + "..."
