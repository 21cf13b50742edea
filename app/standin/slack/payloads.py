"""The payloads that Slack sends for what people do, in their real shapes; pure.

Shapes: https://docs.slack.dev/reference/interaction-payloads and /interactivity/implementing-slash-commands (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.standin.slack.errors import SlackRefusal
from app.standin.slack.forms import answer, state_values
from app.standin.slack.limits import elements_of
from app.standin.slack.workspace import APP_ID, BOT_ID, ELSEWHERE, TEAM, Channel, Person

Found = tuple[Mapping[str, Any], Mapping[str, Any]]  # a block and the element in it
DOMAINS = {TEAM: "stand-in", ELSEWHERE: "elsewhere"}


@dataclass(frozen=True, slots=True)
class Act:
    """Who did something, and what hubbub may do in return."""

    user: Person
    trigger_id: str
    response_url: str = ""


def find_element(blocks: Sequence[Mapping[str, Any]], action_id: str) -> Found:
    """Find what can be pressed by its action id; refuses with `no_such_action`."""
    for block in blocks:
        for element in elements_of(block):
            if element.get("action_id") == action_id:
                return block, element
    raise SlackRefusal("no_such_action", [f"nothing here has the action_id {action_id[:80]}"])


def block_actions(
    act: Act, channel: Channel, message: Mapping[str, Any], found: Found, value: Any, action_ts: str, reader: str = ""
) -> dict[str, Any]:
    """Tell of a pressed button or a choice; `reader` is set for a message that only one person sees."""
    block, element = found
    chosen = {str(block["block_id"]): {str(element["action_id"]): value}} if element["type"] != "button" else {}
    container = {
        "type": "message", "message_ts": message["ts"], "channel_id": channel.id, "is_ephemeral": bool(reader),
    }  # fmt: skip
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    return {
        **_head("block_actions", act),
        "container": container,
        "channel": {"id": channel.id, "name": "directmessage" if channel.reader else channel.name},
        "message": dict(message),
        "state": {"values": state_values(message["blocks"], chosen)},
        "response_url": act.response_url,
        "actions": [_action(block, element, value, action_ts)],
    }


def _action(block: Mapping[str, Any], element: Mapping[str, Any], value: Any, action_ts: str) -> dict[str, Any]:
    kind = element["type"]
    pressed = {"type": kind, "action_id": element["action_id"], "block_id": block["block_id"], "action_ts": action_ts}
    if kind == "button":
        return {**pressed, **{name: element[name] for name in ("text", "value", "style", "url") if name in element}}
    shown = {name: element[name] for name in ("placeholder", "initial_option") if name in element}
    return {**pressed, **shown, **answer(element, value)}


def view_submission(act: Act, view: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Tell of a modal that was sent off."""
    filled = {**view, "state": {"values": values}}
    return {**_head("view_submission", act), "view": filled, "response_urls": []}


def view_closed(act: Act, view: Mapping[str, Any]) -> dict[str, Any]:
    """Tell of a modal that was closed without sending it."""
    return {**_head("view_closed", act), "view": dict(view), "is_cleared": False}


def slash_command(act: Act, channel: Channel, command: str, text: str) -> dict[str, str]:
    """Tell of a slash command, as form fields."""
    team = act.user.team
    return {
        "token": "verification-token", "team_id": team, "team_domain": DOMAINS[team], "channel_id": channel.id,
        "channel_name": "directmessage" if channel.reader else channel.name, "user_id": act.user.id,
        "user_name": act.user.handle, "command": command, "text": text, "api_app_id": APP_ID,
        "is_enterprise_install": "false", "response_url": act.response_url, "trigger_id": act.trigger_id,
    }  # fmt: skip


def full_view(view: Mapping[str, Any], id_: str, hash_: str) -> dict[str, Any]:
    """Complete the modal that hubbub asked for as Slack keeps it and gives it back."""
    return {
        "private_metadata": "", "callback_id": "", "external_id": "", "clear_on_close": False,
        "notify_on_close": False, "close": None, "submit": None, **view, "id": id_, "hash": hash_, "team_id": TEAM,
        "app_id": APP_ID, "app_installed_team_id": TEAM, "bot_id": BOT_ID, "root_view_id": id_,
        "previous_view_id": None, "state": {"values": {}},
    }  # fmt: skip


def _head(kind: str, act: Act) -> dict[str, Any]:
    user = act.user
    # `team` is the workspace of the app, whoever pressed; the person's own stands beside them.
    return {
        "type": kind, "api_app_id": APP_ID, "token": "verification-token", "trigger_id": act.trigger_id,
        "team": {"id": TEAM, "domain": DOMAINS[TEAM]}, "enterprise": None, "is_enterprise_install": False,
        "user": {"id": user.id, "username": user.handle, "name": user.handle, "team_id": user.team},
    }  # fmt: skip
