"""An action: what a person asks for by a button, a modal, a slash command or the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.work import Actor


class Verb(StrEnum):
    """Everything people can ask for; the same words in Slack and on the desk."""

    CLAIM = "claim"
    RELEASE = "release"
    REPLY = "reply"
    MARK_ANSWERED = "mark_answered"
    NOT_A_COMPLAINT = "not_a_complaint"
    SNOOZE = "snooze"
    NOTE = "note"
    CLOSE = "close"
    ADD_TO_INCIDENT = "add_to_incident"
    ACKNOWLEDGE = "acknowledge"
    DISMISS = "dismiss"
    SILENCE = "silence"
    DECLARE = "declare"
    UPDATE = "update"
    RESOLVE = "resolve"
    APPROVE_POST = "approve_post"
    EDIT_POST = "edit_post"
    SKIP_POST = "skip_post"
    SEND_FOLLOW_UPS = "send_follow_ups"


@dataclass(frozen=True, slots=True)
class Action:
    """One request: `subject` is the id of the record; `values` are plain strings from the form or modal.

    Keys of `values` by verb: reply: text · snooze, silence: minutes · add_to_incident: incident · note: text ·
    dismiss: reason · declare: title.<lang>, text.<lang>, impact, components (comma separated), component_status,
    next_update_minutes · update, resolve: text.<lang>, status, component_status, next_update_minutes ·
    approve_post, edit_post, skip_post: delivery, text. For `declare` the subject is a signal id or empty.
    """

    verb: Verb
    subject: str
    actor: Actor
    values: Mapping[str, str] = field(default_factory=dict)
    key: str = ""  # the same for a repeated press of one submit, so that it acts once
