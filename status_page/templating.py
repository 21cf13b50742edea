"""The template machine of one language: Jinja with its messages, its dates and its digits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from domain.component import ComponentStatus
from domain.incident import Headline, IncidentStatus
from status_page import dates
from status_page.assets import assets
from status_page.language import catalogue, digits, direction, speakable
from status_page.words import N_, status_word

TEMPLATES = Path(__file__).parent / "templates"


@lru_cache(maxsize=16)
def environment(language: str) -> Environment:
    """Build the machine for `language`: everything is escaped, an unknown name is a mistake."""
    machine = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    messages = catalogue(language)
    machine.install_gettext_callables(messages.gettext, messages.ngettext, newstyle=True)  # type: ignore[attr-defined]
    machine.globals.update(
        lang=language, dir=direction(language), direction=direction, own_name=own_name, css=assets().css, js=assets().js
    )
    # Filters, not functions: Jinja calls them directly, which halves the time of a page.
    machine.filters.update(
        machine=dates.machine,
        moment=lambda at: stamp(at, "moment", dates.moment_words(at, language)),
        when=lambda at, now: stamp(at, "when", dates.when(at, now, language)),
        number=lambda value: digits(str(value), language),
        lasted=lambda span: duration_words(span, language),
        status_word=lambda status: _status_word(status, language),
        state_word=lambda state: state_word(state, language),
    )
    return machine


def stamp(moment: datetime, shape: str, words: str) -> Markup:
    """Write a `<time>`: readable without a script (UTC), and marked so that the script can show the own zone."""
    return Markup(  # noqa: S704 (our own dates; nothing in them was typed by anybody)
        f'<time datetime="{dates.machine(moment)}" data-f="{shape}">{words}</time>'
    )


class Frame:
    """A page rendered once with marks in it, to be filled many times: the surroundings of every incident are alike."""

    def __init__(self, rendered: str) -> None:
        """Cut a page at its marks."""
        self._pieces = _MARK.split(rendered)

    @staticmethod
    def mark(name: str) -> Markup:
        """Give the mark to render in the place of `name`: private-use characters, which `clean` keeps out of texts."""
        return Markup(f"{_OPEN}{name}{_CLOSE}")  # noqa: S704 (the name is ours)

    def fill(self, values: Mapping[str, Markup]) -> str:
        """Put a value in the place of each mark."""
        return "".join(values[piece] if place % 2 else piece for place, piece in enumerate(self._pieces))


@lru_cache(maxsize=64)
def own_name(language: str) -> str:
    """Name a language in its own words, e.g. "Türkçe"."""
    name = Locale.parse(language).get_display_name(language) or language
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=256)
def state_word(state: ComponentStatus, language: str) -> str:
    """Name the state of a component."""
    return catalogue(speakable(language)).gettext(_STATES[ComponentStatus(state)])


@lru_cache(maxsize=64)
def _status_word(status: IncidentStatus, language: str) -> str:
    return status_word(status, language)


def headline_words(level: Headline, language: str) -> str:
    """Say the one sentence over the page."""
    return catalogue(language).gettext(_HEADLINES[level])


def duration_words(span: timedelta | None, language: str) -> str:
    """Write how long something lasted in its two largest units, e.g. "1 hour 32 minutes"; at least a minute."""
    minutes = max(1, round((span or timedelta()) / timedelta(minutes=1)))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    t = catalogue(language)
    units = [
        (days, t.ngettext("%(num)s day", "%(num)s days", days)),
        (hours, t.ngettext("%(num)s hour", "%(num)s hours", hours)),
        (rest, t.ngettext("%(num)s minute", "%(num)s minutes", rest)),
    ]
    said = [words % {"num": digits(str(count), language)} for count, words in units if count]
    joint = " و " if language == "fa" else " "
    return joint.join(said[:2])


_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([a-z_]+){_CLOSE}")
_STATES = {
    ComponentStatus.OPERATIONAL: N_("Operational"),
    ComponentStatus.UNDER_MAINTENANCE: N_("Under maintenance"),
    ComponentStatus.DEGRADED_PERFORMANCE: N_("Slow or unreliable"),
    ComponentStatus.PARTIAL_OUTAGE: N_("Partial outage"),
    ComponentStatus.MAJOR_OUTAGE: N_("Major outage"),
}
_HEADLINES = {
    Headline.OPERATIONAL: N_("All systems operational"),
    Headline.MAINTENANCE: N_("Maintenance is under way"),
    Headline.MINOR: N_("Some things do not work as they should"),
    Headline.MAJOR: N_("Part of our service is not working"),
    Headline.CRITICAL: N_("Serious outage"),
}
HEADLINE_COLOUR = {
    Headline.OPERATIONAL: ComponentStatus.OPERATIONAL,
    Headline.MAINTENANCE: ComponentStatus.UNDER_MAINTENANCE,
    Headline.MINOR: ComponentStatus.DEGRADED_PERFORMANCE,
    Headline.MAJOR: ComponentStatus.PARTIAL_OUTAGE,
    Headline.CRITICAL: ComponentStatus.MAJOR_OUTAGE,
}
