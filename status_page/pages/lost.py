"""What a visitor reads where there is no page. Needs no file of the site: it is shown at addresses of any depth."""

from __future__ import annotations

from html import escape

from status_page.words.language import catalogue, direction, speakable


def lost_page(asked: str, home: str) -> str:
    """Write a small page in the language that the path `asked` begins with; `home` leads to the current state."""
    language = speakable(asked.strip("/").partition("/")[0])
    t = catalogue(language)
    words, way = escape(t.gettext("There is no such page.")), escape(t.gettext("Current state"))
    return (
        f'<!doctype html>\n<html lang="{language}" dir="{direction(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{words}</title></head>\n<body><h1>{words}</h1>"
        f'<p><a href="{escape(home)}">{way}</a></p></body></html>\n'
    )
