"""Incident texts for the page and the feeds: a little Markdown, and nothing else that could act in a browser."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

_TAGS = {"p", "br", "strong", "em", "code", "a", "ul", "ol", "li"}
_SCHEMES = {"http", "https", "mailto"}
# "zero" knows nothing; raw HTML stays off, so "<b>" is text and is shown as text.
_MARKDOWN = MarkdownIt("zero", {"breaks": True, "html": False}).enable(
    ["emphasis", "link", "list", "backticks", "newline", "escape", "entity"]
)
# What could start one of the above; a text without it needs no parser (nine of ten, and parsing costs 0.4 ms).
_MARKED = re.compile(r"[*_`\[\\&]|^\s*(?:[-+]|\d+[.)])\s", re.MULTILINE)
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")


def to_html(text: str) -> Markup:
    """Render an incident text: paragraphs, line breaks, emphasis, code, lists and plain links survive."""
    text = clean(text).strip()
    if not _MARKED.search(text):
        return _unmarked(text)
    return _parsed(text)


@lru_cache(maxsize=8192)
def _parsed(text: str) -> Markup:
    rendered = _MARKDOWN.render(text)
    return Markup(  # noqa: S704 (nh3 has just removed all but the tags above)
        nh3.clean(rendered, tags=_TAGS, attributes={"a": {"href"}}, url_schemes=_SCHEMES, link_rel="nofollow noopener")
    )


def plain(text: str) -> str:
    """Give an incident text without its marks, for posts and for the API: the words stay, line breaks too."""
    text = clean(text).strip()
    if not _MARKED.search(text):
        return text
    apart = str(to_html(text)).replace("</p>\n<p>", "</p>\n\n<p>").replace("<li>", "<li>- ")
    return unescape(nh3.clean(apart, tags=set())).strip()


def _unmarked(text: str) -> Markup:
    parts = _PARAGRAPHS.split(str(escape(text))) if text else []
    joined = "\n".join("<p>" + part.replace("\n", "<br>\n") + "</p>" for part in parts)
    return Markup(joined)  # noqa: S704 (escaped before it was cut)


def clean(text: str) -> str:
    """Drop control characters and the marks that turn the direction of everything behind them."""
    return _UNWANTED.sub("", text)


# Control characters and noncharacters are not allowed in XML, lone surrogates not in UTF-8; overrides and embeddings
# without their end would flip the rest of the page. Isolates and ZWNJ (Persian needs it) stay.
# U+E000 and U+E001 mark places in our own frames (templating.py).
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a\u202b\u202d\u202e\ud800-\udfff\ue000\ue001\ufffe\uffff]")
