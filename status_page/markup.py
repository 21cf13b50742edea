"""Incident texts for the page and the feeds: a little Markdown, and nothing else that could act in a browser."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS = {"p", "br", "strong", "em", "code", "a", "ul", "ol", "li"}
_SCHEMES = {"http", "https", "mailto"}
# "zero" knows nothing; raw HTML stays off, so "<b>" is text and is shown as text.
_MARKDOWN = MarkdownIt("zero", {"breaks": True, "html": False}).enable(
    ["emphasis", "link", "list", "backticks", "newline", "escape", "entity"]
)


@lru_cache(maxsize=4096)
def to_html(text: str) -> Markup:
    """Render an incident text: paragraphs, line breaks, emphasis, code, lists and plain links survive."""
    rendered = _MARKDOWN.render(clean(text))
    return Markup(  # noqa: S704 (nh3 has just removed all but the tags above)
        nh3.clean(rendered, tags=_TAGS, attributes={"a": {"href"}}, url_schemes=_SCHEMES, link_rel="nofollow noopener")
    )


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """Drop control characters and the marks that turn the direction of everything behind them."""
    return "".join(c for c in text if c in "\n\t" or (unicodedata.category(c) not in _UNSEEN and c not in _TURNING))


# Lone surrogates (Cs) cannot be written as UTF-8, control characters (Cc) are not allowed in XML.
_UNSEEN = frozenset({"Cc", "Cs", "Cn"})
# Overrides and embeddings without their end would flip the rest of the page; isolates and ZWNJ (Persian) stay.
_TURNING = frozenset("\u202a\u202b\u202d\u202e")
