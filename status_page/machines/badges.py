"""Badges: the state of everything, or of one component, as a small picture that is text all the same."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from domain.component import ComponentStatus
from domain.incidents.incident import Incident, component_status, headline
from status_page.markup import clean
from status_page.pages.templating import HEADLINE_COLOUR, headline_words, state_word
from status_page.pages.view import slug
from status_page.site import Site
from status_page.words.language import direction

HEIGHT, EDGE, SIZE = 22, 8, 12  # pixels: of the picture, on each side of a text, of the letters
_LABEL = "3d4656"
# White letters have a contrast of at least 4.5 on each of these (WCAG 2.2 AA), and the state is always said in words.
_COLOURS = {
    ComponentStatus.OPERATIONAL: "12794a", ComponentStatus.UNDER_MAINTENANCE: "1f5aa8",
    ComponentStatus.DEGRADED_PERFORMANCE: "8a5800", ComponentStatus.PARTIAL_OUTAGE: "b04400",
    ComponentStatus.MAJOR_OUTAGE: "b3202c",
}  # fmt: skip
# Widths at 12 px, of Verdana for Latin and of DejaVu Sans for Persian: what stands in for them is narrower.
_LATIN = {char: 4.8 for char in "iıjlítfrI.,:;!|'()[] -"} | dict.fromkeys("mwMWİ@%&ΩŞĞABCDEGHKNOQRUVXYZÇÖÜ", 9.6)
_WIDTHS = (("اآأإ", 3.6, 3.6), ("دذ", 6, 6), ("رزژوؤ", 6.3, 6.3), ("بپتث", 4, 12), ("نل", 4, 9), ("یئي", 4, 9.6),
           ("سشصض", 10.5, 15.3), ("طظ", 10.5, 10.5), ("ف", 6.5, 12.4), ("ق", 6.5, 10), ("کگك", 7, 11))  # fmt: skip
_JOINED = {char: joined for chars, joined, _ in _WIDTHS for char in chars}  # when the next letter hangs on it
_AT_END = {char: at_end for chars, _, at_end in _WIDTHS for char in chars}
_NO_WIDTH = frozenset("\u200c\u200d\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0654")


def badge_files(site: Site, incidents: Sequence[Incident], language: str) -> dict[str, bytes]:
    """Draw `badge.svg` and `badge/<component>.svg` in one language."""
    incidents = [incident for incident in incidents if incident.is_open]
    level = headline((c.id for c in site.components), incidents, site.planned)
    words, colour = headline_words(level, language), HEADLINE_COLOUR[level]
    files = {"badge.svg": badge(clean(site.brand), words, colour, language)}
    for component in site.components:
        state = component_status(component.id, incidents, site.planned)
        name = clean(component.name(language))
        files[f"badge/{slug(component.id)}.svg"] = badge(name, state_word(state, language), state, language)
    return files


def badge(label: str, words: str, state: ComponentStatus, language: str) -> bytes:
    """Draw one badge; in right-to-left languages the label stands on the right."""
    left, right = ((label, _LABEL), (words, _COLOURS[state]))
    if direction(language) == "rtl":
        left, right = right, left
    split = width(left[0]) + 2 * EDGE
    whole = split + width(right[0]) + 2 * EDGE
    drawn = _BADGE.format(
        whole=whole, height=HEIGHT, size=SIZE, fonts=_FONTS, language=language, direction=direction(language),
        title=f"{label}: {words}", straight=split - 4, left_middle=split / 2, right_middle=(split + whole) / 2,
        left=left[0], left_colour=left[1], right=right[0], right_colour=right[1],
    )  # fmt: skip
    return drawn.encode("utf-8", "replace")


def width(text: str) -> int:
    """Guess how wide a text is in pixels, rather too wide: nobody knows which fonts the reader has."""
    return round(sum(_letter(char, after) for char, after in zip(text, f"{text[1:]} ", strict=False)))


def _letter(char: str, after: str) -> float:
    if char in _NO_WIDTH:
        return 0
    if "\u0620" <= char <= "\u06ff":
        widths = _JOINED if "\u0620" <= after <= "\u06d5" else _AT_END
        return widths.get(char, 7.6)
    return _LATIN.get(char, 12.5 if ord(char) > 0x2E7F else 7.6)


_FONTS = "Verdana,DejaVu Sans,Vazirmatn,Tahoma,Noto Sans Arabic,sans-serif"
# No ids in it: several badges may be put into one page.
_BADGE = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{height}" viewBox="0 0 {whole} {height}" '
    'role="img" aria-label="{title}" lang="{language}"><title>{title}</title>'
    '<rect width="{whole}" height="{height}" rx="4" fill="#{right_colour}"/>'
    '<path d="M4 0h{straight}v{height}H4a4 4 0 0 1-4-4V4a4 4 0 0 1 4-4z" fill="#{left_colour}"/>'
    '<g fill="#fff" text-anchor="middle" font-family="{fonts}" font-size="{size}" direction="{direction}">'
    '<text x="{left_middle}" y="15">{left}</text><text x="{right_middle}" y="15">{right}</text></g></svg>\n'
)
