"""What a browser makes of our pages, without a browser."""

from html.parser import HTMLParser
from typing import Final

__all__ = ["Elements", "harmless"]

# What pages are made of. Nothing in it loads, and no attribute runs.
TAGS: Final = frozenset(
    {
        *("html", "head", "meta", "title", "link", "style", "script", "noscript", "body", "header", "main", "footer"),
        *("section", "article", "div", "figure", "figcaption", "h1", "h2", "h3", "p", "ul", "li", "b", "span", "bdi"),
        *("a", "code", "pre", "button", "form", "details", "summary", "svg", "rect"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td"),
    }
)
ATTRIBUTES: Final = frozenset(
    {
        *("lang", "charset", "content", "http-equiv", "name", "rel", "href", "id", "class", "type", "hidden", "open"),
        *("role", "tabindex", "scope", "viewbox", "preserveaspectratio", "x", "y", "width", "height"),
        *("aria-label", "aria-labelledby", "aria-hidden"),
    }
)


class Elements(HTMLParser):
    """What a browser makes of a page: its elements, and the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": [], "text": []}
        self._open = "text"
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in self.inside:
            self._open = tag
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = "text"

    def handle_data(self, data: str) -> None:
        if self._open == "text":
            self.inside["text"].append(data)
        else:
            self.inside[self._open][-1] += data


def harmless(page: str, scripts: int = 2) -> None:
    """Check that a page has no element, attribute or address beyond its own.

    :param scripts: the script, and the block of data where there is one.
    """
    found = Elements(page)
    assert {tag for tag, _ in found.elements} <= TAGS
    assert {name for _, attributes in found.elements for name in attributes} <= ATTRIBUTES
    assert (len(found.inside["script"]), len(found.inside["style"])) == (scripts, 1)
    for tag, attributes in found.elements:
        if tag == "a":
            assert (attributes["href"] or "").startswith(("#", "https://", "http://"))
    assert all(line.isprintable() for line in page.splitlines())
