"""The forms that evidence takes: Markdown, HTML, JSON, and the schema of the JSON."""

import json
from enum import StrEnum
from pathlib import Path

from state.report.document import Evidence


class Form(StrEnum):
    """Values are those of `--format`, and the endings of file names."""

    MARKDOWN = "md"
    HTML = "html"
    JSON = "json"


def form_of(path: Path) -> Form:
    """The form that a file name asks for; Markdown where its ending says nothing."""
    ending = path.suffix.lower().removeprefix(".")
    return Form(ending) if ending in set(Form) else Form.MARKDOWN


def render(evidence: Evidence, form: Form) -> str:
    """The report in this form, with a newline at its end."""
    match form:
        case Form.MARKDOWN:
            from state.report import markdown

            return markdown.render(evidence)
        case Form.HTML:
            from state.report import page

            return page.render(evidence)
        case Form.JSON:
            return evidence.model_dump_json(indent=2) + "\n"


def schema() -> str:
    """The JSON Schema of the JSON form."""
    document = Evidence.model_json_schema(mode="serialization")
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(document, indent=2) + "\n"
