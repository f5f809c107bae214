"""Text from outside is text in every form: no markup in the ticket, no element and no request in the page."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from state.events import Actor, ExceptionGranted, NoteAdded, StepAttested
from state.report import forms, markdown, markup
from state.report.blocks import table
from state.report.evidence import gather
from state.report.page import render

from ..unit.story import Story
from .told import written

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=http://evil.example/x onerror=alert(1)>",
    "</td></table></style><style>body{display:none}</style>",
    "[click](http://evil.example) ![picture](http://evil.example/p.png)",
    "a | b | c",
    "**bold** _it_ `code` ~~gone~~ # heading",
    "\\| \\` \\<b>",
    "<http://evil.example> http://evil.example www.evil.example",
    '" onmouseover="alert(1)',
    "{{ 7 * 7 }} {% raw %}",
    "]]> --> <!-- &lt;b&gt; &amp;",
)


def told() -> Story:
    """A window in which everything typed is hostile."""
    story = Story()
    for text in HOSTILE:
        story.tell(NoteAdded("", text), ExceptionGranted(text, text))
        story.tell(StepAttested("ci-green", text, text, text), actor=Actor(text, text, text, text, text))
    return story


def inline(tokens: list[Token]) -> list[Token]:
    return [token for outer in tokens for token in (outer, *inline(outer.children or []))]


def test_nothing_typed_is_markup_in_the_ticket(tmp_path: Path) -> None:
    text = forms.render(gather(written(tmp_path / "w", told().records), told().at), forms.Form.MARKDOWN)
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    kinds = {token.type for token in inline(reader.parse(text))}
    assert kinds.isdisjoint({"html_block", "html_inline", "link_open", "image", "em_open", "s_open", "fence"})
    assert "table_open" in kinds
    # The only strong words are ours, and there are none in a window whose chain is whole.
    assert "strong_open" not in kinds


@pytest.mark.parametrize("text", HOSTILE)
def test_the_ticket_shows_what_was_typed(text: str) -> None:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    source = "\n".join(markdown.lines(table(("Name", "More"), ((text, "end"),))))
    cells = [t.children or [] for t in reader.parse(source) if t.type == "inline"]
    assert len(cells) == 4
    assert "".join(token.content for token in cells[2]) == text
    assert cells[3][0].content == "end"


def test_nobody_is_called_by_a_name_in_a_ticket() -> None:
    assert markup.escape("ask @kim, not sam@bastion") == "ask `@`kim, not sam@bastion"
    assert markup.escape("https://evil.example") == "https\\://evil.example"
    assert "www." not in markup.escape("www.evil.example")


class Page(HTMLParser):
    """What stands in a page: elements, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_nothing_typed_is_an_element_of_the_page_and_nothing_is_asked_for(tmp_path: Path) -> None:
    page = Page(render(gather(written(tmp_path / "w", told().records), told().at)))
    names = {tag for tag, _ in page.elements}
    assert names.isdisjoint(
        {"script", "img", "iframe", "link", "object", "embed", "form", "base", "image", "use"}
    )
    assert sum(tag == "style" for tag, _ in page.elements) == 1
    for tag, attributes in page.elements:
        assert not {
            name for name in attributes if name.startswith("on") or name in ("src", "style", "srcset")
        }, tag
        assert (attributes.get("href") or "#").startswith("#"), tag
    shown = "".join(page.text)
    for text in HOSTILE:
        assert text in shown
    (policy,) = [
        attributes["content"] or ""
        for tag, attributes in page.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
