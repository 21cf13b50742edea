"""The JSON of Mastodon: statuses, accounts, notifications, the instance; pure.

Shapes: https://docs.joinmastodon.org/entities/Status/ and neighbours (2026-11).
"""

from __future__ import annotations

import zlib
from typing import Any

from app.standin.faces import iso
from app.standin.town.square import Post, Town
from app.standin.town.words import MAX_CHARACTERS, URL_LENGTH, content, mentions_of, tags_of


def status(town: Town, post: Post, home: str) -> dict[str, Any]:
    """Show a post as a status; `home` is the town's own address, ending in a slash."""
    parent = town.find(post.parent) if post.parent is not None else None
    known = _known(town, post)
    return {
        "id": str(post.id), "created_at": iso(post.at), "in_reply_to_id": str(parent.id) if parent else None,
        "in_reply_to_account_id": account_id(parent.author) if parent else None, "sensitive": False,
        "spoiler_text": "", "visibility": post.visibility, "language": post.language,
        "uri": f"{home}users/{account_id(post.author)}/statuses/{post.id}", "url": f"{home}@{post.author}/{post.id}",
        "replies_count": len(town.replies(post.id)), "reblogs_count": 0, "favourites_count": 0, "quotes_count": 0,
        "edited_at": iso(post.edited_at) if post.edited_at else None, "favourited": False, "reblogged": False,
        "muted": False, "bookmarked": False, "content": content(post.text, home, known), "filtered": [],
        "reblog": None, "application": {"name": "hubbub", "website": None} if post.ours else None,
        "account": account(post.author, post.name, home, post.followers), "media_attachments": [],
        "mentions": [_mention(handle, home) for handle in known],
        "tags": [{"name": tag, "url": f"{home}tags/{tag}"} for tag in tags_of(post.text)], "emojis": [],
        "card": None, "poll": None, "quote": None,
    }  # fmt: skip


def account(handle: str, name: str, home: str, followers: int = 0) -> dict[str, Any]:
    """Show an account."""
    return {
        "id": account_id(handle), "username": handle, "acct": handle, "display_name": name, "locked": False,
        "bot": False, "discoverable": True, "group": False, "created_at": "2024-01-01T00:00:00.000Z", "note": "",
        "url": f"{home}@{handle}", "uri": f"{home}users/{account_id(handle)}", "avatar": "", "avatar_static": "",
        "header": "", "header_static": "", "followers_count": followers, "following_count": 0, "statuses_count": 0,
        "last_status_at": None, "emojis": [], "fields": [],
    }  # fmt: skip


def notification(town: Town, post: Post, home: str) -> dict[str, Any]:
    """Show that a post mentions hubbub's account."""
    shown = status(town, post, home)
    return {
        "id": str(post.id), "type": "mention", "created_at": shown["created_at"],
        "group_key": f"ungrouped-{post.id}", "account": shown["account"], "status": shown,
    }  # fmt: skip


def instance(home: str, domain: str) -> dict[str, Any]:
    """Show the server and its limits."""
    statuses = {
        "max_characters": MAX_CHARACTERS, "max_media_attachments": 4, "characters_reserved_per_url": URL_LENGTH,
    }  # fmt: skip
    return {
        "domain": domain, "title": "Town square (stand-in)", "version": "4.6.0+stand-in", "source_url": home,
        "description": "A small Mastodon-compatible network on this machine.", "languages": ["en", "tr", "fa"],
        "usage": {"users": {"active_month": 0}}, "configuration": {"statuses": statuses, "urls": {}},
        "registrations": {"enabled": False, "approval_required": False, "message": None}, "rules": [],
        "api_versions": {"mastodon": 7}, "contact": {"email": "", "account": None},
    }  # fmt: skip


def account_id(handle: str) -> str:
    """Give an account its id, the same each time."""
    return str(10**17 + zlib.crc32(handle.lower().encode()))


def _known(town: Town, post: Post) -> dict[str, str]:
    # Whoever has posted here, and hubbub's own account, can be mentioned.
    own, name = town.account
    found = {}
    for handle in mentions_of(post.text):
        if handle == own.lower():
            found[handle] = name
        elif known := town.posts("lower(author) = ?", (handle,), limit=1):
            found[handle] = known[0].name
    return found


def _mention(handle: str, home: str) -> dict[str, str]:
    return {"id": account_id(handle), "username": handle, "acct": handle, "url": f"{home}@{handle}"}
