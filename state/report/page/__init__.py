"""The evidence as one HTML page that asks for nothing: no script, no request, the charts as inline SVG."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from state.report import wording
from state.report.document import Evidence
from state.report.page import geometry


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("state.report.page", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for word in ("when", "clock", "duration", "took", "number", "signed", "size", "tone", "run_tone"):
        environment.filters[word] = getattr(wording, word)
    return environment


def render(evidence: Evidence) -> str:
    """The page; every text from the evidence is escaped."""
    style = files(__name__).joinpath("page.css").read_text(encoding="utf-8")
    axis = geometry.axis_of(evidence)
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            e=evidence,
            # Ours, and allowed by its digest alone: no other style can be brought in with a text.
            style=Markup(style),
            style_digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii"),
            words=wording,
            shape=geometry,
            ticks=geometry.ticks(axis),
            marks=geometry.marks(axis, evidence.timeline),
            plots=[geometry.plot(axis, chart) for chart in evidence.charts.metrics],
            lanes=[geometry.lane(axis, one, n) for n, one in enumerate(evidence.charts.replicas)],
            planned=[
                (axis.across(a), round(axis.across(b) - axis.across(a), 2))
                for a, b in evidence.charts.planned
            ],
            kinds=list(dict.fromkeys(event.kind for event in evidence.timeline)),
        )
    )
