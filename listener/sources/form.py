"""The page's own "report a problem" form: one customer's report, checked and read without trusting any field."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.heard.mention import Author, Batch, Mention, MentionKind, Submission
from listener.items import Origin
from listener.source import Configured
from listener.text import clean_line, clean_text

TRAP = "website"  # a field people do not see; programs fill it in
MAX_REPORT = 5000  # characters of one report
# Deliberately simple: the mail server decides what an address is; this keeps out what could never be one.
# An apostrophe stands in names (o'brien@...).
_MAIL = re.compile(r"[^\s@<>\",;:()\[\]\\]{1,64}@[^\s@<>\"',;:()\[\]\\.]+(?:\.[^\s@<>\"',;:()\[\]\\.]+)+")


class FormProblem(StrEnum):
    """What is wrong with a report; the page says it in the reader's language."""

    EMPTY = "empty"  # no text
    TOO_LONG = "too_long"  # more than `MAX_REPORT` characters
    BAD_CONTACT = "bad_contact"  # not a mail address
    TRAPPED = "trapped"  # the hidden field was filled: thank politely, keep nothing


@dataclass(frozen=True, slots=True)
class FormOptions:
    """How the form behaves."""

    min_length: Annotated[int, Field(ge=1, le=200)] = 3  # characters of the text


@dataclass(frozen=True, slots=True)
class Report:
    """A readable report: the mention, and the component the customer picked, if any."""

    mention: Mention
    component: str | None = None


def parse_report(
    fields: Mapping[str, object], origin: Origin, *, components: Collection[str] = (), min_length: int = 3,
    sent: Submission | None = None,
) -> Report | tuple[FormProblem, ...]:  # fmt: skip
    """Read the fields `text`, `contact`, `name`, `component`, `language`, or say what is wrong with them.

    Sent twice within an hour, the same text by the same person is one report; no field can name another one. `sent`
    says how it came: who leaves no address is then one person per browser and network, for a day.
    """
    text, contact = clean_text(_field(fields, "text"), MAX_REPORT + 1), clean_line(_field(fields, "contact"), 320)
    problems = why_wrong(text, contact, _field(fields, TRAP), min_length)
    if problems:
        return problems
    who = contact.casefold() or (f"visitor:{sent.visitor}" if sent else "")
    native_id = _fingerprint(text, who, origin)
    name, component = clean_line(_field(fields, "name")), _field(fields, "component")
    picked = component if component in components else None
    mention = origin.mention(
        native_id, Author(who or f"anonymous:{native_id}", name), text, origin.now,
        kind=MentionKind.REPORT, language=_field(fields, "language"), contact=contact or None, addressed=True,
        about=picked,
    )  # fmt: skip
    return Report(replace(mention, submission=sent), picked)


def parse_joining(
    fields: Mapping[str, object], origin: Origin, sent: Submission, text: str, about: str | None
) -> Report | tuple[FormProblem, ...]:
    """Read “I have this too”: the fields `contact` and `language`; `text` says it in words, `sent.incident` of what.

    A person has an incident once, by their address if they leave one, else by browser and network.
    """
    contact = clean_line(_field(fields, "contact"), 320)
    problems = why_wrong(text, contact, _field(fields, TRAP), 0)
    if problems:
        return problems
    who = contact.casefold() or f"visitor:{sent.visitor}"
    mention = origin.mention(
        joining_id(sent.incident or "", who), Author(who), text, origin.now, kind=MentionKind.REPORT,
        language=_field(fields, "language"), contact=contact or None, addressed=True, about=about,
    )  # fmt: skip
    return Report(replace(mention, submission=sent), about)


def joining_id(incident_id: str, who: str) -> str:
    """Name what one person says about one incident."""
    return hashlib.sha256(f"{incident_id}|{who}".encode("utf-8", "replace")).hexdigest()[:32]


def why_wrong(text: str, contact: str, trap: str, min_length: int) -> tuple[FormProblem, ...]:
    """List what is wrong with a report; empty when it can be taken."""
    if trap.strip():
        return (FormProblem.TRAPPED,)
    problems = [FormProblem.EMPTY] if len(text) < min_length else []
    problems += [FormProblem.TOO_LONG] if len(text) > MAX_REPORT else []
    problems += [FormProblem.BAD_CONTACT] if contact and not _MAIL.fullmatch(contact) else []
    return tuple(problems)


class Form(Configured[FormOptions]):
    """Takes reports from the page; there is nothing to poll."""

    def receive(
        self, fields: Mapping[str, object], components: Collection[str] = (), sent: Submission | None = None
    ) -> Report | tuple[FormProblem, ...]:
        """Read one submitted form."""
        least = self.options.min_length
        return parse_report(fields, self.setup.origin(), components=components, min_length=least, sent=sent)

    def join(
        self, fields: Mapping[str, object], sent: Submission, text: str, about: str | None = None
    ) -> Report | tuple[FormProblem, ...]:
        """Read one “I have this too”."""
        return parse_joining(fields, self.setup.origin(), sent, text, about)

    async def fetch(self, cursor: str | None) -> Batch:
        """Give nothing: reports come through `receive`."""
        return Batch((), cursor)


def _field(fields: Mapping[str, object], name: str) -> str:
    found = fields.get(name)
    return found if isinstance(found, str) else ""


def _fingerprint(text: str, who: str, origin: Origin) -> str:
    """Name a report: the same text by the same person within an hour is one report."""
    key = f"{origin.now:%Y-%m-%dT%H}|{who}|{text}"
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]
