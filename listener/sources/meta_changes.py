"""What Meta's webhooks say about Pages and Instagram accounts: comments, posts, reviews and messages; pure.

It comes in three forms: `entry[].changes[]`, `entry[].messaging[]`, and with `field` and `value` right in the entry
(Instagram Login). API: https://developers.facebook.com/docs/graph-api/webhooks/reference/page (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.errors import PermanentError
from domain.heard.mention import Author, Mention, MentionKind
from listener.items import BadItem, Origin, Parsed, collect, dig, moment_of, needed, number_at, stars, text_at
from listener.text import clean_line

MAX_CHANGES = 1000  # of one body, as Meta promises
_SPOKEN = frozenset({"comment", "post", "status", "photo", "video", "share", "link", "rating"})  # likes are no words
_TAKEN_BACK = frozenset({"remove", "removed", "delete", "deleted"})
_CHANGED = frozenset({"edit", "edited", "update", "updated"})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened."""

    field: str  # what was subscribed to: "feed", "comments", "messages", ...
    value: object
    account: str  # id of our Page or account
    at: datetime | None  # when Meta sent it


def changes_in(answer: object) -> tuple[Mapping[str, object], ...]:
    """List what happened, each with `field`, `value`, `id` of our account and `time`, whichever form it came in.

    Raises `PermanentError` when the body is nothing Meta sends.
    """
    notices = answer if isinstance(answer, list) else [answer]
    found = tuple(change for notice in notices for entry in _entries(notice) for change in _changes(entry))
    if not any(isinstance(dig(notice, "entry"), list) or dig(notice, "field") for notice in notices):
        raise PermanentError("The body has no `entry`.")
    if len(found) > MAX_CHANGES:
        raise PermanentError(f"The body has more than {MAX_CHANGES} changes.")
    return found


def parse_changes(answer: object, origin: Origin) -> Parsed:
    """Read what people said; likes, our own words and what was taken back are left out. Raises `PermanentError`."""
    return collect(changes_in(answer), lambda change: _parse_change(_read(change), origin))


def taken_back(answer: object, erase_hidden: bool = False) -> tuple[str, ...]:
    """List the native ids of what was removed; hidden comments count where the owner wants it so."""
    found = (clean_line(_taken_back(_read(change), erase_hidden), 500) for change in changes_in(answer))
    return tuple(dict.fromkeys(native_id for native_id in found if native_id))


def _entries(notice: object) -> list[object]:
    entries = dig(notice, "entry")
    return entries if isinstance(entries, list) else [notice]


def _changes(entry: object) -> Iterator[Mapping[str, object]]:
    known = {"id": dig(entry, "id"), "time": dig(entry, "time")}
    if text_at(entry, "field"):
        yield {"field": dig(entry, "field"), "value": dig(entry, "value"), **known}
    for change in _listed(entry, "changes"):
        yield {"field": dig(change, "field"), "value": dig(change, "value"), **known}
    for form in ("messaging", "standby"):  # standby: a conversation that another app of ours leads
        for event in _listed(entry, form):
            yield {"field": "messages", "value": event, **known}


def _listed(entry: object, name: str) -> list[object]:
    found = dig(entry, name)
    return found if isinstance(found, list) else []


def _read(change: Mapping[str, object]) -> Change:
    return Change(text_at(change, "field"), dig(change, "value"), text_at(change, "id"), moment_of(dig(change, "time")))


def _parse_change(change: Change, origin: Origin) -> Mention | None:
    parse = _PARSERS.get(change.field)
    if parse is None or (change.field in _POSTED and _is_gone(change)):
        return None
    mention = parse(change, origin)
    is_own = mention is not None and (mention.author.id == change.account or origin.is_own(mention.author.handle))
    return None if is_own else mention


def _parse_post(change: Change, origin: Origin) -> Mention | None:
    value, is_mention = change.value, change.field == "mention"
    if text_at(value, "item") not in _SPOKEN and not is_mention:
        return None
    comment_id, post_id = text_at(value, "comment_id"), text_at(value, "post_id")
    native_id = comment_id or post_id or needed(value, "post_id")
    if not text_at(value, "message"):
        if is_mention:
            raise BadItem(f"a mention of us that carries ids only ({native_id}): Meta sends no text with it")
        return None  # a picture, a sticker
    thread = {"in_reply_to": text_at(value, "parent_id") or post_id, "root": post_id} if comment_id else {}
    return origin.mention(
        native_id, _author(value, native_id), needed(value, "message"), _said_at(change, origin),
        url=text_at(value, "permalink_url") or text_at(value, "post", "permalink_url"), addressed=True,
        kind=MentionKind.REPLY if comment_id else MentionKind.POST, edited_at=_edited_at(change, origin),
        in_reply_to=thread.get("in_reply_to"), root=thread.get("root"),
    )  # fmt: skip


def _parse_rating(change: Change, origin: Origin) -> Mention | None:
    value = change.value
    native_id = text_at(value, "open_graph_story_id") or text_at(value, "post_id")
    is_comment = text_at(value, "item") == "comment"
    if is_comment or not text_at(value, "review_text"):  # a word under a review comes as `message`
        return _parse_post(change, origin) if is_comment else None
    recommended = {"positive": 5, "negative": 1}.get(text_at(value, "recommendation_type").lower())
    return origin.mention(
        native_id or needed(value, "open_graph_story_id"), _author(value, native_id), needed(value, "review_text"),
        _said_at(change, origin), kind=MentionKind.REVIEW, addressed=True, edited_at=_edited_at(change, origin),
        rating=stars(number_at(value, "rating")) or recommended,  # since 2018 most are recommendations without stars
    )  # fmt: skip


def _parse_comment(change: Change, origin: Origin) -> Mention | None:
    """Read a comment under an Instagram post; it does not say when it was written."""
    value = change.value
    native_id, media = needed(value, "id"), text_at(value, "media", "id") or None
    if not text_at(value, "text"):
        return None
    return origin.mention(
        native_id, _author(value, native_id), needed(value, "text"), change.at or origin.now, kind=MentionKind.REPLY,
        in_reply_to=text_at(value, "parent_id") or media, root=media, addressed=True,
    )  # fmt: skip


def _parse_mention(change: Change, origin: Origin) -> Mention | None:
    """Read a mention on Instagram: ids of a media and, in a comment, of that comment; hardly ever a text."""
    comment_id, media_id = text_at(change.value, "comment_id"), text_at(change.value, "media_id")
    if not text_at(change.value, "text"):
        raise BadItem(f"a mention of us that carries ids only ({comment_id or media_id}): Meta sends no text with it")
    value = {**(change.value if isinstance(change.value, Mapping) else {}), "id": comment_id or media_id}
    return _parse_comment(replace(change, value={**value, "media": {"id": media_id}}), origin)


def _parse_message(change: Change, origin: Origin) -> Mention | None:
    """Read a direct message; deliveries, reactions, echoes of ours and stickers have no words of a customer."""
    event, said = change.value, dig(change.value, "message") or dig(change.value, "message_edit")
    if said is None or dig(said, "is_echo") is True or not text_at(said, "text"):
        return None
    mid, sender = needed(said, "mid"), needed(event, "sender", "id")
    at = moment_of(number_at(event, "timestamp")) or change.at or origin.now
    mention = origin.mention(
        mid, Author(sender), needed(said, "text"), at, kind=MentionKind.MESSAGE, addressed=True,
        in_reply_to=text_at(said, "reply_to", "mid") or None,
        edited_at=at if dig(event, "message_edit") is not None else None,
    )  # fmt: skip
    return replace(mention, reply_ref=mention.author.id)  # an answer goes to the person, not to the message


_PARSERS = {
    "feed": _parse_post, "mention": _parse_post, "group_feed": _parse_post, "ratings": _parse_rating,
    "comments": _parse_comment, "live_comments": _parse_comment, "mentions": _parse_mention,
    "messages": _parse_message, "message_edit": _parse_message,
}  # fmt: skip
_POSTED = frozenset({"feed", "mention", "group_feed", "ratings"})  # these say with a verb what happened


def _is_gone(change: Change) -> bool:
    return text_at(change.value, "verb") in _TAKEN_BACK


def _taken_back(change: Change, erase_hidden: bool) -> str:
    value = change.value
    if change.field == "messages":
        return text_at(value, "message", "mid") if dig(value, "message", "is_deleted") is True else ""
    is_hidden = text_at(value, "verb") == "hide" or dig(value, "is_hidden") is True
    is_gone = _is_gone(change) or (erase_hidden and is_hidden)
    if change.field not in _POSTED or not is_gone or text_at(value, "item") not in _SPOKEN:
        return ""
    return next(filter(None, (text_at(value, name) for name in ("comment_id", "open_graph_story_id", "post_id"))), "")


def _said_at(change: Change, origin: Origin) -> datetime:
    return moment_of(dig(change.value, "created_time")) or change.at or origin.now


def _edited_at(change: Change, origin: Origin) -> datetime | None:
    return (change.at or origin.now) if text_at(change.value, "verb") in _CHANGED else None


def _author(value: object, native_id: str) -> Author:
    """Name who said it: `from` or, in older fields, `sender_id`; two people Meta keeps from us are not one."""
    names = (("from", "id"), ("sender_id",), ("reviewer_id",), ("reviewer", "id"))
    author_id = next(filter(None, (text_at(value, *path) for path in names)), "")
    name = text_at(value, "from", "name") or text_at(value, "sender_name") or text_at(value, "reviewer_name")
    handle = text_at(value, "from", "username")
    return Author(author_id or handle or f"unknown:{native_id}", name or handle, handle)
