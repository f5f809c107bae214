"""The shipped runbook: its ids are relied on from outside, and each step can be done."""

import pytest

from state.runbook import StepKind, parse, shipped
from state.settings.model import Steps
from state.window import Window

IDS = {
    "preconditions": ["window-approved", "backup-available", "ci-green", "rollback-owner", "drill-passed"],
    "upgrade": ["backup", "baseline", "deploy", "migrate", "health", "smoke", "compare", "declare"],
    "rollback": [
        "stop-release",
        "redeploy-previous",
        "restore",
        "migrate-baseline",
        "start-previous",
        "validate-health",
        "validate-smoke",
        "validate-backlog",
        "communicate",
    ],
    "follow_up": ["root-cause", "risk-log", "drill"],
}


def test_phases_and_steps_have_their_stable_ids_in_order() -> None:
    found = {phase.id: [step.id for step in phase.steps] for phase in shipped().phases}
    assert found == IDS
    assert list(found) == list(IDS)


def test_every_step_knows_its_phase_and_says_what_it_does() -> None:
    for phase in shipped().phases:
        for step in phase.steps:
            assert step.phase == phase.id
            assert step.title
            assert step.explain.endswith(".")
            assert shipped().step(step.id) is step


def test_make_steps_have_the_targets_of_artifortress_and_no_other_step_has_one() -> None:
    targets = {step.id: step.target for phase in shipped().phases for step in phase.steps if step.target}
    assert targets == {
        "backup": "db-backup",
        "migrate": "db-migrate",
        "restore": "db-restore",
        "migrate-baseline": "db-migrate",
        "drill": "phase6-drill",
    }
    made = {s.id for phase in shipped().phases for s in phase.steps if s.kind is StepKind.MAKE}
    assert made == set(targets)


def test_what_disrupts_also_changes() -> None:
    steps = [step for phase in shipped().phases for step in phase.steps]
    assert [step.id for step in steps if step.disrupts and not step.changes] == []
    assert [step.id for step in steps if step.writes_backup] == ["backup"]
    assert {"deploy", "migrate", "restore"} <= {step.id for step in steps if step.changes}


def test_the_settings_can_name_a_command_for_each_site_step() -> None:
    known = {field.alias or name for name, field in Steps.model_fields.items()}
    steps = [step for phase in shipped().phases for step in phase.steps]
    assert {step.id for step in steps if step.kind is StepKind.SITE} == known


def test_a_window_without_a_rollback_needs_no_drill() -> None:
    assert [step.id for step in Window().checklist] == [
        step for phase in ("preconditions", "upgrade") for step in IDS[phase] if step != "drill-passed"
    ]


def test_unknown_ids_are_key_errors() -> None:
    with pytest.raises(KeyError):
        shipped().phase("downgrade")
    with pytest.raises(KeyError):
        shipped().step("melt")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("x = ", ValueError),
        ("x = 1", KeyError),
        ('[[phase]]\nid = "p"\ntitle = "P"\n', KeyError),
        ('[[phase]]\nid = "p"\ntitle = "P"\n[[phase.step]]\nid = "s"\nkind = "wish"\n', ValueError),
        ('[[phase]]\nid = "p"\ntitle = "P"\n[[phase.step]]\nid = "s"\nkind = "make"\n', TypeError),
    ],
)
def test_text_that_is_no_runbook_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(text)
