"""The commands that look at what is there, beside any console, and the second operator's word."""

import json
import os
import sys
from pathlib import Path

import click

from state.listing import listed
from tui.command_line.console import cli
from tui.command_line.context import Context, actor, directory_of, of_window
from tui.command_line.ending import FAILED, examples, fail, in_words
from tui.typed import as_typed


@cli.command(epilog=examples("drawbridge windows", "drawbridge windows --json | jq '.[0].window'"))
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
@in_words
def windows(context: Context, as_json: bool) -> None:
    """Lists the windows: open ones first."""
    from state.report import windows as report

    found = listed(context.state())
    if as_json:
        click.echo(json.dumps([report.as_json(one) for one in found], indent=2))
        return
    if not found:
        click.echo("no windows yet")
    for one in found:
        click.echo(report.as_line(one))


@cli.command(
    short_help="Where a window stands.",
    epilog=examples(
        "drawbridge status",
        "drawbridge status 2026-02-11-140200-production --json",
        "set -g status-right '#(drawbridge status --line)'   # in ~/.tmux.conf",
    ),
)
@of_window
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--line", "as_line", is_flag=True, help="One line, for a status bar.")
@click.pass_obj
@in_words
def status(context: Context, window: str | None, as_json: bool, as_line: bool) -> None:
    """Where a window stands; without a name the open one, else the newest."""
    import time

    from state.report import short
    from state.report import status as report
    from state.view import View

    view = View(directory_of(context.state(), window))
    view.refresh(time.time())
    if as_json:
        click.echo(json.dumps(report.as_json(view), indent=2))
    elif as_line:
        click.echo(short.as_line(view))
    else:
        click.echo(as_typed(report.as_text(view), context.config))


@cli.command(
    short_help="Checks that nothing of a window was changed.",
    epilog=examples("drawbridge verify", "drawbridge verify 2026-02-11-140200-production --json"),
)
@of_window
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
@in_words
def verify(context: Context, window: str | None, as_json: bool) -> None:
    """Checks that nothing of a window was changed: its journal, its runs and logs, its backups."""
    from state.report.verify import verify

    found = verify(directory_of(context.state(), window))
    click.echo(json.dumps(found.as_json(), indent=2) if as_json else found.as_text())
    if not found.is_right:
        sys.exit(FAILED)


@cli.command(
    short_help="The evidence of a window.",
    epilog=examples(
        "drawbridge report > ticket.md",
        "drawbridge report 2026-02-11-140200-production -o evidence.html",
        "drawbridge report --format json | jq .chain",
    ),
)
@of_window
@click.option("--format", "form", type=click.Choice(["md", "html", "json"]), help="The form; md by default.")
@click.option("-o", "file", type=click.Path(path_type=Path), help="The file; its ending names the form.")
@click.option("--schema", is_flag=True, help="The JSON Schema of the json form, and nothing else.")
@click.pass_obj
@in_words
def report(context: Context, window: str | None, form: str | None, file: Path | None, schema: bool) -> None:
    """The evidence of a window, at any time: Markdown for a ticket, an HTML page, or JSON."""
    import time

    from state.report import forms
    from state.report.writing import WritingError, write

    if schema:
        click.echo(forms.schema(), nl=False)
        return
    from state.report.evidence import gather

    evidence = gather(directory_of(context.state(), window), time.time())
    chosen = forms.Form(form) if form else forms.form_of(file) if file else forms.Form.MARKDOWN
    text = forms.render(evidence, chosen)
    if file is None:
        click.echo(text, nl=False)
    else:
        try:
            write(file, text)
        except WritingError as error:
            fail(str(error))
    if evidence.complaints:
        fail(" ".join(evidence.complaints))


@cli.command(short_help="Confirms what waits for a second operator.", epilog=examples("drawbridge approve"))
@of_window
@click.pass_obj
@in_words
def approve(context: Context, window: str | None) -> None:
    """Confirms, as the second operator, the step of a window that waits for one."""
    from tui.approving import approve as confirm

    status, said = confirm(directory_of(context.state(), window), actor())
    if status:
        fail(said, status)
    click.echo(said)


@cli.command(
    short_help="Checks everything beforehand.",
    epilog=examples("drawbridge doctor", "drawbridge doctor && drawbridge"),
)
@click.pass_obj
@in_words
def doctor(context: Context) -> None:
    """Checks everything that a window will need: one line each, with the mend."""
    from state.doctor.examination import examine

    found = list(examine(context.config, os.environ, Path.cwd()))
    for check in found:
        mend = f"  {check.mend}" if check.mend else ""
        click.echo(f"{check.verdict:<5} {check.subject}: {check.words}{mend}")
    if any(check.verdict == "FAIL" for check in found):
        sys.exit(FAILED)
