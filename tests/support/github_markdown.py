"""What GitHub makes of Markdown, by its own parser."""

import re
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options

__all__ = ["MENTION", "TAGS", "Shown"]


class Shown(HTMLParser):
    """What GitHub shows: elements, addresses of links, and text. A mention begins in one piece of text."""

    def __init__(self, markdown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.pieces: list[str] = []
        self._closed = True
        self.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._closed = True
        self.links += [value or "" for name, value in attrs if name == "href"]
        assert all(name in ("href", "align", "lang") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        self._closed = True

    def handle_comment(self, data: str) -> None:
        self._closed = True

    def handle_data(self, data: str) -> None:
        if self._closed:
            self.pieces.append("")
            self._closed = False
        self.pieces[-1] += data

    @property
    def text(self) -> str:
        return "".join(self.pieces)


# Elements of the summary.
TAGS = {
    *("h2", "h3", "p", "blockquote", "strong", "ul", "li", "code", "pre", "br", "a"),
    *("table", "thead", "tbody", "tr", "th", "td", "details", "summary", "b"),
}
MENTION = re.compile(r"[@#]\w")
