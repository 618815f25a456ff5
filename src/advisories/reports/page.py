"""The frame of a page: one file of HTML without network, its style and script inside, and text made harmless.

The policy of the page (CSP) lets nothing run or load but the one style and the one script whose digests it names. What
comes from outside is text: it is escaped here, or stands as JSON in a block that no browser runs.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any, Final

from advisories.models.printing import printable

__all__ = ["as_json", "data_block", "footer", "header", "is_link", "link", "page", "text", "visible"]

# Characters that could end the block of data, or begin a comment in it.
_IN_SCRIPT: Final = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"))


def text(value: object) -> str:
    """Text from outside as HTML: what cannot be seen is made visible, and nothing in it is markup.

    >>> text("<b> \\x1b[2J")
    '&lt;b&gt; \\\\x1b[2J'
    """
    return escape(printable(str(value)))


def is_link(url: str) -> bool:
    """Whether an address may be a link: it is of http or https, and one can see all of it."""
    return url.startswith(("https://", "http://")) and printable(url) == url


def link(url: str, words: str) -> str:
    """A link, or the words alone where the address may be none."""
    if not is_link(url):
        return text(words)
    return f'<a href="{text(url)}" rel="noopener noreferrer">{text(words)}</a>'


def data_block(id: str, data: str) -> str:
    """JSON for the script of the page. No text in it can end the block."""
    for sign, written in _IN_SCRIPT:
        data = data.replace(sign, written)
    return f'<script type="application/json" id="{id}">{data}</script>'


def as_json(value: Any) -> str:
    """JSON without blanks, all of it ASCII. What cannot be seen is made visible in it, as :func:`text` does."""
    found = _WRITTEN(value)
    return found if "\\" not in found and "\x7f" not in found else _WRITTEN(visible(value))


_WRITTEN: Final = json.JSONEncoder(separators=(",", ":")).encode


def visible(value: Any) -> Any:
    """A copy of a value of JSON in whose texts everything can be seen."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(name): visible(one) for name, one in value.items()}
    return [*map(visible, value)] if isinstance(value, list | tuple) else value


def page(title: str, body: Iterable[str]) -> Iterator[str]:
    """The lines of a page.

    :param title: as text.
    :param body: lines of HTML.
    """
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="referrer" content="no-referrer">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{text(title)}</title>"
    yield '<link rel="icon" href="data:,">'
    yield from f"<style>{style}</style>".split("\n")
    yield "</head>"
    yield "<body>"
    yield from body
    yield from f"<script>{script}</script>".split("\n")
    yield "</body>"
    yield "</html>"


def header(eyebrow: str, title: str, facts: Iterable[str], digest: str | None = None) -> Iterator[str]:
    """The head of what a page shows: what it is about, and the buttons.

    :param facts: as text, like the title.
    """
    yield '<header class="top">'
    yield "<div>"
    yield f'<p class="eyebrow">{eyebrow}</p>'
    yield f"<h1>{text(title)}</h1>"
    if digest:
        yield f'<p class="digest"><code>{text(digest)}</code></p>'
    yield f'<ul class="facts">{"".join(f"<li>{text(fact)}</li>" for fact in facts)}</ul>'
    yield "</div>"
    yield from _tools()
    yield "</header>"


def footer() -> Iterator[str]:
    """The end of what a page shows."""
    yield "</main>"
    yield "<footer><p>Made by <code>advisories</code>. This page is one file. It loads nothing and sends nothing.</p>"
    yield "</footer>"


def _tools() -> Iterator[str]:
    """The buttons of a page, which its script shows."""
    yield '<div class="tools" hidden><button type="button" id="theme">Theme: system</button>'
    yield '<button type="button" id="print">Print</button></div>'


@cache
def _asset(name: str) -> str:
    """A file of ``assets``."""
    return files("advisories.reports").joinpath("assets", name).read_text("utf-8")


def _digest(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
