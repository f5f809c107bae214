"""Makes the manual page from the command line's own declarations, so that it says what the program does."""

import re
from collections.abc import Iterator

import click

EXIT_STATUS = (
    ("0", "Done."),
    ("1", "It could not be done, or the check failed."),
    ("2", "Wrong usage or configuration."),
    ("3", "Refused by a rule."),
    ("129, 143", "Ended by hang-up or termination."),
)
ENVIRONMENT = (
    ("DRAWBRIDGE_CONFIG", "The settings file, where --config names none."),
    ("DRAWBRIDGE_STATE", "The state directory, before what the settings say."),
    ("ARTIFORTRESS_ADMIN_TOKEN", "The admin token, where the settings name neither a command nor a file."),
    ("NO_COLOR", "Without any colour: every state is a glyph and a word as well."),
)
FILES = (
    ("./drawbridge.toml", "The settings, looked up before those of the login."),
    ("~/.config/drawbridge/drawbridge.toml", "The settings of the login (below $XDG_CONFIG_HOME)."),
    ("~/.local/state/drawbridge/", "Windows, one directory each (below $XDG_STATE_HOME)."),
)


def manual(group: click.Group, name: str, version: str, date: str) -> str:
    """The page `name`(1), in the macros of man(7); `date` as YYYY-MM-DD."""
    context = click.Context(group, info_name=name, **group.context_settings)
    lines = [
        f'.TH {name.upper()} 1 "{date}" "{name} {version}" "User Commands"',
        ".SH NAME",
        rf"{name} \- {_escaped(_purpose(group))}",
        ".SH SYNOPSIS",
        f".B {name}",
        _escaped("[--config FILE] [COMMAND [OPTIONS] [ARGUMENTS]]"),
        ".SH DESCRIPTION",
        *_prose(group.help or ""),
        ".SH OPTIONS",
        *_options(group, context),
        ".SH COMMANDS",
    ]
    for each in sorted(group.commands):
        command = group.commands[each]
        lines += _command(command, click.Context(command, context, each))
    lines += _terms("EXIT STATUS", EXIT_STATUS)
    lines += _terms("ENVIRONMENT", ENVIRONMENT)
    lines += _terms("FILES", FILES)
    lines += [".SH EXAMPLES", *_examples(group)]
    return "\n".join(lines) + "\n"


def _purpose(group: click.Group) -> str:
    first = (group.help or "").split("\n\n", maxsplit=1)[0].replace("\n", " ").rstrip(".")
    return first[:1].lower() + first[1:]


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield f'.SS "{_escaped(usage)}"'
    yield from _prose(command.help or "")
    yield from _options(command, context)
    yield ".sp"
    yield from _examples(command)


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        # Every command has --help: once is enough.
        is_told = "--help" in parameter.opts and context.parent is not None
        if record is not None and record[1] and not is_told:
            yield from (".TP", rf"\fB{_escaped(record[0])}\fR", _escaped(record[1]))


def _examples(command: click.Command) -> Iterator[str]:
    shown = (command.epilog or "").splitlines()[2:]
    if shown:
        lines = (_escaped(line.removeprefix("  ")) for line in shown)
        yield from (".RS 4", ".nf", *lines, ".fi", ".RE")


def _terms(title: str, terms: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield f'.SH "{title}"'
    for term, meaning in terms:
        yield from (".TP", rf"\fB{_escaped(term)}\fR", _escaped(meaning))


def _prose(words: str) -> Iterator[str]:
    for number, paragraph in enumerate(re.split(r"\n\s*\n", words.strip())):
        if number:
            yield ".PP"
        yield _escaped(" ".join(paragraph.split()))


def _escaped(words: str) -> str:
    r"""Text as roff takes it literally: `-` is a minus, `\` itself, and no line begins with a request."""
    literal = words.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq").replace("'", r"\(aq")
    literal = literal.replace("~", r"\(ti").replace("^", r"\(ha").replace("`", r"\(ga")
    return rf"\&{literal}" if literal.startswith(".") else literal
