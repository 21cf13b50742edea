"""Words for an update: templates with what is known filled in, and the second look before they are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.desk.drafts import drafts
from domain.action import Action, Verb
from domain.component import Component
from domain.incidents.incident import IncidentStatus
from domain.incidents.templates import Template, fill, offered
from domain.incidents.tone import remarks
from status_page.words.dates import when_in_text
from status_page.words.language import join_names, speakable

TOLD = frozenset({Verb.DECLARE, Verb.UPDATE, Verb.RESOLVE, Verb.PUBLISH, Verb.SPLIT})  # verbs that speak to customers
HEARD = "heard"  # the field that says: the remarks were read, publish it all the same


def filled(
    texts: Mapping[str, str], components: Sequence[Component], since: datetime, due: datetime | None, now: datetime
) -> dict[str, str]:
    """Fill in component, since and the promised time in the form of each language; no promise, no such sentence."""
    written = {}
    for language, text in texts.items():
        values = {
            **_known(components, since, now, language), "next_update": when_in_text(due, now, language) if due else ""
        }  # fmt: skip
        written[language] = fill(text, values, language).strip() or text
    return written


def begun(
    phase: IncidentStatus, own: Sequence[Template], components: Sequence[Component], since: datetime | None,
    now: datetime, languages: Sequence[str],
) -> dict[str, str]:  # fmt: skip
    """Give what a form begins with: the owner's words for the phase if there are some, else what is surely true."""
    words = drafts(components, phase, languages)
    mine = next((template for template in own if template.phase is phase), None)
    return words if mine is None else words | suggested(mine, components, since, now, languages)


def suggested(
    template: Template, components: Sequence[Component], since: datetime | None, now: datetime, languages: Sequence[str]
) -> dict[str, str]:
    """Give `text.<language>` of a template; what is not known yet is filled in when it is published.

    That is the time of the next word, and before anything is declared (`since` is None) the rest, too.
    """
    return {
        f"text.{language}": fill(
            template.text(language), _known(components, since, now, language) if since is not None else {}, language
        )
        for language in languages
    }


def words_for(name: str, own: Sequence[Template] = ()) -> Template | None:
    """Find a template by the name a link carries, e.g. "identified.1"; None where there is none."""
    phase, _, number = name.partition(".")
    if phase not in list(IncidentStatus) or not number.isascii() or not number.isdigit() or len(number) > 2:
        return None
    known = offered(IncidentStatus(phase), own)
    return known[int(number)] if int(number) < len(known) else None


def proofread(action: Action) -> list[tuple[str, str]]:
    """Give (language, advice) for what may sound wrong in an update; nothing once the writer has read it."""
    values = action.values
    private = values.get("private") == "yes"
    if action.verb not in TOLD or values.get(HEARD) == "yes" or private:
        return []
    promised = values.get("next_update_minutes", "") not in ("", "0")
    over = action.verb is Verb.RESOLVE or values.get("status") == IncidentStatus.RESOLVED
    return [
        (language, remark.advice)
        for name, text in sorted(values.items())
        if (language := name.removeprefix("text.")) != name
        for remark in remarks(text, language, promised=promised, over=over)
    ]


def _known(components: Sequence[Component], since: datetime, now: datetime, language: str) -> dict[str, str]:
    spoken = speakable(language)
    names = join_names([component.name(language) for component in components], spoken)
    return {"component": names or _OURS.get(spoken, _OURS["en"]), "since": when_in_text(since, now, spoken)}


_OURS = {"en": "our service", "tr": "hizmetimiz", "fa": "خدمات ما"}
