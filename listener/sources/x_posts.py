"""X's answers: pages of posts and look-ups; pure.

Shapes: https://docs.x.com/x-api/fundamentals/data-dictionary (read 2026-11).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from domain.errors import NotFound, PermanentError
from domain.heard.mention import Author, Mention, MentionKind, SetAside
from listener.items import Origin, Parsed, collect, dig, list_at, moment_of, needed, number_at, raw_of, text_at
from listener.text import clean_line

_FIRST_ID = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)  # ids count milliseconds from here, shifted by 22 bits
_GONE = ("/resource-not-found", "/not-authorized-for-resource")  # deleted; hidden, protected or of a suspended account
_OLD_CODES = {"in": "id", "iw": "he", "und": "", "zxx": ""}  # X still writes the first two; the others mean "unknown"


def parse_posts(answer: object, origin: Origin, user_id: str = "", *, mentions_us: bool = False) -> Parsed:
    """Read a page; reposts are left out. Raises `PermanentError` when it is none, `NotFound` for an unknown account."""
    errors = list_or_empty(answer, "errors")
    if dig(answer, "data") is None and dig(answer, "meta") is None:
        if any(text_at(error, "type").endswith(_GONE) for error in errors):
            raise NotFound("X does not know the account (`user_id`), or does not show it to us.")
        raise PermanentError("The answer has an unexpected shape: neither `data` nor `meta` is there.")
    posts = list_at(answer, "data") if dig(answer, "data") is not None else []
    users, others = included(answer, "users"), included(answer, "tweets")
    us = _Us(origin, user_id, mentions_us)
    parsed = collect(posts, lambda post: _parse_post(post, users, others, us))
    # What an expansion did not find (a suspended author, a deleted quoted post) is no reason to worry anybody.
    failed = [SetAside(raw_of(e), "X could not give a part") for e in errors if not text_at(e, "type").endswith(_GONE)]
    return Parsed(parsed.mentions, (*parsed.set_aside, *failed))


def gone_ids(answer: object) -> tuple[str, ...]:
    """Give the ids that a look-up (`GET /2/tweets?ids=`) reports as deleted or not shown to everyone any more."""
    asked = [error for error in list_or_empty(answer, "errors") if text_at(error, "parameter") in ("ids", "id")]
    gone = [error for error in asked if text_at(error, "type").endswith(_GONE)]
    return tuple(filter(None, (text_at(error, "resource_id") or text_at(error, "value") for error in gone)))


def moment_of_id(known: str) -> datetime | None:
    """Give the moment an id of X was made; None for what is no id."""
    return _FIRST_ID + timedelta(milliseconds=int(known) >> 22) if re.fullmatch(r"[0-9]{1,19}", known) else None


def age(known: str) -> tuple[int, str]:
    """Give the key that sorts ids from old to new."""
    return len(known), known  # ids are numbers: longer is newer, then the usual order


def included(answer: object, kind: str) -> dict[str, object]:
    """Give what came along with a page, "users" or "tweets", by id."""
    return {text_at(item, "id"): item for item in list_or_empty(dig(answer, "includes"), kind)}


def list_or_empty(item: object, key: str) -> list[object]:
    """Give a list that X leaves out when it would be empty."""
    found = dig(item, key)
    return found if isinstance(found, list) else []


@dataclass(frozen=True, slots=True)
class _Us:
    """Who we are, to tell what was said to us."""

    origin: Origin
    user_id: str
    mentioned: bool  # in every post of this timeline

    def addressed(self, post: object, quoted: object) -> bool:
        """Say whether a post names, answers or quotes us."""
        ours = {text_at(post, "in_reply_to_user_id"), text_at(quoted, "author_id")} - {""}
        named = re.findall(r"@(\w{1,50})", _text_of(post))
        return self.mentioned or self.user_id in ours or any(self.origin.is_own(name) for name in named)


def _parse_post(post: object, users: Mapping[str, object], others: Mapping[str, object], us: _Us) -> Mention | None:
    refs = {text_at(ref, "type"): text_at(ref, "id") for ref in list_or_empty(post, "referenced_tweets")}
    if "retweeted" in refs or (not refs and text_at(post, "text").startswith("RT @")):  # the words of somebody else
        return None
    post_id = needed(post, "id")
    native_id = text_at(post, "edit_history_tweet_ids", 0) or post_id  # every edit has an id of its own
    created_at, edited_at = _moments(post, post_id, native_id, us.origin.now)
    author = _author(users, text_at(post, "author_id") or f"unknown:{native_id}")
    root, reply_to = text_at(post, "conversation_id"), refs.get("replied_to")
    mention = us.origin.mention(
        native_id, author, html.unescape(_text_of(post)), created_at, edited_at=edited_at,
        url=f"https://x.com/{author.handle or 'i/web'}/status/{post_id}", language=_language(text_at(post, "lang")),
        kind=MentionKind.REPLY if reply_to else MentionKind.POST, in_reply_to=reply_to,
        root=root if root != native_id else None, addressed=us.addressed(post, others.get(refs.get("quoted", ""))),
    )  # fmt: skip
    return replace(mention, reply_ref=clean_line(post_id)) if edited_at else mention


def _moments(post: object, post_id: str, native_id: str, now: datetime) -> tuple[datetime, datetime | None]:
    """Give when the first version of a post was written, and when this one was if it is another."""
    written = moment_of(dig(post, "created_at")) or moment_of_id(post_id) or now
    return (written, None) if native_id == post_id else (moment_of_id(native_id) or written, written)


def _author(users: Mapping[str, object], author_id: str) -> Author:
    user = users.get(author_id)
    handle = text_at(user, "username")
    return Author(
        author_id, text_at(user, "name"), handle, number_at(user, "public_metrics", "followers_count"),
        f"https://x.com/{handle}" if handle else None,
    )  # fmt: skip


def _language(code: str) -> str:
    # Codes from "qaa" to "qtz" are X's own ("only hashtags", "only media" ...).
    return "" if re.fullmatch("q[a-t][a-z]", code) else _OLD_CODES.get(code, code)


def _text_of(post: object) -> str:
    """Give the whole text: `text` of a long post stops after 280 characters."""
    return text_at(post, "note_tweet", "text") or text_at(post, "text")
