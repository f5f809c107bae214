"""The message after a rollback: what was lost is what was counted, not what was once estimated."""

from msgspec.structs import replace

from state.events import RollbackBegun
from state.report.message import rollback_message
from state.window import Window

from .story import OWN_BACKUP, Story, examined

ESTIMATE = "everything written since 06:46:40 UTC (2 min) is lost: 44 audit rows"


def restored() -> Window:
    story = Story().until("smoke")
    story.tell(RollbackBegun("restore", "errors", "C", (), ESTIMATE, story.window.rollback_phrase))
    return story.back_to("communicate").window


def test_without_a_safety_backup_the_estimate_names_its_moment() -> None:
    said = rollback_message(restored())
    assert "what was written after that is lost." in said
    assert f"UTC: {ESTIMATE}." in said
    assert "As counted at " in said


def test_rows_that_were_counted_take_the_place_of_the_estimate() -> None:
    window = restored()
    assert window.backup is not None
    window = replace(
        window,
        backup=replace(window.backup, rows={"public.audit_log": 625}),
        safety_backup=replace(examined("restore", OWN_BACKUP), rows={"public.audit_log": 734}),
    )
    said = rollback_message(window)
    assert "Rows lost against the safety backup: 109 of audit_log." in said
    assert "44 audit rows" not in said
