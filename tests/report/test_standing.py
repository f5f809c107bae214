"""The report says of every step and run what `status` says of it, in words that an operator understands."""

import fcntl
import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from state.deployment.runs import boot_id
from state.events import StepBegun, WindowDeclared
from state.journal.directory import DRIVER_LOCK
from state.report import forms, status
from state.report.evidence import gather
from state.view import View
from state.window import ROLLED_BACK

from ..unit.story import Story
from .told import written


def status_of(directory: Path, now: float) -> dict[str, Any]:
    with closing(View(directory)) as view:
        view.refresh(now)
        return status.as_json(view)


def states(document: dict[str, Any]) -> dict[str, str]:
    return {step["id"]: step["state"] for step in document["steps"]}


def turned_while_it_waited() -> Story:
    """Turned back while the health step was still waiting."""
    story = Story().until("health")
    story.tell(StepBegun("health"))
    return story.turned()


def ended(outcome: str) -> Story:
    story = Story().until("migrate") if outcome == "abandoned" else Story().back_to("end")
    story.tell(WindowDeclared(outcome, "no time", ()))
    return story


@pytest.mark.parametrize(
    "story",
    [turned_while_it_waited(), ended("abandoned"), ended(ROLLED_BACK)],
    ids=["turned", "abandoned", "rolled back"],
)
def test_every_step_stands_as_in_status(tmp_path: Path, story: Story) -> None:
    directory = written(tmp_path / "w", story.records)
    evidence = gather(directory, story.at)
    report = json.loads(forms.render(evidence, forms.Form.JSON))
    assert states(report) == states(status_of(directory, story.at))
    assert states(report)["compare"] == "not_done"
    ticket, page = (forms.render(evidence, form) for form in (forms.Form.MARKDOWN, forms.Form.HTML))
    assert "| Compare with the baseline | not done |" in ticket
    assert '<span class="state plain">not done</span>' in page
    assert "not_done" not in page and "not\\_done" not in ticket


@pytest.mark.parametrize(
    ("code", "said", "tone"),
    [("0", "exit 0", "good"), ("2", "exit 2", "bad"), (None, "unknown (lost)", "bad")],
)
def test_a_run_whose_end_no_console_saw_has_ended_in_the_report(
    tmp_path: Path, code: str | None, said: str, tone: str
) -> None:
    story = Story().until("deploy")
    run = story.request("deploy")
    directory = written(tmp_path / "w", story.records)
    kept = directory / "runs" / str(run)
    kept.mkdir(parents=True)
    (kept / "command.json").write_text(json.dumps({"boot": boot_id()}))
    (kept / "pid").write_text("1")
    if code is not None:
        (kept / "exit").write_text(code)
        os.utime(kept / "exit", (story.at + 7, story.at + 7))
    evidence = gather(directory, story.at + 60)
    stands = status_of(directory, story.at + 60)
    assert states(json.loads(forms.render(evidence, forms.Form.JSON))) == states(stands)
    (told,) = [one for one in evidence.runs if one.id == run]
    assert (told.state, told.exit_status, told.in_journal) == (
        stands["run"]["state"],
        stands["run"]["exit_code"],
        False,
    )
    assert (told.ended, told.seconds) == (stands["run"]["ended"], 7.0 if code is not None else None)
    words = f"{said}, not yet in the journal"
    assert words in forms.render(evidence, forms.Form.MARKDOWN)
    assert f'<span class="state {tone}">{words}</span>' in forms.render(evidence, forms.Form.HTML)


def test_a_run_that_goes_on_has_not_ended_badly(tmp_path: Path) -> None:
    story = Story().until("deploy")
    story.request("deploy")
    directory = written(tmp_path / "w", story.records)
    with (directory / DRIVER_LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        page = forms.render(gather(directory, story.at), forms.Form.HTML)
    assert '<span class="state plain">running</span>' in page
    assert "one is not over" in page and "did not end well" not in page
