"""The incident card: what customers were told, what waits for approval, and what comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from alerts.blocks import (
    Block,
    actions,
    button,
    confirmation,
    context,
    link,
    link_button,
    phrase,
    quote,
    section,
    select,
)
from alerts.cards import View, clock_and_day, foot, language_name, notification, people, span, thing_name, until
from alerts.incident_team import team_blocks
from domain.action import Verb
from domain.incident import Incident, IncidentStatus
from domain.work import Delivery, DeliveryState

SHOWN_DRAFTS = 10  # two blocks each; more than this and Slack's 50 blocks are near

_SIGNS = {
    IncidentStatus.INVESTIGATING: (":red_circle:", "Investigating"),
    IncidentStatus.IDENTIFIED: (":large_orange_circle:", "Cause found"),
    IncidentStatus.MONITORING: (":large_yellow_circle:", "Fixed, watching"),
    IncidentStatus.RESOLVED: (":white_check_mark:", "Resolved"),
}
_POST_WORDS = {
    DeliveryState.PENDING: "on their way", DeliveryState.SENT: "sent", DeliveryState.ASSISTED: "to be posted by hand",
    DeliveryState.SKIPPED: "skipped", DeliveryState.FAILED: "failed", DeliveryState.DRAFT: "waiting for approval",
    DeliveryState.WITHDRAWN: "withdrawn", DeliveryState.REHEARSED: "not sent (dry run)",
}  # fmt: skip


def incident_card(
    incident: Incident, *, now: datetime, follow_ups: Mapping[str, int], page_url: str,
    component_names: Mapping[str, str], desk_url: str = "", remark: Callable[[Delivery], str] = lambda post: "",
    stopped: str = "",
) -> View:  # fmt: skip
    """Draw the card of an incident; `follow_ups` counts follow-ups by their delivery state.

    `remark` says beside each preview what the post costs and how long it is, `stopped` that nothing leaves now.
    """
    sign, state = _SIGNS[incident.status]
    title = phrase(incident.title("en"), 150)
    blocks = [
        section(f"{sign} *{state}: {title}*\n{_facts(incident, now)}"),
        section(_components(incident, component_names) + "\n" + _promise(incident, now)),
        *_words(incident),
        *_drafts(incident, remark),
        *_changes(incident),
        *([context(f":no_entry: {phrase(stopped, 400)}")] if stopped else []),
    ]
    if lines := [line for line in (_posts(incident), _failed(incident), _coming_back(follow_ups)) if line]:
        blocks.append(context(*lines))
    if incident.still_broken:
        blocks.append(section(f":warning: *{people(len(incident.still_broken))} say it is still broken.*"))
    if row := _buttons(incident, follow_ups, page_url):
        blocks.append(actions("incident", incident.id, incident.revision, row))
    blocks += team_blocks(incident, now)
    blocks.append(foot(now, desk_url, "Open on the desk"))
    return View(notification(f"{state}: {title}", f"impact {incident.impact}"), blocks)


def _facts(incident: Incident, now: datetime) -> str:
    by = phrase(incident.declared_by.name, 60)
    end = (None if incident.is_open else incident.resolved_at) or now
    lasted = f"{'for' if incident.is_open else 'lasted'} {span(end - incident.started_at)}"
    linked = f" · {people(incident.affected)} complained" if incident.affected else ""
    since = clock_and_day(incident.started_at, now)
    return f"Impact {incident.impact} · since {since} ({lasted}) · declared by {by}{linked}"


def _components(incident: Incident, names: Mapping[str, str]) -> str:
    touched = list(incident.components.items())[:12]
    states = [f"{phrase(names.get(key, key), 60)}: {thing_name(status)}" for key, status in touched]
    return " · ".join(states) or "No component is named."


def _promise(incident: Incident, now: datetime) -> str:
    if not incident.is_open:
        return "No further update is promised."
    if incident.next_update_by is None:
        return "No next update is promised yet."
    moment, words = clock_and_day(incident.next_update_by, now), until(incident.next_update_by, now)
    if incident.next_update_by > now:
        return f"Next update promised by {moment} ({words})"
    return f":warning: *The promised update is late*: it was due {moment} ({words})"


def _words(incident: Incident) -> Iterator[Block]:
    update = incident.updates[-1]
    for language, text in list(update.texts.items())[:6]:
        who = "Our people read" if incident.private else "Customers read"
        yield section(f"{who}, in {language_name(language)}:\n{quote(text, 700, 8)}")


def _drafts(incident: Incident, remark: Callable[[Delivery], str]) -> Iterator[Block]:
    waiting = [sent for sent in incident.deliveries if sent.state is DeliveryState.DRAFT]
    for number, draft in enumerate(waiting[:SHOWN_DRAFTS]):
        beside = f"\n_{phrase(said, 100)}_" if (said := remark(draft)) else ""
        yield section(f"*Post for {_channel(draft)}* waits for approval:\n{quote(draft.text, 700, 8)}{beside}")
        yield actions("post", draft.id, incident.revision, list(_draft_buttons(incident, draft, number)))
    if len(waiting) > SHOWN_DRAFTS:
        yield context(f"{len(waiting) - SHOWN_DRAFTS} more posts wait; they appear here as these are decided.")


def _draft_buttons(incident: Incident, draft: Delivery, number: int) -> Iterator[Block]:
    value = f"{incident.id}|{draft.id}"
    yield button("Approve", f"{Verb.APPROVE_POST}:{number}", value, "primary")
    yield button("Edit", f"{Verb.EDIT_POST}:{number}", value)
    yield button("Skip", f"{Verb.SKIP_POST}:{number}", value)


def _changes(incident: Incident) -> Iterator[Block]:
    """Offer what can still be done: better words or withdrawal for posts that are out, another try for failed ones."""
    sent = [post for post in incident.deliveries if post.state is DeliveryState.SENT and not post.withdraw]
    failed = [post for post in incident.deliveries if post.state is DeliveryState.FAILED]
    menus = [
        *_menu("Correct a post", Verb.CORRECT_POST, incident, sent),
        *_menu("Withdraw a post", Verb.WITHDRAW_POST, incident, sent, "It disappears where customers read it now."),
        *_menu("Send again", Verb.APPROVE_POST, incident, failed, "Look there first: it may be out already."),
    ]
    if menus:
        yield actions("sent", incident.id, incident.revision, menus)


def _menu(label: str, verb: Verb, incident: Incident, posts: list[Delivery], question: str = "") -> list[Block]:
    choices = [(_plain(post), f"{incident.id}|{post.id}") for post in posts[::-1]]
    menu = select(label, verb, choices)
    if menu and question:
        menu[0]["confirm"] = confirmation(question, label)
    return menu


def _plain(post: Delivery) -> str:
    return f"{post.channel[:30]}, {language_name(post.language)}: {post.text}"


def _channel(sent: Delivery) -> str:
    return f"{phrase(sent.channel, 60)}, {language_name(sent.language)}"


def _posts(incident: Incident) -> str:
    counts = Counter(sent.state for sent in incident.deliveries)
    words = [f"{counts[state]} {word}" for state, word in _POST_WORDS.items() if counts[state]]
    sent = [_sent(post) for post in incident.deliveries if post.state is DeliveryState.SENT]
    return f"Posts: {', '.join(words)}" + (f" ({', '.join(sent[-6:])})" if sent else "") if words else ""


def _sent(post: Delivery) -> str:
    return link(post.url, _channel(post))


def _failed(incident: Incident) -> str:
    failed = [sent for sent in incident.deliveries if sent.state is DeliveryState.FAILED]
    reasons = [f"{_channel(sent)}: {phrase(sent.error or 'no reason given', 150)}" for sent in failed[-4:]]
    return f":x: Could not be posted: {'; '.join(reasons)}" if reasons else ""


def _coming_back(follow_ups: Mapping[str, int]) -> str:
    words = {**_POST_WORDS, DeliveryState.DRAFT: "drafted"}
    return _listed("Follow-ups: ", ((follow_ups.get(state, 0), word) for state, word in words.items()))


def _listed(start: str, counted: Iterable[tuple[int, str]]) -> str:
    parts = [f"{count:,} {word}" for count, word in counted if count]
    return start + ", ".join(parts) if parts else ""


def _buttons(incident: Incident, follow_ups: Mapping[str, int], page_url: str) -> list[Block]:
    row: list[Block] = []
    if incident.merged_into is not None:
        return row
    if incident.is_open:
        row.append(button("Write an update", Verb.UPDATE, incident.id, "primary"))
        row.append(button("Resolve", Verb.RESOLVE, incident.id))
    else:
        style = "danger" if incident.still_broken else None
        row.append(button("Reopen with an update", Verb.UPDATE, incident.id, style))
    if drafted := follow_ups.get(DeliveryState.DRAFT, 0):
        question = f"This sends {drafted:,} follow-ups to people who complained, once each."
        row.append(button(f"Send follow-ups ({drafted:,})", Verb.SEND_FOLLOW_UPS, incident.id, "primary", question))
    return row + link_button("Open the page", "open_page", page_url if incident.public else "")
