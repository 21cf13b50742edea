"""What a visitor reads where there is no page. Needs no file of the site: it is shown at addresses of any depth."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from status_page.words.language import catalogue, direction, speakable

_STYLE = (
    ":root{color-scheme:light dark}body{font:1.0625rem/1.6 system-ui,sans-serif;max-width:40rem;margin:0 auto;"
    "padding:3rem 1rem}h1{font-size:1.625rem;line-height:1.3;margin:0 0 1rem}"
)
_NAME = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CSP = f"default-src 'none'; style-src 'sha256-{_NAME}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def lost_page(asked: str, home: str) -> str:
    """Write a small page in the language that the path `asked` begins with; `home` leads to the current state."""
    language = speakable(asked.strip("/").partition("/")[0])
    t = catalogue(language)
    words, way = escape(t.gettext("There is no such page.")), escape(t.gettext("Current state"))
    return (
        f'<!doctype html>\n<html lang="{language}" dir="{direction(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{words}</title>'
        f"<style>{_STYLE}</style></head>\n<body><main><h1>{words}</h1>"
        f'<p><a href="{escape(home)}">{way}</a></p></main></body></html>\n'
    )
