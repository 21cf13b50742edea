"""The words of the messages that subscribers get, and of the pages where they sign up, change and stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from status_page.pages.templating import duration_words
from status_page.words.incident_words import N_, shorten
from status_page.words.language import catalogue, direction, listed, speakable
from status_page.words.told import Told, Word

MANAGE = "\ue000manage\ue001"  # where the subscriber's own link goes (templating.Frame)
CONFIRM = "\ue000confirm\ue001"
RIGHT_TO_LEFT = "\u200f"  # before a subject that begins with a brand in Latin letters, which would turn the line


@dataclass(frozen=True, slots=True)
class Wording:
    """A message before it is addressed: a subject in one line, the plain text, the values of the HTML template."""

    subject: str
    text: str
    html: dict[str, object]
    language: str


def news_wording(told: Told, brand: str) -> Wording:
    """Write the mail about a public word; the subject stays the same for one story, so that mails form a thread."""
    t = catalogue(told.language)
    note = t.gettext("Some of this has not been written in your language yet, so you see the original.")
    everything = t.gettext("Everything so far")
    more = f"{everything}:\n{told.url}"
    facts = "\n".join(f"{label}: {words}" for label, words in told.facts)
    earlier = [t.gettext("Said before:"), *map(_block, told.earlier)] if told.earlier else []
    parts = [note if told.foreign else "", _block(told.word), facts, more, *earlier, _footer(told.language, brand)]
    text = "\n\n".join(part for part in (told.title.text, *parts) if part)
    values = {"told": told, "note": note if told.foreign else "", "brand": brand, "link": MANAGE}
    mark = RIGHT_TO_LEFT if direction(told.title.language) == "rtl" else ""
    return Wording(f"{mark}[{brand}] {told.title.text}", text + "\n", values, told.language)


def confirm_wording(brand: str, language: str, components: Sequence[str], life: timedelta) -> Wording:
    """Write the mail that asks whether the address really wants our news."""
    language = speakable(language)
    t = catalogue(language)
    lines = [
        t.gettext("Somebody, probably you, asked for news about %(brand)s at this address.") % {"brand": brand},
        about(components, language),
        t.gettext("To confirm, open this page and press the button there:"),
    ]
    rest = [
        t.gettext("The link works for %(time)s.") % {"time": duration_words(life, language)},
        t.gettext("If it was not you, do nothing: you will get no further email."),
    ]
    subject = t.gettext("Please confirm: news about %(brand)s") % {"brand": brand}
    text = "\n\n".join((lines[0], lines[1], f"{lines[2]}\n{CONFIRM}", *rest)) + "\n"
    return Wording(subject, text, {"lines": lines, "link": CONFIRM, "rest": rest, "brand": brand}, language)


def remind_wording(brand: str, language: str) -> Wording:
    """Write the mail to an address that is subscribed already: what it asked for again, or lost the link to."""
    language = speakable(language)
    t = catalogue(language)
    lines = [
        t.gettext("Somebody, probably you, asked for news about %(brand)s at this address.") % {"brand": brand},
        t.gettext("This address is subscribed already. To change or end the subscription:"),
    ]
    rest = [t.gettext("If it was not you, do nothing: nothing has changed.")]
    subject = t.gettext("You get news about %(brand)s already") % {"brand": brand}
    text = f"{lines[0]}\n\n{lines[1]}\n{MANAGE}\n\n{rest[0]}\n"
    return Wording(subject, text, {"lines": lines, "link": MANAGE, "rest": rest, "brand": brand}, language)


def about(components: Sequence[str], language: str) -> str:
    """Say what a subscription is about; the names are in the reader's language."""
    t = catalogue(speakable(language))
    if not components:
        return t.gettext("You will hear about everything on our status page.")
    return t.gettext("You will hear about: %(components)s.") % {"components": listed(components, language)}


def chat_text(told: Told, limit: int = 2500) -> str:
    """Write the words of a chat message, without its address."""
    facts = "\n".join(f"{label}: {words}" for label, words in told.facts)
    return "\n".join(part for part in (told.line, shorten(told.word.said.text, limit), facts) if part)


def push_words(told: Told, brand: str) -> tuple[str, str]:
    """Write (title, text) of a notification; browsers cut what is longer."""
    return shorten(f"{brand}: {told.title.text}", 100), shorten(f"{told.word.head}. {told.word.said.text}", 240)


def welcome_words(brand: str, language: str) -> tuple[str, str]:
    """Write (title, text) of the first notification, which proves that the browser takes them."""
    t = catalogue(speakable(language))
    return shorten(brand, 100), t.gettext("From now on this browser tells you when something happens.")


def chat_confirm(brand: str, language: str) -> str:
    """Ask in a channel whether it wants our news; the link follows."""
    t = catalogue(speakable(language))
    asked = t.gettext("Somebody asked for news about %(brand)s in this channel.") % {"brand": brand}
    step = t.gettext("To confirm, open this page and press the button there:")
    return f"{asked} {step}"


def manage_word(language: str) -> str:
    """Label the link to change or stop."""
    return catalogue(speakable(language)).gettext("Change or end your subscription")


def problem_words(problem: str, language: str) -> str:
    """Say what is wrong with a sign-up."""
    return catalogue(speakable(language)).gettext(_PROBLEMS[problem])


def manage_said(step: str, language: str) -> str:
    """Say what was done on the page where a subscriber changes things; empty when nothing was."""
    return catalogue(speakable(language)).gettext(_STEPS[step]) if step in _STEPS else ""


def _block(word: Word) -> str:
    return f"{word.head} · {word.moment}\n{word.said.text}"


def _footer(language: str, brand: str) -> str:
    t = catalogue(language)
    why = t.gettext("You get this because this address is subscribed to news about %(brand)s.") % {"brand": brand}
    return f"-- \n{why}\n{manage_word(language)}:\n{MANAGE}"


_STEPS = {
    "change": N_("Saved."),
    "resume": N_("You are subscribed again."),
}
_PROBLEMS = {
    "mail": N_("We cannot send to this email address. Please check it."),
    "url": N_("This is not a web address that begins with https://. Please check it."),
    "slack": N_("This is not an incoming webhook of Slack; those begin with https://hooks.slack.com/services/."),
    "push": N_("This browser cannot be reached. Please allow notifications and try again."),
    "closed": N_("This way of getting news is not offered here."),
    "pace": N_("That was too often. Please wait ten minutes."),
}
