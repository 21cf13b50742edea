"""The reading methods: who and what is there, and what was said."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from app.standin.slack.arguments import Arguments
from app.standin.slack.errors import SlackRefusal
from app.standin.slack.messages import Method
from app.standin.slack.workspace import BOT_ID, BOT_USER, TEAM, Channel, Message, Person, Workspace


def who(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """auth.test: who the token belongs to."""
    return {
        "url": args.home, "team": "hubbub stand-in", "user": "hubbub", "team_id": TEAM, "user_id": BOT_USER,
        "bot_id": BOT_ID, "is_enterprise_install": False,
    }  # fmt: skip


def list_channels(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """conversations.list: the channels, page by page."""
    page, after = _page([_channel(c) for c in workspace.channels()], args)
    return {"channels": page, **after}


def show_channel(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """conversations.info: one channel."""
    return {"channel": _channel(workspace.channel(args.needed("channel")))}


def open_direct(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """conversations.open: the direct conversation with a person."""
    user = args.needed("users").split(",")[0]
    return {"channel": {"id": workspace.open_direct(user).id}, "no_op": False, "already_open": False}


def history(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """conversations.history: what stands in a channel, newest first, without replies."""
    channel = workspace.channel(args.needed("channel")).id
    limit = args.number("limit", 100, 999)
    before = _uncursor(args.text("cursor")) or args.text("latest") or "~"
    found = workspace.history(channel, after=args.text("oldest"), before=before, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    messages = [_shown(workspace, channel, message, args) for message in found]
    return {"messages": messages, "has_more": more, **_after(found[-1]["ts"] if more else "")}


def replies(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """conversations.replies: a message and its thread, oldest first."""
    channel, ts = workspace.channel(args.needed("channel")).id, args.needed("ts")
    try:
        root = workspace.message(channel, ts)
    except SlackRefusal as err:
        raise SlackRefusal("thread_not_found") from err
    page, after = _page([root, *workspace.thread(channel, ts)], args)
    return {"messages": [_shown(workspace, channel, m, args) for m in page], "has_more": _more(after), **after}


def list_users(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """users.list: the people of the workspace, page by page; guests are only told one by one."""
    page, after = _page([_user(person) for person in workspace.people.values() if person.team == TEAM], args)
    return {"members": page, "cache_ts": int(workspace.now().timestamp()), **after}


def show_user(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """users.info: one person."""
    return {"user": _user(workspace.person(args.needed("user")))}


def find_user(workspace: Workspace, args: Arguments) -> dict[str, Any]:
    """users.lookupByEmail: the person with an address (`handle@example.com` here)."""
    wanted = args.needed("email").lower()
    for person in workspace.people.values():
        if _email(person) == wanted:
            return {"user": _user(person)}
    raise SlackRefusal("users_not_found")


def _shown(workspace: Workspace, channel: str, message: Message, args: Arguments) -> Message:
    hidden = set() if args.flag("include_all_metadata") else {"metadata"}
    shown = {name: value for name, value in message.items() if name not in hidden}
    if "thread_ts" not in message and (thread := workspace.thread_size(channel, message["ts"])):
        shown |= {"thread_ts": message["ts"], "reply_count": thread[0], "latest_reply": thread[1]}
    return shown


def _channel(channel: Channel) -> dict[str, Any]:
    kind = {"is_channel": not channel.reader, "is_im": bool(channel.reader), "is_private": bool(channel.reader)}
    return {"id": channel.id, "name": channel.name, "is_member": True, "is_archived": False, **kind}


def _user(person: Person) -> dict[str, Any]:
    profile = {"real_name": person.name, "display_name": person.name, "email": _email(person)}
    return {
        "id": person.id, "team_id": person.team, "name": person.handle, "real_name": person.name, "deleted": False,
        "is_bot": False, "tz": "Etc/UTC", "tz_offset": 0, "profile": profile,
    }  # fmt: skip


def _email(person: Person) -> str:
    return f"{person.handle}@example.com"


def _page(items: Sequence[Mapping[str, Any]], args: Arguments) -> tuple[list[Any], dict[str, Any]]:
    limit, start = args.number("limit", 100, 999), int(float(_uncursor(args.text("cursor")) or 0))
    after = str(start + limit) if start + limit < len(items) else ""
    return list(items[start : start + limit]), _after(after)


def _after(place: str) -> dict[str, Any]:
    cursor = urlsafe_b64encode(f"next:{place}".encode()).decode() if place else ""
    return {"response_metadata": {"next_cursor": cursor}}


def _more(after: Mapping[str, Any]) -> bool:
    return bool(after["response_metadata"]["next_cursor"])


def _uncursor(cursor: str) -> str:
    if not cursor:
        return ""
    try:
        start, _, place = urlsafe_b64decode(cursor.encode()).decode().partition(":")
        float(place)
    except ValueError as err:
        raise SlackRefusal("invalid_cursor") from err
    if start != "next":
        raise SlackRefusal("invalid_cursor")
    return place


METHODS: dict[str, Method] = {
    "auth.test": who, "conversations.list": list_channels, "conversations.info": show_channel,
    "conversations.open": open_direct, "conversations.history": history, "conversations.replies": replies,
    "users.list": list_users, "users.info": show_user, "users.lookupByEmail": find_user,
}  # fmt: skip
