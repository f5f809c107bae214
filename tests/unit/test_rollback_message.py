"""The message after a rollback: what was lost is what was counted, not what was once estimated."""

from msgspec.structs import replace

from state.events import RestoreChecked, RollbackBegun
from state.report.message import rollback_message
from state.window import Window

from .story import OWN_BACKUP, Story, examined

ESTIMATE = "everything written since 06:46:40 UTC (2 min) is lost: 44 audit rows (counted at 06:48:40 UTC)"
LATER = "everything written since 06:46:40 UTC (9 min) is lost: 70 audit rows (counted at 06:54:40 UTC)"


def restored(*confirmed: str) -> Window:
    """A restore that was confirmed with these words about its loss, once or again."""
    story = Story().until("smoke")
    story.tell(RollbackBegun("restore", "errors", "C", (), ESTIMATE, story.window.rollback_phrase))
    story.back_to("restore")
    story.tell(*(RestoreChecked((), loses) for loses in confirmed))
    return story.back_to("communicate").window


def test_the_channel_is_told_the_loss_as_the_restore_was_confirmed() -> None:
    said = rollback_message(restored(LATER))
    assert "what was written after that is lost." in said
    assert f"As last known before the restore: {LATER}." in said
    assert "44 audit rows" not in said


def test_a_restore_that_was_done_elsewhere_leaves_the_loss_as_it_was_known_when_turning_back() -> None:
    assert f"As last known before the restore: {ESTIMATE}." in rollback_message(restored())


def test_of_two_restores_the_last_confirmation_counts() -> None:
    said = rollback_message(restored(LATER.replace("70", "69"), LATER))
    assert LATER in said and "69 audit rows" not in said


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
