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
    CORRECT_POST = "correct_post"
    WITHDRAW_POST = "withdraw_post"
    STOP_POSTING = "stop_posting"
    RESUME_POSTING = "resume_posting"
    SEND_FOLLOW_UPS = "send_follow_ups"
    ANNOUNCE_WORK = "announce_work"
    MOVE_WORK = "move_work"
    UPDATE_WORK = "update_work"
    START_WORK = "start_work"
    COMPLETE_WORK = "complete_work"
    CANCEL_WORK = "cancel_work"
    ORGANISE = "organise"
    TAKE_LEAD = "take_lead"
    TAKE_COMMS = "take_comms"
    PUBLISH = "publish"
    MERGE = "merge"
    UNMERGE = "unmerge"
    SPLIT = "split"
    TIMELINE = "timeline"
    NOT_ABOUT = "not_about"
    IS_ABOUT = "is_about"
    PAUSE_MAILING = "pause_mailing"
    RESUME_MAILING = "resume_mailing"
    RETRY_MAILING = "retry_mailing"
    LOOK_UP_SUBSCRIBER = "look_up_subscriber"
    STOP_SUBSCRIBER = "stop_subscriber"
    ERASE_SUBSCRIBER = "erase_subscriber"


@dataclass(frozen=True, slots=True)
class Action:
    """One request: `subject` is the id of the record; `values` are plain strings from the form or modal.

    Keys of `values` by verb: reply: text · snooze, silence: minutes · add_to_incident: incident · note: text ·
    dismiss: reason · declare: title.<lang>, text.<lang>, impact, components (comma separated), component_status,
    next_update_minutes · update, resolve: text.<lang>, status, component_status, next_update_minutes ·
    approve_post, edit_post, skip_post, correct_post, withdraw_post: delivery, text · stop_posting: reason.
    organise: severity, lead, comms (each "via|id|name", empty: nobody) · publish: as declare, without components ·
    merge: incident · split: as declare · timeline: text · not_about, is_about: case; their subject is an incident.
    `declare` takes private ("yes"), severity, lead and comms, too.
    announce_work: title.<lang>, text.<lang>, components, starts_at, ends_at (UTC), by_itself (yes, no) · move_work:
    starts_at, ends_at or extend_from (the end that was seen; half an hour more), text.<lang> · update_work:
    status, text.<lang> · start_work, complete_work, cancel_work: text.<lang>; without a text hubbub writes one.
    pause_mailing, resume_mailing, retry_mailing: their subject is a mailing; look_up_subscriber, stop_subscriber,
    erase_subscriber: a subscriber.
    For `declare` the subject is a signal id or empty, for stop_posting and resume_posting it is empty.
    """

    verb: Verb
    subject: str
    actor: Actor
    values: Mapping[str, str] = field(default_factory=dict)
    key: str = ""  # the same for a repeated press of one submit, so that it acts once
