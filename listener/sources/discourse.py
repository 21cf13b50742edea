"""Discourse: the posts of one forum, newest first.

API: https://docs.discourse.org/#tag/Posts/operation/listPosts and its source (read 2026-11). Older versions give the
posts of the 50 ids up to and with `before`, newer ones the 50 posts before it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from domain.errors import RateLimited
from domain.heard.mention import Author, Batch, Mention, MentionKind
from listener.cursor import read_cursor, write_cursor
from listener.http import Answer, refusal
from listener.items import Origin, Parsed, collect, dig, list_at, moment_at, moment_of, needed, number_at, text_at
from listener.pacing import quota_of, quota_pause
from listener.source import Configured
from listener.text import html_to_text

_STEP = 49  # ids to go back when a page shows nothing: the posts of the last 50 ids may all be private or deleted
_MAX_BLANK = 20  # pages without a post, one after another, until a round ends
_REGULAR = 1  # `post_type`; the others are notes of moderators and whispers of the staff
_QUOTE = '<aside class="quote'


@dataclass(frozen=True, slots=True)
class DiscourseOptions:
    """Whose view of the forum, and which part of it."""

    category: int | None = None  # its number; without it: the whole forum
    api_username: str = "system"  # the account the key acts as


@dataclass(frozen=True, slots=True)
class Round:
    """Where a round stands: from `before` (None: the newest post) down to `known`."""

    known: int | None  # newest id of the last round; None: the first time
    before: int | None = None
    newest: int = 0  # seen in this round
    blank: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a post stands in its topic, and below which other one."""

    topic: str
    number: int
    parent: int | None


def parse_posts(answer: object, origin: Origin, forum: str, category: int | None = None) -> Parsed:
    """Read a page of posts; whispers, hidden, deleted and empty ones are left out. `forum` is its address.

    Raises `PermanentError` when the answer has no list of posts.
    """
    posts = [post for post in list_at(answer, "latest_posts") if category in (None, dig(post, "category_id"))]
    return collect(posts, lambda post: _parse_post(post, origin, forum))


def deleted_posts(answer: object) -> tuple[str, ...]:
    """Name the posts on a page that their authors, or moderators, took back."""
    return tuple(_name(post) for post in list_at(answer, "latest_posts") if _is_deleted(post) and _name(post))


def next_round(at: Round, answer: object) -> tuple[Round, bool]:
    """Say what to ask next, and whether to ask it at once."""
    ids = [found for post in list_at(answer, "latest_posts") if (found := number_at(post, "id")) and found > 0]
    newest = max([at.newest, *ids])
    older = [found for found in ids if at.before is None or found < at.before]
    before, blank = min(older, default=None), 0
    if before is None and at.before is not None:
        before, blank = at.before - _STEP, at.blank + 1
    if at.known is None or before is None or before <= max(at.known, 1) or blank > _MAX_BLANK:
        return Round(max(newest, at.known or 0)), False
    return Round(at.known, before, newest, blank), True


def problems_of(options: DiscourseOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say what is missing to find the forum."""
    return [] if base_url else ["`base_url` is missing: the address of the forum, for example https://forum.acme.com."]


class Discourse(Configured[DiscourseOptions]):
    """Polls the newest posts and pages back to the last one known; the first time, one page."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page."""
        at, origin = self._round(cursor), self.setup.origin()
        answer = await self.setup.web().get(
            self.setup.url("", "/posts.json"), params=[("before", str(at.before))] if at.before else [],
            headers=self._headers(), ok=(200, 429),
        )  # fmt: skip
        if answer.status == 429:
            raise self._slow_down(answer)
        found = answer.json()
        parsed = parse_posts(found, origin, self.setup.url("", ""), self.options.category)
        then, more = next_round(at, found)
        mark = write_cursor(known=then.known, before=then.before, newest=then.newest or None, blank=then.blank or None)
        return Batch(
            parsed.mentions, mark, parsed.set_aside, more, quota_pause(answer.headers, origin.now),
            quota_of(answer.headers, origin.now), deleted=deleted_posts(found),
        )  # fmt: skip

    def _slow_down(self, answer: Answer) -> Exception:
        seconds = None if answer.is_html() else number_at(answer.json(), "extras", "wait_seconds")
        if seconds is None or seconds < 0:
            return refusal(answer.host, answer.status, answer.headers, self.setup.now())
        return RateLimited(f"{answer.host} asks us to slow down (status 429).", timedelta(seconds=min(seconds, 86400)))

    def _headers(self) -> Mapping[str, str]:
        key = self.setup.secrets.get("api_key")
        return {"Api-Key": key, "Api-Username": self.options.api_username} if key else {}

    def _round(self, cursor: str | None) -> Round:
        state = read_cursor(cursor)
        return Round(
            number_at(state, "known"), number_at(state, "before"), number_at(state, "newest") or 0,
            number_at(state, "blank") or 0,
        )  # fmt: skip


def _parse_post(post: object, origin: Origin, forum: str) -> Mention | None:
    if not _is_to_be_read(post):
        return None
    place, user, text = _place(post), needed(post, "username"), _text(post)
    if not text and "<img" in text_at(post, "cooked"):  # pictures only: nothing to read
        return None
    parent = f"{place.topic}/{place.parent}" if place.parent else None
    return origin.mention(
        _name(post), Author(f"{forum}/u/{user}", text_at(post, "name") or user, user, url=f"{forum}/u/{quote(user)}"),
        text, moment_at(post, "created_at"), url=f"{forum}/t/{_path(post, place)}",
        kind=MentionKind.REPLY if parent else MentionKind.POST, in_reply_to=parent,
        root=f"{place.topic}/1" if parent else None,
        addressed=any(origin.is_own(name.rstrip(".-")) for name in re.findall(r"@([\w.-]+)", text)),
        edited_at=_edited_at(post),
    )  # fmt: skip


def _is_to_be_read(post: object) -> bool:
    is_regular = number_at(post, "post_type") in (None, _REGULAR)
    return is_regular and dig(post, "hidden") is not True and not _is_deleted(post)


def _place(post: object) -> _Place:
    topic, number = needed(post, "topic_id"), number_at(post, "post_number") or 1
    # Posts without a parent answer the topic.
    return _Place(topic, number, (number_at(post, "reply_to_post_number") or 1) if number > 1 else None)


def _path(post: object, place: _Place) -> str:
    return f"{quote(text_at(post, 'topic_slug') or '-', safe='')}/{quote(place.topic, safe='')}/{place.number}"


def _text(post: object) -> str:
    is_first = (number_at(post, "post_number") or 1) == 1
    title = html.escape(text_at(post, "topic_title")) if is_first else ""
    said = "<p>".join(filter(None, (title, _own_words(text_at(post, "cooked")))))
    return html_to_text(said or text_at(post, "raw"))


def _edited_at(post: object) -> datetime | None:
    # `updated_at` alone also moves when a post is only re-rendered.
    return moment_of(dig(post, "updated_at")) if (number_at(post, "version") or 1) > 1 else None


def _name(post: object) -> str:
    """Name a post by its place, <topic>/<number>: that is how others answer it and how its address is made."""
    topic, number = text_at(post, "topic_id"), number_at(post, "post_number") or 1
    return f"{topic}/{number}" if topic else ""


def _is_deleted(post: object) -> bool:
    return dig(post, "user_deleted") is True or bool(text_at(post, "deleted_at"))


def _own_words(cooked: str) -> str:
    """Leave out what others said first, quoted; a plain split, since patterns are slow on hostile markup."""
    *closed, rest = cooked.split("</aside>")
    return "".join(part.partition(_QUOTE)[0] for part in closed) + rest
