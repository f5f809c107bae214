"""Both threshold files of Artifortress are understood, and nothing doubtful is."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from state.judgement.thresholds import ThresholdsError, parse
from state.policy import BUILT_IN_LIMITS, Limit

SAMPLES = Path(__file__).parents[2] / "samples"


def one(**changes: object) -> str:
    entry = {
        "metric": "failedSearchJobs",
        "severity": "warning",
        "comparator": ">",
        "threshold": 5,
        **changes,
    }
    entry = {key: value for key, value in entry.items() if value is not None}
    return yaml.safe_dump({"phase6_alert_thresholds": {"checks": [entry]}})


def test_the_enterprise_file_gives_the_built_in_limits() -> None:
    text = (SAMPLES / "enterprise-ops-alert-thresholds.yaml").read_text()
    assert parse(text, "t.yaml") == BUILT_IN_LIMITS


def test_the_phase6_file_gives_no_alert_for_what_it_does_not_name() -> None:
    limits = parse((SAMPLES / "phase6-alert-thresholds.yaml").read_text(), "t.yaml")
    assert limits == {k: v for k, v in BUILT_IN_LIMITS.items() if k != "pendingSearchJobs"}


def test_field_names_a_metric_as_well_and_critical_may_stand_alone() -> None:
    text = one(metric=None, field="pendingSearchJobs", severity="critical", threshold=1.5)
    assert parse(text, "t.yaml") == {"pendingSearchJobs": Limit(None, 1.5)}


@pytest.mark.parametrize("field", ["status", "dependencies[?name=='oidc_jwks'].status"])
def test_checks_of_readiness_are_no_limits(field: str) -> None:
    assert parse(one(metric=None, field=field, comparator="!=", threshold="ready"), "t.yaml") == {}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"metric": "queueDepth"}, "'queueDepth', which is no metric"),
        ({"metric": ["x"]}, "which is no metric"),
        ({"metric": None}, "names no metric"),
        ({"severity": None}, "severity None"),
        ({"severity": "fatal"}, "severity 'fatal'"),
        ({"severity": ["warning"]}, "severity ['warning']"),
        ({"comparator": ">="}, "comparator '>='"),
        ({"comparator": None}, "comparator None"),
        ({"threshold": None}, "threshold None"),
        ({"threshold": "5"}, "threshold '5', which is not a number"),
        ({"threshold": True}, "threshold True, which is not a number"),
        ({"threshold": float("nan")}, "threshold nan; it must be finite"),
        ({"threshold": float("inf")}, "must be finite"),
        ({"threshold": 10**400}, "must be finite"),
        ({"threshold": -1}, "must be finite and not below zero"),
    ],
)
def test_a_doubtful_entry_is_named(changes: dict[str, object], says: str) -> None:
    with pytest.raises(ThresholdsError) as caught:
        parse(one(**changes), "deploy/t.yaml")
    assert str(caught.value).startswith("deploy/t.yaml: entry 1 of checks")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just words",
        "- a\n- b",
        "other_root: {checks: []}",
        "phase6_alert_thresholds: []",
        "phase6_alert_thresholds: {ops_summary_checks: []}",
        "phase6_alert_thresholds: {checks: {a: 1}}",
        "phase6_alert_thresholds: {checks: [5]}",
        "enterprise_ops_alert_thresholds: {ops_summary_checks: [], readiness_checks: 5}",
        "phase6_alert_thresholds: {checks: []}\nenterprise_ops_alert_thresholds: {ops_summary_checks: []}",
        "a: [",
        "a: !!python/object/apply:os.system ['true']",
        "a: 2026-13-45",
        "a: " + "9" * 5000,
        "[" * 1500,
    ],
)
def test_another_shape_is_one_sentence_that_names_the_file(text: str) -> None:
    with pytest.raises(ThresholdsError, match=r"^t\.yaml.*\.$"):
        parse(text, "t.yaml")


_YAML = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["failedSearchJobs", "warning", ">", ">="]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["metric", "field", "severity", "comparator", "threshold", "checks"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 3000), st.integers(0, 40), st.text(max_size=6))
def test_a_damaged_file_is_read_or_refused_in_a_sentence(at: int, cut: int, put: str) -> None:
    text = (SAMPLES / "enterprise-ops-alert-thresholds.yaml").read_text()
    _read_or_refused(text[:at] + put + text[at + cut :])


@settings(max_examples=300, deadline=None)
@given(_YAML, st.booleans())
def test_any_document_is_read_or_refused_in_a_sentence(content: object, rooted: bool) -> None:
    document = {"phase6_alert_thresholds": {"checks": [content]}} if rooted else content
    _read_or_refused(yaml.safe_dump(document, allow_unicode=True))


def _read_or_refused(text: str) -> None:
    try:
        limits = parse(text, "t.yaml")
    except ThresholdsError as error:
        said = str(error)
        assert said.startswith("t.yaml") and said.endswith(".") and said.isprintable(), said
    else:
        assert all(isinstance(limit, Limit) for limit in limits.values())


def entries(*pairs: tuple[str, float]) -> str:
    checks = [
        {"metric": "failedSearchJobs", "severity": severity, "comparator": ">", "threshold": threshold}
        for severity, threshold in pairs
    ]
    return yaml.safe_dump({"phase6_alert_thresholds": {"checks": checks}})


def test_the_same_alert_twice_is_refused() -> None:
    with pytest.raises(
        ThresholdsError, match="entry 2 of checks names failedSearchJobs warning a second time"
    ):
        parse(entries(("warning", 5), ("warning", 7)), "t.yaml")


def test_a_warning_above_critical_is_refused() -> None:
    with pytest.raises(ThresholdsError, match="warns at 30, above its critical 20"):
        parse(entries(("warning", 30), ("critical", 20)), "t.yaml")


def test_what_the_file_says_cannot_steer_the_terminal() -> None:
    with pytest.raises(ThresholdsError) as caught:
        parse(one(metric="\x1b]52;c;x\x07" + "y" * 500), "t.yaml")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 160
