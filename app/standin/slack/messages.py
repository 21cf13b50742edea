"""The `chat.*` methods: messages come, change and go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.standin.slack.arguments import Arguments
from app.standin.slack.errors import SlackRefusal
from app.standin.slack.limits import MESSAGE_TEXT, block_faults
from app.standin.slack.workspace import APP_ID, BOT_ID, BOT_USER, TEAM, Message, Workspace

Method = Callable[[Workspace, Arguments], dict[str, Any]]


def post(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """chat.postMessage: a new message, or a reply where `thread_ts` is given."""
    channel = workspace.channel(args.needed("channel"))
    body = {**_author(args), **_content(args), **_metadata(args)}
    if thread := args.text("thread_ts"):
        body["thread_ts"] = _root(workspace, channel.id, thread)
    made = workspace.add(channel.id, body)
    return {"channel": channel.id, "ts": made["ts"], "message": made}


def whisper(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """chat.postEphemeral: a message that one person sees."""
    channel = workspace.channel(args.needed("channel"))
    if args.needed("user") not in workspace.people:
        raise SlackRefusal("user_not_in_channel")
    made = workspace.add(channel.id, {**_author(args), **_content(args), "is_ephemeral": True}, args.text("user"))
    return {"message_ts": made["ts"]}


def update(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """chat.update: the same message with another content; takes a channel id only, as Slack does."""
    channel, ts = _id_only(workspace, args), args.needed("ts")
    known = _own(workspace, channel, ts)
    # Text without blocks removes the old blocks; absent metadata stays (docs.slack.dev, chat.update, 2026-11).
    content = _content(args, {"text": known["text"], "blocks": known["blocks"]})
    changed: Message = {**known, **content, **_metadata(args)}
    if not content["blocks"]:
        changed["edited"] = {"user": BOT_USER, "ts": f"{workspace.now().timestamp():.6f}"}
    workspace.change(channel, ts, changed)
    return {"channel": channel, "ts": ts, "text": changed["text"], "message": workspace.message(channel, ts)}


def delete(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """chat.delete: the message is gone."""
    channel, ts = _id_only(workspace, args), args.needed("ts")
    _own(workspace, channel, ts)
    workspace.change(channel, ts, None)
    return {"channel": channel, "ts": ts}


def checked_blocks(blocks: Any) -> list[dict[str, Any]]:
    """Give the blocks back, or refuse them with `invalid_blocks` and what is wrong."""
    if blocks is None:
        return []
    if faults := block_faults(blocks):
        raise SlackRefusal("invalid_blocks", faults)
    return list(blocks)


def _content(args: Arguments, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    given, text = args.data("blocks", "invalid_blocks_format"), args.text("text")
    if given is None and not text:
        if known is None:
            raise SlackRefusal("no_text")
        return dict(known)
    if len(text) > MESSAGE_TEXT:
        raise SlackRefusal("msg_too_long")
    return {"text": text, "blocks": checked_blocks(given)}


def _metadata(args: Arguments) -> dict[str, Any]:
    given = args.data("metadata", "invalid_metadata_format")
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not isinstance(given.get("event_type"), str):
        raise SlackRefusal("invalid_metadata_format")
    if not isinstance(given.get("event_payload"), Mapping):
        raise SlackRefusal("invalid_metadata_format")
    return {"metadata": dict(given)}


def _author(args: Arguments) -> dict[str, Any]:
    author: dict[str, Any] = {
        "type": "message", "subtype": "bot_message", "user": BOT_USER, "bot_id": BOT_ID, "app_id": APP_ID,
        "team": TEAM,
    }  # fmt: skip
    return {**author, "username": args.text("username")} if args.text("username") else author


def _root(workspace: Workspace, channel: str, thread: str) -> str:
    try:
        known = workspace.message(channel, thread)
    except SlackRefusal as err:
        raise SlackRefusal("thread_not_found") from err
    return str(known.get("thread_ts") or thread)


def _id_only(workspace: Workspace, args: Arguments) -> str:
    key = args.needed("channel")
    if workspace.channel(key).id != key:
        raise SlackRefusal("channel_not_found")
    return key


def _own(workspace: Workspace, channel: str, ts: str) -> Message:
    known = workspace.message(channel, ts)
    if known.get("bot_id") != BOT_ID or known.get("is_ephemeral"):
        raise SlackRefusal("cant_update_message")
    return known


METHODS: dict[str, Method] = {
    "chat.postMessage": post, "chat.postEphemeral": whisper, "chat.update": update, "chat.delete": delete,
}  # fmt: skip
