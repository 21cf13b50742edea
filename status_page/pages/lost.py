"""What a visitor reads where no page can be shown. Needs no file of the site: it is shown at addresses of any depth."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from status_page.look.theme import PLAIN, TOKENS, Look, palettes
from status_page.markup import clean
from status_page.site import Site
from status_page.words.language import SOURCE_LANGUAGE, catalogue, direction, speakable
from status_page.words.report_words import Notice

_STYLE = (
    "body{margin:0 auto;max-width:46rem;padding:1rem;background:var(--bg);color:var(--ink);overflow-wrap:break-word;"
    'font:1rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif}'
    ':lang(fa){font-family:Vazirmatn,Tahoma,"Noto Sans Arabic","Noto Naskh Arabic",system-ui,sans-serif;'
    "line-height:1.8}header{font-size:1.125rem;font-weight:700;margin-bottom:2rem}"
    "h1{font-size:1.625rem;line-height:1.4;margin:0 0 .75rem}a{color:var(--link);text-underline-offset:.18em}"
    ":focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:.25rem}"
)
_COLOURS = ("bg", "ink", "link")


@dataclass(frozen=True, slots=True)
class Imprint:
    """Whose site it is, and how it speaks, looks and is reached."""

    brand: str = ""
    languages: Sequence[str] = (SOURCE_LANGUAGE,)  # that there are pages in, the first is the default
    base: str = ""  # the path below which the site stands, without a slash at the end
    look: Look = PLAIN


def imprint_of(site: Site) -> Imprint:
    """Give the imprint of a site."""
    languages = tuple(dict.fromkeys(speakable(language) for language in site.languages))
    return Imprint(clean(site.brand), languages, site.base, site.look)


def notice_page(notice: Notice, imprint: Imprint, language: str) -> str:
    """Write a small page that says `notice` and leads on to a page in `language`."""
    t = catalogue(language)
    title, words, way = (escape(t.gettext(message)) for message in (notice.title, notice.words, notice.way))
    brand, there = escape(imprint.brand), escape(f"{imprint.base}/{language}/{notice.path}")
    return (
        f'<!doctype html>\n<html lang="{language}" dir="{direction(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{title}{f' · {brand}' if brand else ''}</title><style>{_style(imprint.look)}</style></head>\n<body>"
        f"{f'<header><bdi>{brand}</bdi></header>' if brand else ''}<main><h1>{title}</h1><p>{words}</p>"
        f'<p><a href="{there}">{way}</a></p></main></body></html>\n'
    )


@lru_cache(maxsize=32)
def policy(look: Look) -> str:
    """Write the Content-Security-Policy of such a page: its own style and nothing else."""
    name = base64.b64encode(hashlib.sha256(_style(look).encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{name}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@lru_cache(maxsize=32)
def _style(look: Look) -> str:
    light, dark = (_declared(*both) for both in zip(palettes(), (look.light, look.dark), strict=True))
    return f":root{{color-scheme:light dark;{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}{_STYLE}"


def _declared(own: Mapping[str, str], chosen: Sequence[tuple[str, str]]) -> str:
    colours = {**own, **{TOKENS[token]: colour for token, colour in chosen}}
    return "".join(f"--{name}:{colours[name]};" for name in _COLOURS)
