"""How judgement words durations, numbers and what became of a probe."""

from state.readings import UNREACHABLE, Ask, Reading, ReadingClass

_LEADS = {
    ReadingClass.DEGRADED: "degraded",
    ReadingClass.NOT_READY: "not ready",
    ReadingClass.UNAUTHORIZED: "the token is not accepted; give another",
    ReadingClass.FORBIDDEN: "the token may not do this; give one with the admin scope",
    ReadingClass.SERVER_ERROR: "the server answers with an error",
    ReadingClass.BAD_BODY: "the answer is not what this API sends",
    ReadingClass.TIMEOUT: "no answer in time",
    ReadingClass.REFUSED: "connection refused: nothing listens there",
    ReadingClass.RESET: "the connection was cut",
    ReadingClass.TLS: "no secure connection",
    ReadingClass.DNS: "the host's name is not known",
    ReadingClass.TOO_LARGE: "the answer is too large to be right",
}
_WITHOUT_TOKEN = frozenset({Ask.LIVE, Ask.READY})
_REFUSALS = frozenset({ReadingClass.UNAUTHORIZED, ReadingClass.FORBIDDEN})


def duration(seconds: float) -> str:
    """`mm:ss`, from an hour on `h:mm:ss`; whole seconds, never below zero."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def number(value: float) -> str:
    """A count without a fraction, anything else with one digit of it."""
    return str(int(value)) if value == int(value) else f"{value:.1f}"


def rate(slope: float) -> str:
    """Units per second with their sign: `+1.0`."""
    return f"{slope:+.1f}"


def plain_class(reading_class: ReadingClass) -> str:
    """A class in words: `not ready`, `bad body`."""
    return reading_class.value.replace("_", " ")


def line(reading: Reading | None) -> str:
    """One clear line on what came of a probe; empty where there is nothing to explain."""
    if reading is None:
        return "no reading yet"
    if reading.reading_class is ReadingClass.OK:
        return ""
    lead = _LEADS[reading.reading_class]
    if reading.ask in _WITHOUT_TOKEN and reading.reading_class in _REFUSALS:
        lead = "asks for a token, as readiness never does; is this the API?"
    # The reason repeats the code, and where the deployment said more than we would, our words as well.
    reason = reading.reason.removeprefix(f"{reading.code}: ").removesuffix(".")
    said, _, mend = lead.partition("; ")
    if reason.startswith(said):
        lead = f"{reason}; {mend}" if mend else reason
    elif reason and reason not in lead:
        lead = f"{lead} ({reason})"
    shows_code = reading.code is not None and reading.reading_class not in UNREACHABLE
    return f"{reading.code}: {lead}" if shows_code else lead
