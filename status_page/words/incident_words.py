"""What we say to customers before a person edits it: incident texts, posts, answers, the word after the end.

Plain and honest: what is wrong, what we do, when we speak again. No blame, no invented time of repair.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.care.case import Case
from domain.component import Component
from domain.heard.classification import Kind
from domain.incidents.incident import Incident, IncidentStatus, Update
from domain.incidents.templates import capital
from status_page.markup import clean, plain
from status_page.words.dates import when
from status_page.words.language import catalogue, join_names, speakable

POST_LENGTH = 280  # characters before the address


def incident_words(
    components: Sequence[Component], phase: IncidentStatus, languages: Sequence[str]
) -> dict[str, tuple[str, str]]:
    """Draft (title, text) of an update for each language; what it says is true without any edit."""
    return {language: _phase_words(components, phase, language) for language in languages}


def _phase_words(components: Sequence[Component], phase: IncidentStatus, language: str) -> tuple[str, str]:
    t = catalogue(language)
    names = join_names([component.name(language) for component in components], speakable(language))
    title = t.gettext("Problems with %(components)s") % {"components": names}
    if not names:
        title, names = t.gettext("Problems with our service"), t.gettext("our service")
    return capital(title, language), capital(t.gettext(_PHASES[phase]) % {"components": names}, language)


def status_word(status: IncidentStatus, language: str) -> str:
    """Name the phase of an incident, e.g. "Investigating"."""
    return catalogue(language).gettext(_STATUS_WORDS[status])


def page_of(page_url: str, language: str, incident_id: str) -> str:
    """Give the permanent address of an incident's page in a language that the site has."""
    return f"{page_url.rstrip('/')}/{language}/incidents/{incident_id}.html"


def incident_url(page_url: str, language: str, incident: Incident) -> str:
    """Give an incident's page for somebody who reads `language`: only languages of its titles have pages for sure."""
    choices = [wanted for wanted in (language, "en", *incident.titles) if wanted in incident.titles]
    return page_of(page_url, choices[0] if choices else speakable(language), incident.id)


def post_text(incident: Incident, update: Update, language: str, page_url: str, length: int = POST_LENGTH) -> str:
    """Write one social post: phase, title, text (cut at a word to `length`), promise, address."""
    title = clean(incident.titles.get(language, ""))
    status = status_word(update.status, language)
    head = f"{status}: {title}" if title else f"{status}:"
    promise = _promise(update, language)
    said = plain(update.texts.get(language) or next(iter(update.texts.values()), ""))
    room = length - len(head) - len(promise) - 2
    body = shorten(said, room) if room >= _WORTH_SAYING else ""
    lines = [shorten(head, length), body, promise if len(head) + len(promise) < length else ""]
    return "\n".join(line for line in [*lines, incident_url(page_url, language, incident)] if line)


def _promise(update: Update, language: str) -> str:
    if update.next_update_by is None:
        return ""
    moment = when(update.next_update_by, update.at, language)
    return catalogue(language).gettext("Next update by %(time)s.") % {"time": moment}


def shorten(text: str, length: int) -> str:
    """Fold white space and cut at the end of a word, with "…", so that at most `length` characters remain."""
    folded = " ".join(text.split())
    if len(folded) <= length:
        return folded
    cut = folded[: max(length - 1, 0)]
    at_word = cut.rsplit(" ", 1)[0] if " " in cut[length // 2 :] else cut
    return at_word.rstrip(" ,;:.،؛") + "…"


def follow_up_text(
    incident: Incident, case: Case, page_url: str, *, feedback: str = "", room: int | None = None,
    brief: bool = False,
) -> tuple[str, str]:  # fmt: skip
    """Ask one person after the end if it is fixed for them; returns (text, its language).

    `feedback` is the address of their own page, where they get a mail; `room` is how long the title may be; `brief`
    leaves out the question how well we kept them informed.
    """
    language = speakable(case.language)
    t = catalogue(language)
    values = {"title": incident.titles.get(language, ""), "url": incident_url(page_url, language, incident)}
    if room is not None:
        values["title"] = shorten(values["title"], room) if room >= _WORTH_SAYING else ""
    opening = t.gettext("You told us about a problem. As far as we can see, it is solved.")
    if values["title"]:
        opening = t.gettext("You told us about this problem: %(title)s. As far as we can see, it is solved.") % values
    ask = t.gettext(_ASK_THERE if feedback else _ASK_BRIEFLY if brief else _ASK_HERE) % {**values, "feedback": feedback}
    opt_out = t.gettext("Answer “stop” and we will not write to you again.")
    return f"{opening} {ask}\n{opt_out}", language


def reply_draft(case: Case, incident: Incident | None, page_url: str) -> str:
    """Draft the first answer in the language of the case; a person reads, edits and sends it."""
    language = speakable(case.language)
    t = catalogue(language)
    again = t.gettext("You had to write to us more than once, and we are sorry for that.") if case.contacts > 1 else ""
    if incident is not None:
        message = _KNOWN if incident.is_open else _OVER
        answer = t.gettext(message) % {"url": incident_url(page_url, language, incident)}
    else:
        answer = t.gettext(_ANSWERS[case.kind]) % {"url": f"{page_url.rstrip('/')}/"}
    return f"{again} {answer}".strip()


def N_(message: str) -> str:
    """Mark a message for the catalogues, by the name Babel's extraction looks for; translated where it is used."""
    return message


_WORTH_SAYING = 20
_STATUS_WORDS = {
    IncidentStatus.INVESTIGATING: N_("Investigating"),
    IncidentStatus.IDENTIFIED: N_("Cause found"),
    IncidentStatus.MONITORING: N_("Watching the fix"),
    IncidentStatus.RESOLVED: N_("Resolved"),
}
_PHASES = {
    IncidentStatus.INVESTIGATING: N_(
        "Customers report problems with %(components)s. We are looking for the cause and will write again here."
    ),
    IncidentStatus.IDENTIFIED: N_(
        "We have found the cause of the problems with %(components)s and are working on the fix. "
        "We will write again here when there is news."
    ),
    IncidentStatus.MONITORING: N_(
        "A fix for %(components)s is in place and we are watching whether it holds. "
        "If it still does not work for you, please tell us."
    ),
    IncidentStatus.RESOLVED: N_(
        "The problems with %(components)s are solved. We are sorry for the trouble. "
        "If it still does not work for you, please tell us."
    ),
}
_ASK_HERE = N_(
    "Is it fixed for you? Please answer “yes” or “no”, and 1 to 5 (best) for how we kept you informed. "
    "What happened: %(url)s"
)
_ASK_BRIEFLY = N_("Is it fixed for you? Please answer “yes” or “no”. What happened: %(url)s")
_ASK_THERE = N_(
    "Is it fixed for you, and how well did we keep you informed? Please tell us here: %(feedback)s\n"
    "What happened: %(url)s"
)
_KNOWN = N_("Thank you for telling us. We know about this problem and are working on it. What we know so far: %(url)s")
_OVER = N_("Thank you for telling us. We have solved this problem; does it work for you now? What happened: %(url)s")
_ANSWERS = {
    Kind.OUTAGE: N_(
        "We are sorry that it does not work for you. Since when, and what do you see? "
        "We are looking into it. Known problems are listed here: %(url)s"
    ),
    Kind.LOGIN_ACCOUNT: N_(
        "We are sorry that you cannot get into your account. Which message do you see? "
        "Please never write passwords or codes here."
    ),
    Kind.PAYMENT_BILLING: N_(
        "We are sorry about the trouble with your payment. When was it, and what happened? "
        "Please never write card numbers here."
    ),
    Kind.DELIVERY: N_(
        "We are sorry that your order has not reached you as it should. Please send us the order number "
        "in a private message and we will find out where it is."
    ),
    Kind.APP_BUG: N_(
        "We are sorry that the app does not work as it should. Which phone and which version of the app do you use?"
    ),
    Kind.CUSTOMER_SERVICE: N_(
        "We are sorry that you had to wait for us. A person from our team is on it now; "
        "please tell us what is still open."
    ),
    Kind.PRICE: N_("Thank you for telling us openly. Which price or fee do you mean? We will look at it and explain."),
    Kind.OTHER: N_("Thank you for telling us, and sorry for the trouble. What happened, and since when? We will help."),
}
