"""The case card: one customer with one problem, for the care team."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from alerts.blocks import Block, actions, button, context, link_button, phrase, plain, quote, section, select
from alerts.cards import (
    View,
    clock_and_day,
    foot,
    language_name,
    notification,
    ordinal,
    source_name,
    span,
    thing_name,
    until,
    utc,
)
from domain.action import Verb
from domain.care.case import ACTIVE, Case, CaseStatus, FlagCode
from domain.work import Delivery, DeliveryState

SNOOZES = (("15 minutes", 15), ("1 hour", 60), ("4 hours", 240), ("until tomorrow (24 h)", 1440))

_REASONS = {
    FlagCode.COMPLAINT: "complaint", FlagCode.LOW_RATING: "low rating, complaint",
    FlagCode.REPORT: "sent through our own form, complaint",
    FlagCode.STILL_BROKEN: "says it is still broken, complaint",
}  # fmt: skip
_SENDING = {
    DeliveryState.DRAFT: "is a draft", DeliveryState.PENDING: "is on its way", DeliveryState.SENT: "has arrived",
    DeliveryState.ASSISTED: "waits to be posted by hand: open the post, answer there, then press *Mark as answered*",
    DeliveryState.SKIPPED: "was not sent", DeliveryState.FAILED: "could not be sent",
    DeliveryState.WITHDRAWN: "was taken back", DeliveryState.REHEARSED: "was not sent (dry run)",
}  # fmt: skip


def case_card(case: Case, *, now: datetime, open_incidents: Sequence[tuple[str, str]] = (), desk_url: str = "") -> View:
    """Draw the card of a case; `open_incidents` are (id, title), `desk_url` is the case's own page on the desk."""
    blocks = [
        section(f"{state_line(case, now)}\n{_who(case)}"),
        section(quote(case.text)),
        context(_why(case), _incident(case, open_incidents)),
        *[section(_reply(sent, now)) for sent in case.replies[-2:]],
    ]
    if row := _buttons(case, open_incidents):
        blocks.append(actions("case", case.id, case.revision, row))
    blocks.append(foot(now, desk_url, "Open on the desk"))
    due = f"answer due {utc(case.due_at)}" if case.status in ACTIVE else ""
    return View(notification(plain_state(case), _author(case), phrase(case.text, 120), due), blocks)


def plain_state(case: Case) -> str:
    """Say the state of a case in a few words, for notifications."""
    name = phrase(case.assignee.name, 60) if case.assignee else ""
    words = {
        CaseStatus.OPEN: f"{name} has this" if name else "Waiting for someone",
        CaseStatus.SNOOZED: f"Snoozed by {name}" if name else "Snoozed",
        CaseStatus.ANSWERED: f"Answered by {name}" if name else "Answered",
        CaseStatus.DISMISSED: "Not a complaint", CaseStatus.CLOSED: "Closed",
    }  # fmt: skip
    return words[case.status]


def state_line(case: Case, now: datetime) -> str:
    """Say the state of a case as the first line of its card, with the running clock."""
    state = f"*{plain_state(case)}*"
    if case.status is CaseStatus.ANSWERED:
        return f":white_check_mark: {state}{_took(case)}"
    if case.status not in ACTIVE:
        return f":white_circle: {state}"
    if case.status is CaseStatus.SNOOZED and case.snoozed_until:
        state += f" until {clock_and_day(case.snoozed_until, now)}"
    return f"{_sign(case, now)} {state} · {_due(case, now)}"


def _took(case: Case) -> str:
    if case.first_response_at is None:
        return ""
    return f" · first answer after {span(case.first_response_at - case.opened_at)}"


def _sign(case: Case, now: datetime) -> str:
    if case.first_response_at is None and case.due_at <= now:
        return ":red_circle:"
    if case.status is CaseStatus.SNOOZED:
        return ":zzz:"
    return ":large_blue_circle:" if case.assignee else ":large_orange_circle:"


def _due(case: Case, now: datetime) -> str:
    moment, words = clock_and_day(case.due_at, now), until(case.due_at, now)
    if case.first_response_at is not None:
        return "answered once already"
    return f"answer due {moment} ({words})" if case.due_at > now else f"*late*: answer was due {moment} ({words})"


def _author(case: Case) -> str:
    name = case.author.strip()
    return phrase(name if " " in name or name.startswith("@") or not name else f"@{name}", 80)


def _who(case: Case) -> str:
    about = thing_name(case.component or case.kind)
    contact = f"{ordinal(case.contacts)} contact about {about}"
    followers = f"{case.followers:,} followers" if case.followers is not None else ""
    addressed = "wrote to us" if case.addressed else ""
    if case.source_type == "form" and not case.contact:
        addressed = "left no address, so nobody can answer"
    parts = (contact, followers, language_name(case.language), addressed)
    return f"*{_author(case)}* on {source_name(case.source_type)} · " + " · ".join(part for part in parts if part)


def _why(case: Case) -> str:
    score = case.reason.score if math.isfinite(case.reason.score) else 0.0
    words = ", ".join(f"“{phrase(word, 40)}”" for word in case.reason.words[:6] if word.strip())
    return f"Why flagged: {_REASONS[case.reason.code]} {score:.0%}" + (f" ({words})" if words else "")


def _incident(case: Case, open_incidents: Sequence[tuple[str, str]]) -> str:
    if case.incident_id is None:
        return ""
    title = dict(open_incidents).get(case.incident_id, case.incident_id)
    return f"Part of the incident “{phrase(title, 100)}”: this person hears when it is fixed."


def _reply(sent: Delivery, now: datetime) -> str:
    when = f" {clock_and_day(sent.sent_at, now)}" if sent.sent_at else ""
    error = f": {phrase(sent.error, 200)}" if sent.error else ""
    return f"Our answer via {phrase(sent.channel, 60)} {_SENDING[sent.state]}{when}{error}\n{quote(sent.text, 600, 6)}"


def _buttons(case: Case, open_incidents: Sequence[tuple[str, str]]) -> list[Block]:
    row: list[Block] = []
    if case.status in ACTIVE:
        row += [*_active_buttons(case), *_snooze(case)]
    if case.status is CaseStatus.ANSWERED:
        row.append(button("Close", Verb.CLOSE, case.id))
    if case.incident_id is None and case.status in ACTIVE | {CaseStatus.ANSWERED}:
        choices = [(plain(title, 75), f"{case.id}|{key}") for key, title in open_incidents]
        row += select("Add to incident", Verb.ADD_TO_INCIDENT, choices)
    return row + link_button("Open post", "open_post", case.url)


def _active_buttons(case: Case) -> list[Block]:
    if case.source_type == "form" and not case.contact:  # they left no address: read it, learn from it, close it
        wrong = button("Not a complaint", Verb.NOT_A_COMPLAINT, case.id)
        return [button("Close", Verb.CLOSE, case.id, "primary"), wrong]
    by_hand = any(sent.state is DeliveryState.ASSISTED for sent in case.replies)
    verb, style = (Verb.RELEASE, None) if case.assignee else (Verb.CLAIM, "primary")
    row = [button(verb.capitalize(), verb, case.id, style)]
    if by_hand:
        row.append(button("Mark as answered", Verb.MARK_ANSWERED, case.id, "primary"))
    return [
        *row,
        button("Reply", Verb.REPLY, case.id),
        button("Not a complaint", Verb.NOT_A_COMPLAINT, case.id),
    ]


def _snooze(case: Case) -> list[Block]:
    return select("Snooze", Verb.SNOOZE, [(label, f"{case.id}|{minutes}") for label, minutes in SNOOZES])
