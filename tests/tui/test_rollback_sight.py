"""On a small terminal the field of the rollback screen that is typed into stays in sight."""

import pytest

from state.console.session import Session
from state.intents import RaiseCorrectness, RaiseIncident

from ..session.place import must, wait_for
from .rollback_app import Small, type_in, until


def trip_everything(session: Session) -> None:
    """Two triggers, with reasons that take several lines."""
    must(session, RaiseIncident("OPS-1", ""))
    must(session, RaiseCorrectness("rows are missing: " + "the order of the words is of no matter " * 8))

    def tripped() -> bool:
        session.tick()
        return {"incident", "correctness"} <= set(session.window.triggers)

    wait_for(tripped)


@pytest.mark.parametrize("field", ["why-words", "class", "depth", "phrase"])
async def test_words_that_grow_push_no_field_away(session: Session, field: str) -> None:
    app = Small(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.asks and app.focus_id == "why-words")
        focused, asked = app.screen.query_one(f"#{field}"), app.screen.query_one("#asked")
        focused.focus()
        await until(pilot, lambda: app.focus_id == field and focused.region in asked.region)
        lines = app.screen.query_one("#why").size.height
        trip_everything(session)
        app.look()
        await until(pilot, lambda: app.screen.query_one("#why").size.height >= lines + 4)
        await until(pilot, lambda: focused.region in asked.region)
        if field == "phrase":
            await type_in(pilot, "roll")
            assert focused.region in asked.region
