"""What a subscriber is told of one public word, in their language: the parts that mail, chat and push are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.component import Component
from domain.incidents.incident import Incident, Update
from domain.incidents.planned import PlannedWork, WorkUpdate
from status_page.markup import clean, plain
from status_page.pages.templating import state_word
from status_page.pages.view import Said, pick, slug
from status_page.words.dates import moment_words, span_words
from status_page.words.incident_words import page_of, status_word
from status_page.words.language import catalogue, listed, speakable
from status_page.words.work_words import work_page_of, work_status_word

EARLIER = 3  # words before this one that are told again: a reader may not have got them
TITLE = 150  # characters of a subject


@dataclass(frozen=True, slots=True)
class Word:
    """One public word: how far things were, when, and what was said."""

    head: str
    at: datetime
    said: Said
    language: str

    @property
    def moment(self) -> str:
        """When it was said, in words."""
        return moment_words(self.at, self.language)


@dataclass(frozen=True, slots=True)
class Told:
    """The newest word about an incident or planned work, and what one should know with it; `title` is one line."""

    id: str  # of the story
    language: str
    title: Said
    word: Word
    earlier: tuple[Word, ...]
    facts: tuple[tuple[str, str], ...]  # (label, words): affected components, the promise, the plan
    url: str
    foreign: bool  # something in it is not in the reader's language

    @property
    def line(self) -> str:
        """Head and title in one line, e.g. "Resolved: Cards are declined"."""
        return f"{self.word.head}: {self.title.text}"


def tell(
    story: Incident | PlannedWork, news: str, language: str, components: Mapping[str, Component], public_url: str
) -> Told | None:
    """Tell the word with the id `news` (one that is none of the updates is the reminder); None when there is none."""
    language = speakable(language)
    ids = [update.id for update in story.updates]
    index = ids.index(news) if news in ids else None
    if isinstance(story, Incident):
        if index is None:
            return None
        update, before = story.updates[index], story.updates[max(0, index - EARLIER) : index]
        word = _word(update, language, status_word(update.status, language))
        earlier = tuple(_word(u, language, status_word(u.status, language)) for u in reversed(before))
        facts = _incident_facts(story, update, language, components)
        url = page_of(public_url, language, slug(story.id))
    else:
        word, earlier = _work_words(story, index, language)
        facts = _work_facts(story, language, components)
        url = work_page_of(public_url, language, slug(story.id))
    title = pick(story.titles, language)
    title = Said(" ".join(title.text.split())[:TITLE], title.language, title.foreign)
    foreign = title.foreign or any(each.said.foreign for each in (word, *earlier))
    return Told(story.id, language, title, word, earlier, facts, url, foreign)


def _word(update: Update | WorkUpdate, language: str, head: str) -> Word:
    said = pick(update.texts, language)
    return Word(head, update.at, Said(plain(said.text), said.language, said.foreign), language)


def _work_words(work: PlannedWork, index: int | None, language: str) -> tuple[Word, tuple[Word, ...]]:
    if index is None:  # the reminder: nobody wrote a text for it
        head = catalogue(language).gettext("Begins soon")
        text = catalogue(language).gettext("This planned work begins soon.")
        last = _word(work.updates[-1], language, work_status_word(work.status, language))
        return Word(head, work.changed_at, Said(text, language, False), language), (last,)
    update, before = work.updates[index], work.updates[max(0, index - EARLIER) : index]
    earlier = tuple(_word(u, language, work_status_word(u.status, language)) for u in reversed(before))
    return _word(update, language, work_status_word(update.status, language)), earlier


def _incident_facts(
    incident: Incident, update: Update, language: str, components: Mapping[str, Component]
) -> tuple[tuple[str, str], ...]:
    t, facts = catalogue(language), []
    named = [f"{name(c, components, language)} ({state_word(s, language)})" for c, s in incident.components.items()]
    if named:
        facts.append((t.gettext("Affected"), listed(named, language)))
    if update.next_update_by is not None:
        facts.append((t.gettext("Next update by"), moment_words(update.next_update_by, language)))
    return tuple(facts)


def _work_facts(work: PlannedWork, language: str, components: Mapping[str, Component]) -> tuple[tuple[str, str], ...]:
    t = catalogue(language)
    named = [name(c, components, language) for c in work.components]
    facts = [(t.gettext("Affected"), listed(named, language))] if named else []
    return ((t.gettext("Planned for"), span_words(work.starts_at, work.ends_at, language)), *facts)


def name(component: str, components: Mapping[str, Component], language: str) -> str:
    """Name a component in one line, by its id when the settings know it no more."""
    known = components.get(component)
    return " ".join(clean(known.name(language) if known else component).split())
