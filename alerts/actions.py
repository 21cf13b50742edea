"""What people press, submit and type in Slack, read into actions; whatever has another shape is refused in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs

from alerts.incident_team import MORE
from alerts.text import phrase
from domain.action import Action, Verb
from domain.errors import PermanentError
from domain.work import Actor

ONE_PRESS = frozenset({
    Verb.CLAIM, Verb.RELEASE, Verb.MARK_ANSWERED, Verb.NOT_A_COMPLAINT, Verb.SNOOZE, Verb.CLOSE, Verb.ADD_TO_INCIDENT,
    Verb.ACKNOWLEDGE, Verb.SILENCE, Verb.APPROVE_POST, Verb.SKIP_POST, Verb.WITHDRAW_POST,
    Verb.SEND_FOLLOW_UPS, Verb.TAKE_LEAD, Verb.TAKE_COMMS, Verb.UNMERGE, Verb.START_WORK, Verb.COMPLETE_WORK,
    Verb.CANCEL_WORK,
})  # fmt: skip
ASKS_FIRST = frozenset({
    Verb.REPLY, Verb.DECLARE, Verb.UPDATE, Verb.RESOLVE, Verb.EDIT_POST, Verb.CORRECT_POST, Verb.DISMISS,
    Verb.ORGANISE, Verb.PUBLISH, Verb.MERGE, Verb.SPLIT, Verb.TIMELINE, Verb.MOVE_WORK, Verb.UPDATE_WORK,
})  # fmt: skip
# The name of what stands behind "record|…" in a button's or menu's value.
_SECOND = {
    Verb.SNOOZE: "minutes", Verb.SILENCE: "minutes", Verb.ADD_TO_INCIDENT: "incident",
    Verb.APPROVE_POST: "delivery", Verb.SKIP_POST: "delivery", Verb.EDIT_POST: "delivery",
    Verb.CORRECT_POST: "delivery", Verb.WITHDRAW_POST: "delivery",
}  # fmt: skip
_PERHAPS = {Verb.MOVE_WORK: "extend_from"}  # else it is the status


@dataclass(frozen=True, slots=True)
class OpenModal:
    """A press that needs a modal first; `trigger_id` is good for three seconds."""

    verb: Verb
    subject: str
    trigger_id: str
    actor: Actor
    values: Mapping[str, str] = field(default_factory=dict)  # edit_post: delivery
    channel: str = ""


class Word(StrEnum):
    """What can follow /hubbub."""

    STATUS = "status"
    DECLARE = "declare"
    UPDATE = "update"
    RESOLVE = "resolve"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command; `argument` is the rest of the line, `help` what to answer when the word is HELP."""

    word: Word
    argument: str
    actor: Actor
    channel: str
    trigger_id: str
    help: str = ""


HELP = (
    "This is what I can do:\n/hubbub status: what is open now\n/hubbub declare: tell customers about a problem\n"
    "/hubbub update [incident]: write the next update\n/hubbub resolve [incident]: say that it is fixed"
)


def decode_body(body: bytes) -> dict[str, object]:
    """Read the body of a signed request: an interaction's JSON, or the fields of a slash command."""
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, max_num_fields=100)
        if fields and "payload" not in fields:
            return {name: values[0] for name, values in fields.items()}
        payload = json.loads(fields["payload"][0])
    except (KeyError, ValueError, RecursionError) as err:
        raise PermanentError("Slack's request could not be read.") from err
    if not isinstance(payload, dict):
        raise PermanentError("Slack's payload is not an object.")
    return payload


def decode_event(body: bytes) -> dict[str, object]:
    """Read the signed body of an event: plain JSON."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as err:
        raise PermanentError("Slack's event could not be read.") from err
    if not isinstance(payload, dict):
        raise PermanentError("Slack's event is not an object.")
    return payload


def parse_interaction(payload: Mapping[str, object]) -> Action | OpenModal | None:
    """Read a press or a submitted modal; None for what asks nothing of us (link buttons, closed modals)."""
    kind = _text(payload, "type")
    if kind == "block_actions":
        return _pressed(payload)
    if kind == "view_submission":
        return _submitted(payload)
    return None


def parse_command(form: Mapping[str, object]) -> Command:
    """Read `/hubbub word argument`; anything else becomes HELP with the words to show."""
    actor = _actor({"id": _text(form, "user_id"), "name": form.get("user_name")})
    typed = form.get("text")
    first, _, rest = (typed if isinstance(typed, str) else "").strip().partition(" ")
    word = first.casefold()
    channel, trigger = _optional(form, "channel_id"), _optional(form, "trigger_id")
    if word in set(Word) - {Word.HELP}:
        return Command(Word(word), rest.strip(), actor, channel, trigger)
    start = "" if word in {"", Word.HELP} else f"I don't know “{phrase(first, 40)}”. "
    return Command(Word.HELP, "", actor, channel, trigger, start + HELP)


def _pressed(payload: Mapping[str, object]) -> Action | OpenModal | None:
    press = _first(payload, "actions")
    name, value = _text(press, "action_id").partition(":")[0], _value(press)
    if name == MORE:  # a menu of several verbs: its value says which
        name, _, value = value.partition("|")
    verb = _verb(name)
    if verb is None or "view" in payload:
        return None
    subject, values = _subject(verb, value)
    actor = _actor(_object(payload, "user"))
    if verb in ASKS_FIRST and "extend_from" not in values:
        channel = _optional(_loose(payload, "channel"), "id")
        return OpenModal(verb, subject, _text(payload, "trigger_id"), actor, values, channel)
    return Action(verb, subject, actor, values, _press_key(payload, press))


def _verb(name: str) -> Verb | None:
    known = ONE_PRESS | ASKS_FIRST
    return Verb(name) if name in known else None


def _subject(verb: Verb, value: str) -> tuple[str, dict[str, str]]:
    subject, _, second = value.partition("|")
    name = _SECOND.get(verb) or (_PERHAPS.get(verb, "status") if second else None)
    if not subject or (name is not None and not second):
        raise PermanentError(f"Slack's {verb} came without what it is about.")
    return subject, {name: second} if name else {}


def _press_key(payload: Mapping[str, object], press: Mapping[str, object]) -> str:
    # action_ts is new with each press and the same when Slack delivers one press twice.
    message = _optional(_loose(payload, "container"), "message_ts")
    return ":".join((message, _text(press, "action_id"), _optional(press, "action_ts")))


def _submitted(payload: Mapping[str, object]) -> Action | None:
    view = _object(payload, "view")
    if view.get("callback_id") != "hubbub":
        return None
    try:
        known = json.loads(_text(view, "private_metadata"))
    except ValueError as err:
        raise PermanentError("The modal does not say what it is about.") from err
    if not isinstance(known, dict) or (verb := _verb(_optional(known, "verb"))) is None:
        raise PermanentError("The modal does not say what it is about.")
    fixed = {str(name): str(value) for name, value in _loose(known, "values").items()}
    values = dict(_fields(_object(_object(view, "state"), "values")))
    subject = _optional(known, "subject") or values.get("subject", "")  # the person chose it in the modal
    return Action(verb, subject, _actor(_object(payload, "user")), {**values, **fixed},
                  _text(view, "id"))  # fmt: skip


def _fields(state: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for block in state.values():
        for name, answer in block.items() if isinstance(block, Mapping) else ():
            if isinstance(answer, Mapping) and (value := _value(answer)):
                yield str(name), value


def _value(answer: Mapping[str, object]) -> str:
    many = answer.get("selected_options")
    if isinstance(many, list):
        return ",".join(filter(None, (_optional(option, "value") for option in many if isinstance(option, Mapping))))
    if isinstance(answer.get("selected_user"), str):
        return _optional(answer, "selected_user")
    if isinstance(answer.get("selected_option"), Mapping):
        return _optional(_loose(answer, "selected_option"), "value")
    return _optional(answer, "value")


def _actor(user: Mapping[str, object]) -> Actor:
    key = _text(user, "id")
    return Actor(key, _optional(user, "name") or _optional(user, "username") or key, via="slack")


def _object(part: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = part.get(name)
    if not isinstance(found, Mapping):
        raise PermanentError(f"Slack's payload has no object “{name}”.")
    return found


def _loose(part: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = part.get(name)
    return found if isinstance(found, Mapping) else {}


def _first(part: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = part.get(name)
    if not isinstance(found, list) or not found or not isinstance(found[0], Mapping):
        raise PermanentError(f"Slack's payload has no list “{name}”.")
    return found[0]


def _text(part: Mapping[str, object], name: str) -> str:
    found = part.get(name)
    if not isinstance(found, str) or not found:
        raise PermanentError(f"Slack's payload has no text “{name}”.")
    return found


def _optional(part: Mapping[str, object], name: str) -> str:
    found = part.get(name)
    return found if isinstance(found, str) else ""
