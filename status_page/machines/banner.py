"""What others put on their own pages: a banner by script that is silent while all is well, and a frame without one."""

from __future__ import annotations

import json
from collections.abc import Sequence

from domain.incidents.incident import Headline, Incident, headline
from status_page.look.assets import STATIC, slimmed
from status_page.markup import clean
from status_page.pages.templating import HEADLINE_COLOUR, environment, headline_words
from status_page.site import Site
from status_page.words.language import catalogue, direction

_BAD = (Headline.MAINTENANCE, Headline.MINOR, Headline.MAJOR, Headline.CRITICAL)


def banner_files(languages: Sequence[str]) -> dict[str, bytes]:
    """Write `embed/banner.js` with its words in every language of the page, the first for readers of others."""
    words = {language: _words(language) for language in languages}
    # ASCII only: a script is read in the encoding of the page that it is put on.
    script = slimmed(STATIC / "banner.js").replace(
        b"WORDS", json.dumps(words, separators=(",", ":")).encode("ascii"), 1
    )
    return {"embed/banner.js": script, "embed/status.css": slimmed(STATIC / "embed.css")}


def _words(language: str) -> dict[str, str]:
    more = catalogue(language).gettext("See details")
    said = {str(level): headline_words(level, language) for level in _BAD}
    return {"dir": direction(language), "more": more, **said}


def frame_file(site: Site, incidents: Sequence[Incident], language: str, *, at_root: bool = False) -> bytes:
    """Write `embed/status.html`, the state in one line for a frame; `at_root`: outside the language's folder."""
    level = headline((c.id for c in site.components), incidents, site.planned)
    up = "../" if at_root else "../../"
    page = environment(language).get_template("embed.html")
    return page.render(
        brand=clean(site.brand), words=headline_words(level, language), state=HEADLINE_COLOUR[level], now=site.now,
        home=f"{up}{language}/index.html", style=f"{up}embed/status.css",
    ).encode("utf-8")  # fmt: skip
