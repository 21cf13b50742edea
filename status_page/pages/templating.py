"""The template machine of one language: Jinja with its messages, its dates and its digits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import CodeType

from babel import Locale
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from domain.component import ComponentStatus
from domain.incidents.incident import Headline, IncidentStatus
from domain.incidents.planned import WorkStatus
from status_page.pages.view import Change, Help, IncidentView, Said, WorkView
from status_page.words import dates
from status_page.words.incident_words import N_, status_word
from status_page.words.language import catalogue, digits, direction, join_names, speakable
from status_page.words.work_words import work_status_word

TEMPLATES = Path(__file__).parents[1] / "templates"


@lru_cache(maxsize=16)
def environment(language: str) -> Environment:
    """Build the machine for `language`: everything is escaped, an unknown name is a mistake."""
    machine = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False, optimized=False, bytecode_cache=_COMPILED,
    )  # fmt: skip
    machine.globals.update(_words(language))
    machine.globals.update(
        lang=language, dir=direction(language), direction=direction, own_name=own_name,
        join_names=lambda names: join_names(names, language),
    )  # fmt: skip
    # Filters, not functions or macros: Jinja calls them directly, which halves the time of a page.
    machine.filters.update(
        machine=dates.machine,
        moment=lambda at: stamp(at, "moment", dates.moment_words(at, language)),
        when=lambda at, now: stamp(at, "when", dates.when(at, now, language)),
        clock=lambda at: stamp(at, "clock", dates.clock(at, language)),
        number=lambda value: digits(str(value), language),
        lasted=lambda span: duration_words(span, language),
        phase=lambda status: phase_word(status, language),
        state_word=lambda state: state_word(state, language),
        said=lambda text: said(text, "bdi"),
        span_of=lambda story, now: span_of(story, now, language),
        icon=_icons(machine).__getitem__,
        tag=_tags(machine),
        change=lambda change: change_line(change, language),
        help_link=lambda help: help_link(help, language),
    )
    return machine


def _words(language: str) -> dict[str, Callable[..., Markup]]:
    """Give the functions behind `_` and `ngettext` in templates; Jinja's own take five times as long."""
    messages = catalogue(language)
    fixed: dict[str, Markup] = {}

    def say(message: str, **values: object) -> Markup:
        if values:
            return filled(messages.gettext(message), **values)
        if message not in fixed:
            fixed[message] = filled(messages.gettext(message))
        return fixed[message]

    def count(one: str, many: str, number: int, **values: object) -> Markup:
        return filled(messages.ngettext(one, many, number), **{"num": number, **values})

    return {"_": say, "gettext": say, "ngettext": count}


class _Compiled(BytecodeCache):
    """Templates compiled once for all languages; safe, because nothing is computed ahead (`optimized=False`)."""

    def __init__(self) -> None:
        self._codes: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled already."""
        if bucket.key in self._codes:
            bucket.code = self._codes[bucket.key]

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled just now."""
        if bucket.code is not None:
            self._codes[bucket.key] = bucket.code


_COMPILED = _Compiled()


def _tags(machine: Environment) -> Callable[[str, ComponentStatus], Markup]:
    icons = _icons(machine)

    @lru_cache(maxsize=1024)
    def tag(name: str, state: ComponentStatus) -> Markup:
        drawn = f'<li class="tag {state}">{icons[state]}<bdi>{escape(name)}</bdi></li>'
        return Markup(drawn)  # noqa: S704 (escaped just now)

    return tag


def _icons(machine: Environment) -> Mapping[ComponentStatus, Markup]:
    draw = machine.get_template("icons.html").module.icon  # type: ignore[attr-defined]
    return {state: Markup(draw(state)) for state in ComponentStatus}  # noqa: S704 (drawn by our own template)


@lru_cache(maxsize=4096)
def change_line(change: Change, language: str) -> Markup:
    """Write how a component was and how it became."""
    before, after = (escape(state_word(state, language)) for state in (change.before, change.after))
    return Markup(  # noqa: S704 (escaped just now)
        f'<li class="{change.after}"><bdi>{escape(change.name)}</bdi>: {before} {_arrow(language)} '
        f"<strong>{after}</strong></li>"
    )


@lru_cache(maxsize=32)
def _arrow(language: str) -> Markup:
    """Write "became": an arrow in the direction of reading, a word for those who listen."""
    sign = "←" if direction(language) == "rtl" else "→"
    word = escape(catalogue(language).gettext("then"))
    return Markup(f'<span aria-hidden="true">{sign}</span><span class="hidden">{word}</span>')  # noqa: S704 (ours)


def help_link(found: Help, language: str) -> Markup:
    """Write the link to a page of help; one in another language says so."""
    words = filled(catalogue(language).gettext("Help with %(component)s"), component=found.name)
    if found.language is None:
        return Markup('<a class="help" href="{}">{}</a>').format(found.url, words)
    link = Markup('<a class="help" href="{}" hreflang="{}">{} ({})</a>')
    return link.format(found.url, found.language, words, own_name(found.language))


def stamp(moment: datetime, shape: str, words: str) -> Markup:
    """Write a `<time>`: readable without a script (UTC), and marked so that the script can show the own zone."""
    return Markup(  # noqa: S704 (our own dates; nothing in them was typed by anybody)
        f'<time datetime="{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}" data-f="{shape}">{words}</time>'
    )


def said(text: Said, tag: str) -> Markup:
    """Write a text of the owner's, with its language and direction where they differ from the page's."""
    marks = f' lang="{escape(text.language)}" dir="{direction(text.language)}"' if text.foreign else ""
    return Markup(f"<{tag}{marks}>{escape(text.text)}</{tag}>")  # noqa: S704 (escaped just now)


def span_of(story: IncidentView | WorkView, now: datetime, language: str) -> Markup:
    """Say when an incident or planned work is or was, e.g. "since 13:57 UTC"."""
    t = catalogue(language)
    if isinstance(story, WorkView):
        return _plan(story, language)
    if story.is_open:
        at = stamp(story.started_at, "when", dates.when(story.started_at, now, language))
        return filled(t.gettext("since %(time)s"), time=at)
    day = stamp(story.started_at, "moment", dates.moment_words(story.started_at, language))
    lasted = duration_words(story.duration, language)
    return filled(t.gettext("Began %(day)s, lasted %(duration)s"), day=day, duration=lasted)


def _plan(work: WorkView, language: str) -> Markup:
    start, end = work.begun_at or work.starts_at, (work.is_over and work.finished_at) or work.ends_at
    if work.status is WorkStatus.CANCELLED:
        start, end = work.starts_at, work.ends_at
    first = stamp(start, "moment", dates.moment_words(start, language))
    last = stamp(end, "until", dates.until_words(start, end, language))
    return filled(catalogue(language).gettext("%(start)s to %(end)s"), start=first, end=last)


def filled(message: str, **values: object) -> Markup:
    """Put values into a message of ours; what is not markup already is escaped."""
    return Markup(str(escape(message)) % {name: escape(value) for name, value in values.items()})  # noqa: S704


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


@lru_cache(maxsize=128)
def phase_word(status: IncidentStatus | WorkStatus, language: str) -> str:
    """Name how far an incident or planned work is."""
    return work_status_word(status, language) if isinstance(status, WorkStatus) else status_word(status, language)


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
