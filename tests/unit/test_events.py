"""Events: what is written to the journal comes back as it was, and what is not known is said to be so."""

import json
from collections.abc import Mapping
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from state import events
from state.events import KINDS, LAST_MOMENT, Actor, Event, MetricSummary, StepBegun, UnknownEvent, from_body
from state.events.event import Moment
from state.policy import Policy

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
OBJECTS = st.dictionaries(st.text(), JSON, max_size=3)
MOMENTS = st.floats(0, LAST_MOMENT)
FIELDS: Mapping[Any, st.SearchStrategy[Any]] = {
    Moment: MOMENTS,
    Moment | None: st.none() | MOMENTS,
    str: st.text(),
    Actor: st.builds(Actor, st.text(), st.text(), st.text(), st.text(), st.text(), st.integers()),
    int: st.integers(),
    float: NUMBERS,
    bool: st.booleans(),
    float | None: st.none() | NUMBERS,
    int | None: st.none() | st.integers(),
    tuple[str, ...]: st.lists(st.text(), max_size=3).map(tuple),
    Mapping[str, str]: st.dictionaries(st.text(), st.text(), max_size=3),
    Mapping[str, int]: st.dictionaries(st.text(), st.integers(), max_size=3),
    Mapping[str, Any]: OBJECTS,
    tuple[Mapping[str, Any], ...]: st.lists(OBJECTS, max_size=3).map(tuple),
    Mapping[str, MetricSummary]: st.dictionaries(
        st.text(), st.builds(MetricSummary, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.integers()), max_size=3
    ),
}


def of_kind(kind: type[Event]) -> st.SearchStrategy[Event]:
    hints = get_type_hints(kind, include_extras=True)
    hints.pop("version")
    return st.builds(kind, **{name: FIELDS[hint] for name, hint in hints.items()})


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
@given(data=st.data())
def test_every_kind_comes_back_from_json_as_it_was(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(of_kind(kind))
    body = json.loads(json.dumps(event.to_body()))
    back = from_body(event.kind(), event.version, json.dumps(body))
    assert back == event
    assert type(back) is kind
    assert json.loads(json.dumps(back.to_body())) == body


def test_every_event_of_the_module_is_known() -> None:
    defined = {
        value
        for value in vars(events).values()
        if isinstance(value, type) and issubclass(value, Event) and value is not Event
    }
    assert defined == set(KINDS.values())
    assert all(name == kind.kind() for name, kind in KINDS.items())


@pytest.mark.parametrize(
    ("kind", "version", "body"),
    [
        ("StepMelted", 1, {"step": "deploy"}),
        ("Event", 1, {}),
        ("StepBegun", 2, {"step": "deploy"}),
        ("StepBegun", 0, {"step": "deploy"}),
        ("StepBegun", 1, {}),
        ("StepBegun", 1, {"step": "deploy", "colour": "red"}),
        ("StepBegun", 1, {"phase": "upgrade"}),
        ("StepBegun", 1, []),
        ("StepBegun", 1, None),
        ("StepBegun", 1, "step"),
        ("StepBegun", 1, {"step": 4}),
        ("RunStarted", 1, {"run": "4"}),
        ("SnapshotRecorded", 1, {"metrics": {"a": {"median": 1.0}}}),
        ("SnapshotRecorded", 1, {"metrics": []}),
        ("SnapshotRecorded", 1, {}),
    ],
)
def test_what_this_version_does_not_know_is_unknown(kind: str, version: int, body: Any) -> None:
    with pytest.raises(UnknownEvent, match=rf"{kind} version {version}"):
        from_body(kind, version, json.dumps(body))


def test_what_is_no_json_is_unknown() -> None:
    with pytest.raises(UnknownEvent, match="StepBegun version 1"):
        from_body("StepBegun", 1, '{"step": "depl')


def test_fields_with_a_default_may_be_missing() -> None:
    assert from_body("StepAttested", 1, '{"step": "s", "who": "w", "reference": "r"}').to_body() == {
        "step": "s",
        "who": "w",
        "reference": "r",
        "link": "",
    }


def test_an_event_cannot_be_changed() -> None:
    event = StepBegun("deploy")
    with pytest.raises(AttributeError):
        event.step = "smoke"
    assert replace(event, step="smoke") == StepBegun("smoke")


def test_the_policy_comes_back_from_json_as_it_was() -> None:
    policy = Policy(replicas=("http://a", "http://b"), ready_for=1.5, samples=3, limits_source="a file")
    assert Policy.from_json(json.loads(json.dumps(policy.as_json()))) == policy
