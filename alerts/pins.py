"""What people pick out of Slack's talk for the timeline: the message shortcut, and the reaction :pushpin:."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.work import Actor

SHORTCUT = "add_to_timeline"  # the callback id of the message shortcut, as docs/slack-manifest.yaml names it
REACTION = "pushpin"


@dataclass(frozen=True, slots=True)
class Pin:
    """One message that somebody picked; `text` and `author` are empty where Slack only tells where it stands."""

    actor: Actor
    channel: str
    ts: str
    thread: str = ""  # ts of the message whose thread it stands in
    text: str = ""
    author: str = ""  # id of who wrote it
    trigger_id: str = ""


def parse_shortcut(payload: Mapping[str, object]) -> Pin | None:
    """Read the message shortcut; None for any other interaction."""
    if payload.get("type") != "message_action" or payload.get("callback_id") != SHORTCUT:
        return None
    message, user = _part(payload, "message"), _part(payload, "user")
    who = _text(user, "id")
    actor = Actor(who, _text(user, "name") or _text(user, "username") or who, "slack")
    pin = Pin(
        actor, _text(_part(payload, "channel"), "id"), _text(message, "ts"), _text(message, "thread_ts"),
        _text(message, "text"), _text(message, "user"), _text(payload, "trigger_id"),
    )  # fmt: skip
    return pin if who and pin.channel and pin.ts else None


def parse_reaction(payload: Mapping[str, object]) -> Pin | None:
    """Read an event of the Events API; None for what is no :pushpin: on a message."""
    event = _part(payload, "event")
    item = _part(event, "item")
    if _text(event, "type") != "reaction_added" or _text(event, "reaction") != REACTION:
        return None
    who, channel, ts = _text(event, "user"), _text(item, "channel"), _text(item, "ts")
    if _text(item, "type") != "message" or not (who and channel and ts):
        return None
    return Pin(Actor(who, who, "slack"), channel, ts, author=_text(event, "item_user"))


def _part(payload: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = payload.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(payload: Mapping[str, object], name: str) -> str:
    found = payload.get(name)
    return found if isinstance(found, str) else ""
