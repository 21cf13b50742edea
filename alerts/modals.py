"""The modals of Slack: pure functions from records to view dicts; what they ask for is documented in domain.action."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from alerts.blocks import (
    Block,
    input_field,
    multi_select,
    person_select,
    phrase,
    plain_text,
    quote,
    section,
    select,
    text_input,
)
from alerts.cards import language_name, source_name
from domain.action import Verb
from domain.care.case import Case
from domain.care.follow_up import ReplyVerdict
from domain.component import Component, ComponentStatus
from domain.incidents.incident import Impact, Incident, IncidentStatus
from domain.incidents.planned import PlannedWork, WorkStatus, words
from domain.incidents.severity import Severity
from domain.incidents.signal import Signal
from domain.work import Actor, Delivery, DeliveryState

Drafts = Mapping[str, str]  # first values by field: title.<lang>, text.<lang>, impact, components, component_status

CALLBACK = "hubbub"
PROMISES = (("in 15 minutes", "15"), ("in 30 minutes", "30"), ("in 1 hour", "60"), ("in 2 hours", "120"),
            ("in 4 hours", "240"), ("no promise", "0"))  # fmt: skip
# Characters one post may have; Mastodon's is the default of an instance. Sources: the platforms' API pages, 2026-11.
PLATFORM_LIMITS: Mapping[str, int] = {"mastodon": 500, "bluesky": 300, "x": 280}
_TEXT_LIMIT = 3000
_TITLE_LIMIT = 120
_IMPACTS = {
    Impact.NONE: "none: customers notice nothing", Impact.MINOR: "minor: annoying, there is a way around",
    Impact.MAJOR: "major: something important does not work", Impact.CRITICAL: "critical: nearly nothing works",
}  # fmt: skip


_HOW = {
    None: ("What the reply rules say", "Answer"),
    ReplyVerdict.ALLOWED: ("hubbub sends it", "Send"),
    ReplyVerdict.ASSISTED: ("You post it by hand", "Keep the draft"),
    ReplyVerdict.FORBIDDEN: ("It cannot be sent", "Keep the draft"),
}
_STEPS = (WorkStatus.IN_PROGRESS, WorkStatus.VERIFYING)  # of work that has begun
_TEXT_HINT = (
    "What is wrong, for whom, since when, what still works. No invented time of repair. "
    "{next_update} becomes the time you promise below."
)
_SEVERITIES = [(f"{severity}: remind us {words}", severity.value) for severity, words in (
    (Severity.SEV1, "after 30 min without a word"), (Severity.SEV2, "after 1 hour"), (Severity.SEV3, "after 4 hours"),
    (Severity.SEV4, "after a day"),
)]  # fmt: skip


def platform_limit(channel: str) -> int:
    """Say how many characters a post may have at a source or publisher, named by its type ("mastodon-tr")."""
    return PLATFORM_LIMITS.get(channel.casefold().partition("-")[0], _TEXT_LIMIT)


def reply_modal(case: Case, draft: str, verdict_reason: str, verdict: ReplyVerdict | None = None) -> dict[str, Any]:
    """Ask for the answer to a customer; `verdict_reason` says in words if and why we may send it."""
    limit = platform_limit(case.source_type)
    how, submit = _HOW[verdict]
    hint = f"{source_name(case.source_type)} allows {limit:,} characters." if limit < _TEXT_LIMIT else ""
    blocks = [
        section(f"*{phrase(case.author, 80)}* wrote, in {language_name(case.language)}:\n{quote(case.text, 1000)}"),
        section(f"{how}: {phrase(verdict_reason, 300)}."),
        input_field("Your answer, public", text_input("text", value=draft, limit=limit, multiline=True), hint=hint),
    ]
    return _modal("Answer the customer", submit, Verb.REPLY, case.id, blocks)


def declare_modal(
    signal: Signal | None, components: Sequence[Component], languages: Sequence[str], drafts: Drafts
) -> dict[str, Any]:
    """Ask for an incident and its first public word; the fields start with the `drafts`."""
    chosen = drafts.get("components", signal.component if signal else "").split(",")
    menu = multi_select("Choose", "components", [(c.name("en"), c.id) for c in components], chosen)
    blocks = [
        *_titles(languages, drafts),
        _menu("How bad is it for customers?", "impact", [(word, impact) for impact, word in _IMPACTS.items()],
              drafts.get("impact", Impact.MINOR)),
        *[input_field("What is affected?", element) for element in menu],
        _component_status(drafts.get("component_status", ComponentStatus.PARTIAL_OUTAGE)),
        *_texts(languages, drafts),
        _promise("30"),
        *_inside("severity", "How urgent is it for us?", _SEVERITIES),
        *_inside("private", "Who sees it?", [("our people only, nothing leaves", "yes"), ("customers", "no")]),
    ]  # fmt: skip
    return _modal("Declare an incident", "Tell customers", Verb.DECLARE, signal.id if signal else "", blocks)


def update_modal(
    incident: Incident, languages: Sequence[str], phase: IncidentStatus, drafts: Drafts | None = None
) -> dict[str, Any]:
    """Ask for the next public word about an incident; with the phase RESOLVED for the last one."""
    texts = list(_texts(languages, drafts or {}))
    about = section(f"*{phrase(incident.title('en'), 150)}*, now {incident.status}")
    if phase is IncidentStatus.RESOLVED:
        fixed = {"status": phase.value, "component_status": ComponentStatus.OPERATIONAL.value}
        return _modal("Resolve the incident", "Tell customers", Verb.RESOLVE, incident.id, [about, *texts], fixed)
    steps = [(step.capitalize(), step.value) for step in IncidentStatus if step is not IncidentStatus.RESOLVED]
    known = next(iter(incident.components.values()), ComponentStatus.PARTIAL_OUTAGE)
    if not incident.is_open:  # opened again, it is not well any more
        known = ComponentStatus.PARTIAL_OUTAGE
    blocks = [
        about,
        _menu("How far are we?", "status", steps, phase),
        *texts,
        _component_status(known),
        _promise("30"),
    ]
    return _modal("Update customers", "Tell customers", Verb.UPDATE, incident.id, blocks)


def organise_modal(incident: Incident) -> dict[str, Any]:
    """Ask how urgent an incident is for us, who leads and who writes to customers."""
    blocks = [
        input_field("How urgent is it for us?", select("Choose", "severity", _SEVERITIES, incident.severity)[0]),
        input_field("Who leads?", person_select("lead", _slack_id(incident.lead)), optional=True),
        input_field("Who writes to customers?", person_select("comms", _slack_id(incident.comms)), optional=True),
    ]
    return _modal("Severity and people", "Keep", Verb.ORGANISE, incident.id, blocks)


def publish_modal(incident: Incident, languages: Sequence[str], drafts: Drafts) -> dict[str, Any]:
    """Ask for title and first public word of an incident that only our people know."""
    steps = [(step.capitalize(), step.value) for step in IncidentStatus if step is not IncidentStatus.RESOLVED]
    blocks = [
        section("Customers see it from now on: these words are the first. What was written before stays inside."),
        *_titles(languages, drafts), _menu("How far are we?", "status", steps, IncidentStatus.INVESTIGATING),
        *_texts(languages, drafts),
        _component_status(next(iter(incident.components.values()), ComponentStatus.PARTIAL_OUTAGE)), _promise("30"),
    ]  # fmt: skip
    return _modal("Publish the incident", "Tell customers", Verb.PUBLISH, incident.id, blocks)


def merge_modal(incident: Incident, others: Sequence[Incident]) -> dict[str, Any]:
    """Ask which of the `others`, at least one, tells the story of an incident from now on."""
    choices = [(other.title("en"), other.id) for other in others]
    blocks = [
        section(
            f"*{phrase(incident.title('en'), 150)}* leaves the page; its complaints and signals go along. Posts that "
            "wait are skipped. This can be taken back."
        ),
        _menu("Which incident tells it?", "incident", choices, choices[0][1]),
    ]
    return _modal("Merge", "Merge", Verb.MERGE, incident.id, blocks)


def split_modal(
    incident: Incident, names: Mapping[str, str], languages: Sequence[str], drafts: Drafts
) -> dict[str, Any]:
    """Ask which components become an incident of their own, with its first public word; `names` by component id."""
    choices = [(names.get(key, key), key) for key in incident.components]
    impacts = [(word, impact) for impact, word in _IMPACTS.items()]
    blocks = [
        input_field("What becomes an incident of its own?", multi_select("Choose", "components", choices)[0]),
        *_titles(languages, drafts), _menu("How bad is it for customers?", "impact", impacts, incident.impact),
        _component_status(ComponentStatus.PARTIAL_OUTAGE), *_texts(languages, drafts), _promise("30"),
    ]  # fmt: skip
    return _modal("Split the incident", "Tell customers", Verb.SPLIT, incident.id, blocks)


def note_modal(incident: Incident) -> dict[str, Any]:
    """Ask for a note for the timeline of an incident."""
    field = text_input("text", limit=2000, multiline=True)
    blocks = [input_field("What happened?", field, hint="Only our people read it.")]
    return _modal("Note for the timeline", "Add", Verb.TIMELINE, incident.id, blocks)


def pick_modal(incidents: Sequence[Incident], text: str) -> dict[str, Any]:
    """Ask to the timeline of which of the `incidents`, at least one, a message is added."""
    choices = [(incident.title("en"), incident.id) for incident in incidents]
    # In a field, not in what the modal carries home: that may have 3,000 characters with all its escapes.
    field = text_input("text", value=text, limit=2000, multiline=True)
    menu = _menu("Add it to the timeline of", "subject", choices, choices[0][1])
    blocks = [menu, input_field("What happened?", field)]
    return _modal("Add to the timeline", "Add", Verb.TIMELINE, "", blocks)


def work_update_modal(work: PlannedWork, languages: Sequence[str]) -> dict[str, Any]:
    """Ask for the next public word about planned work."""
    known = [work.status, *(step for step in _STEPS if work.is_active and step is not work.status)]
    choices = [(words(step).capitalize(), step.value) for step in known]
    steps = [_menu("How far are we?", "status", choices, work.status)] if len(choices) > 1 else []
    blocks = [_about(work), *steps, *_texts(languages, {}, hint="What changes for customers, and until when.")]
    return _modal("Update customers", "Tell customers", Verb.UPDATE_WORK, work.id, blocks)


def work_time_modal(work: PlannedWork, languages: Sequence[str]) -> dict[str, Any]:
    """Ask for another time of planned work; once it has begun only the end can change."""
    begins = [] if work.is_active else [_moment("Begins (UTC)", "starts_at", work.starts_at)]
    blocks = [
        _about(work), *begins, _moment("Ends (UTC)", "ends_at", work.ends_at),
        *_texts(languages, {}, hint="Left empty in every language, hubbub writes the new time.", needed=False),
    ]  # fmt: skip
    return _modal("Change the time", "Tell customers", Verb.MOVE_WORK, work.id, blocks)


def _about(work: PlannedWork) -> Block:
    return section(f"*{phrase(work.title('en'), 150)}*, now {words(work.status)}")


def _moment(label: str, name: str, at: datetime) -> Block:
    return input_field(label, text_input(name, value=f"{at.astimezone(UTC):%Y-%m-%d %H:%M}", limit=40))


def edit_post_modal(record: Incident | PlannedWork, delivery: Delivery) -> dict[str, Any]:
    """Ask for a better text of one post that waits for approval, or for other words on one that was sent."""
    limit = platform_limit(delivery.channel)
    hint = f"{source_name(delivery.channel)} allows {limit:,} characters." if limit < _TEXT_LIMIT else ""
    # Platforms count in ways of their own (an address as 23): how long it is is checked when it is kept.
    field = text_input("text", value=delivery.correction or delivery.text, multiline=True)
    blocks = [input_field(f"Post for {delivery.channel}, {language_name(delivery.language)}", field, hint=hint)]
    known = {"delivery": delivery.id}
    if delivery.state is DeliveryState.SENT:
        return _modal("Correct this post", "Replace", Verb.CORRECT_POST, record.id, blocks, known)
    return _modal("Edit this post", "Keep", Verb.EDIT_POST, record.id, blocks, known)


def dismiss_modal(signal: Signal) -> dict[str, Any]:
    """Ask why a signal is no outage."""
    field = text_input("reason", limit=300)
    hint = "It is kept with the signal and helps to tune the alerts, for example: a viral joke, our own campaign."
    return _modal("Dismiss the alert", "Dismiss", Verb.DISMISS, signal.id, [input_field("Why?", field, hint=hint)])


def _inside(name: str, label: str, choices: Sequence[tuple[str, str]]) -> list[Block]:
    return [input_field(label, select("Choose", name, choices)[0], optional=True)]


def _slack_id(person: Actor | None) -> str:
    return person.id if person is not None and person.via == "slack" else ""


def _modal(
    title: str, submit: str, verb: Verb, subject: str, blocks: Sequence[Block], known: Mapping[str, str] | None = None
) -> dict[str, Any]:
    metadata = {"verb": verb.value, "subject": subject, "values": dict(known or {})}
    return {
        "type": "modal", "callback_id": CALLBACK, "title": plain_text(title, 24), "submit": plain_text(submit, 24),
        "close": plain_text("Cancel", 24), "private_metadata": json.dumps(metadata), "blocks": list(blocks),
    }  # fmt: skip


def _titles(languages: Sequence[str], drafts: Drafts) -> list[Block]:
    return [
        input_field(
            f"Title in {language_name(code)}",
            text_input(f"title.{code}", value=drafts.get(f"title.{code}", ""), limit=_TITLE_LIMIT),
            optional=number > 0,
        )
        for number, code in enumerate(languages)
    ]


def _texts(languages: Sequence[str], drafts: Drafts, *, hint: str = _TEXT_HINT, needed: bool = True) -> list[Block]:
    """Ask for a text in each language; where one is `needed`, it is that of the first."""
    return [
        input_field(
            f"What customers read in {language_name(code)}",
            text_input(f"text.{code}", value=drafts.get(f"text.{code}", ""), multiline=True),
            hint="" if number else hint,
            optional=number > 0 or not needed,
        )
        for number, code in enumerate(languages)
    ]


def _menu(label: str, name: str, choices: Sequence[tuple[str, str]], chosen: str) -> Block:
    return input_field(label, select("Choose", name, choices, chosen)[0])


def _component_status(chosen: str) -> Block:
    choices = [(status.replace("_", " "), status.value) for status in ComponentStatus]
    return _menu("How is it now?", "component_status", choices, chosen)


def _promise(chosen: str) -> Block:
    return _menu("When do we write again?", "next_update_minutes", PROMISES, chosen)
