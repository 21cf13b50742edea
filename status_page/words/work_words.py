"""What we say to customers about planned work before a person edits it: announced, moved, begun, done, called off.

The plan's times stand beside these words (on the page, in a post, in a calendar), so a text that names none stays true.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from domain.component import Component
from domain.incidents.planned import PlannedWork, WorkStatus, WorkUpdate
from domain.incidents.templates import capital
from status_page.markup import clean, plain
from status_page.words.dates import moment_words, span_words
from status_page.words.incident_words import N_, POST_LENGTH, shorten
from status_page.words.language import catalogue, join_names, speakable


class Occasion(StrEnum):
    """Why customers get a word about planned work."""

    ANNOUNCED = "announced"
    MOVED = "moved"
    SOON = "soon"
    BEGUN = "begun"
    CHECKING = "checking"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


OCCASION_OF = {
    WorkStatus.SCHEDULED: Occasion.ANNOUNCED, WorkStatus.IN_PROGRESS: Occasion.BEGUN,
    WorkStatus.VERIFYING: Occasion.CHECKING, WorkStatus.COMPLETED: Occasion.COMPLETED,
    WorkStatus.CANCELLED: Occasion.CANCELLED,
}  # fmt: skip


def work_title(components: Sequence[Component], language: str) -> str:
    """Draft the title, e.g. "Planned maintenance: Payments and Deliveries"."""
    names = _names(components, language)
    t = catalogue(language)
    if not names:
        return t.gettext("Planned maintenance")
    return t.gettext("Planned maintenance: %(components)s") % {"components": names}


def work_text(
    occasion: Occasion, components: Sequence[Component], starts_at: datetime, ends_at: datetime, language: str
) -> str:
    """Draft the text for an occasion; what it says is true without any edit."""
    t = catalogue(language)
    values = {
        "components": _names(components, language) or t.gettext("our service"),
        "time": span_words(starts_at, ends_at, speakable(language)),
        "end": moment_words(ends_at, speakable(language)),
    }
    return capital(t.gettext(_TEXTS[occasion]) % values, language)


def _names(components: Sequence[Component], language: str) -> str:
    return join_names([component.name(language) for component in components], speakable(language))


def work_status_word(status: WorkStatus, language: str) -> str:
    """Name how far the work is, e.g. "In progress"."""
    return catalogue(language).gettext(_STATUS_WORDS[status])


def work_page_of(page_url: str, language: str, work_id: str) -> str:
    """Give the permanent address of planned work in a language that the site has."""
    return f"{page_url.rstrip('/')}/{language}/maintenance/{work_id}.html"


def work_url(page_url: str, language: str, work: PlannedWork) -> str:
    """Give its page for somebody who reads `language`: only languages of its titles have pages for sure."""
    choices = [wanted for wanted in (language, "en", *work.titles) if wanted in work.titles]
    return work_page_of(page_url, choices[0] if choices else speakable(language), work.id)


def work_post_text(
    work: PlannedWork, occasion: Occasion, update: WorkUpdate, language: str, page_url: str, length: int = POST_LENGTH
) -> str:
    """Write one social post: occasion and title, when, the text (cut at a word to `length`), address."""
    title = clean(work.titles.get(language) or work_title((), language))
    word = catalogue(language).gettext(_HEADS[occasion]) if occasion in _HEADS else ""
    head = f"{word}: {title}" if word else title
    when = span_words(work.starts_at, work.ends_at, speakable(language)) if occasion in _WITH_TIME else ""
    said = plain(update.texts.get(language) or next(iter(update.texts.values()), ""))
    room = length - len(head) - len(when) - 2
    body = shorten(said, room) if room >= _WORTH_SAYING else ""
    lines = [shorten(head, length), when if len(head) + len(when) < length else "", body]
    return "\n".join(line for line in [*lines, work_url(page_url, language, work)] if line)


_WORTH_SAYING = 20  # characters: less of a text says nothing
_STATUS_WORDS = {
    WorkStatus.SCHEDULED: N_("Scheduled"),
    WorkStatus.IN_PROGRESS: N_("In progress"),
    WorkStatus.VERIFYING: N_("Verifying"),
    WorkStatus.COMPLETED: N_("Completed"),
    WorkStatus.CANCELLED: N_("Cancelled"),
}
_HEADS = {
    Occasion.MOVED: N_("New time"),
    Occasion.SOON: N_("Soon"),
    Occasion.BEGUN: _STATUS_WORDS[WorkStatus.IN_PROGRESS],
    Occasion.CHECKING: _STATUS_WORDS[WorkStatus.VERIFYING],
    Occasion.COMPLETED: _STATUS_WORDS[WorkStatus.COMPLETED],
    Occasion.CANCELLED: _STATUS_WORDS[WorkStatus.CANCELLED],
}
_WITH_TIME = frozenset({Occasion.ANNOUNCED, Occasion.MOVED, Occasion.SOON, Occasion.BEGUN, Occasion.CANCELLED})
_TEXTS = {
    Occasion.ANNOUNCED: N_(
        "We are going to do planned maintenance on %(components)s. "
        "Expect slow answers or short interruptions in that time."
    ),
    Occasion.MOVED: N_("The planned maintenance of %(components)s has a new time: %(time)s."),
    Occasion.SOON: N_("The planned maintenance of %(components)s begins soon: %(time)s."),
    Occasion.BEGUN: N_("The planned maintenance of %(components)s has begun. We expect to be done by %(end)s."),
    Occasion.CHECKING: N_("The work on %(components)s is done. We are checking that everything is well."),
    Occasion.COMPLETED: N_(
        "The planned maintenance of %(components)s is completed. If something does not work for you, please tell us."
    ),
    Occasion.CANCELLED: N_("The planned maintenance of %(components)s will not take place."),
}
