"""The incident card: what customers were told, what waits for approval, and what comes next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from alerts.blocks import Block, actions, button, context, link_button, phrase, quote, section
from alerts.cards import View, clock_and_day, foot, language_name, notification, people, span, thing_name, until
from alerts.incident_team import team_blocks
from alerts.post_blocks import POST_WORDS, changes, drafts, failed_line, posts_line
from domain.action import Verb
from domain.incidents.incident import Incident, IncidentStatus
from domain.work import Delivery, DeliveryState

_SIGNS = {
    IncidentStatus.INVESTIGATING: (":red_circle:", "Investigating"),
    IncidentStatus.IDENTIFIED: (":large_orange_circle:", "Cause found"),
    IncidentStatus.MONITORING: (":large_yellow_circle:", "Fixed, watching"),
    IncidentStatus.RESOLVED: (":white_check_mark:", "Resolved"),
}


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
        *drafts(incident, remark),
        *changes(incident),
        *([context(f":no_entry: {phrase(stopped, 400)}")] if stopped else []),
    ]
    if lines := [line for line in (posts_line(incident), failed_line(incident), _coming_back(follow_ups)) if line]:
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


def _coming_back(follow_ups: Mapping[str, int]) -> str:
    words = {**POST_WORDS, DeliveryState.DRAFT: "drafted"}
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
