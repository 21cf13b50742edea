"""What Reddit's listings and feeds hold: posts and comments, and signs of those that were removed; pure.

API: https://www.reddit.com/dev/api (read 2026-11). A text deleted there must be deleted here, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from domain.errors import NotFound
from domain.heard.mention import Author, Mention, MentionKind
from listener.feeds import moment_in, read_feed
from listener.items import Origin, Parsed, collect, dig, list_at, moment_at, moment_of, needed, text_at
from listener.text import clean_line, html_to_text

SITE = "https://www.reddit.com"
_SAID = {"t1": MentionKind.REPLY, "t3": MentionKind.POST}
_GONE = frozenset({"[deleted]", "[removed]", "[ removed by reddit ]"})
_ADDED = re.compile(r"(?<!\s)\s*submitted by\s+/u/\S+(?:\s+to\s+r/\S+)?\s*\[link\]\s*\[comments\]\s*\Z")


def parse_listing(answer: object, origin: Origin) -> Parsed:
    """Read posts (t3) and comments (t1) out of a listing; raises `PermanentError` when it is none."""
    children = list_at(answer, "data", "children")
    _exists([text_at(child, "kind") for child in children])
    return collect(children, lambda child: _parse_child(child, origin))


def removed_in(answer: object) -> tuple[str, ...]:
    """List what is still shown, but emptied by its author or by moderators."""
    return tuple(
        name for child in list_at(answer, "data", "children")
        if (name := clean_line(text_at(child, "data", "name"), 500)) and _is_gone(dig(child, "data"))
    )  # fmt: skip


def parse_entries(body: bytes, origin: Origin, content_type: str = "") -> tuple[Parsed, tuple[str, ...]]:
    """Read a feed; the second value lists what was removed. Slow: call it in a thread.

    Raises `TemporaryError` for a web page, `PermanentError` when it is no feed.
    """
    entries = read_feed(body, content_type)["entries"]
    _exists([text_at(entry, "id") for entry in entries])
    gone = tuple(clean_line(text_at(entry, "id"), 500) for entry in entries if _plain(entry).lower() in _GONE)
    return collect(entries, lambda entry: _parse_entry(entry, origin)), gone


def _parse_child(child: object, origin: Origin) -> Mention | None:
    kind, item = needed(child, "kind"), dig(child, "data")
    if kind not in _SAID or _is_gone(item):
        return None
    text = needed(item, "body") if kind == "t1" else f"{needed(item, 'title')}\n\n{text_at(item, 'selftext')}"
    permalink = text_at(item, "permalink")
    return origin.mention(
        needed(item, "name"), _author(needed(item, "author")), text, moment_at(item, "created_utc"),
        url=f"{SITE}{permalink}" if permalink.startswith("/") else None, kind=_SAID[kind],
        in_reply_to=text_at(item, "parent_id") or None, root=text_at(item, "link_id") or None,
        addressed=_names_us(text, origin), edited_at=moment_of(dig(item, "edited")),  # false where it never was
    )  # fmt: skip


def _is_gone(item: object) -> bool:
    """Say whether only a sign is left. What a deleted account wrote counts as deleted, as the terms of the API say."""
    text = text_at(item, "body") or text_at(item, "selftext")
    is_removed = bool(text_at(item, "removed_by_category"))
    return is_removed or text.strip().lower() in _GONE or text_at(item, "author") == "[deleted]"


def _parse_entry(entry: object, origin: Origin) -> Mention | None:
    native_id, text = needed(entry, "id"), _plain(entry)
    kind = _SAID.get(native_id[:2])
    if kind is None or text.lower() in _GONE:
        return None
    is_post, link = kind is MentionKind.POST, text_at(entry, "link")
    whole = f"{text_at(entry, 'title')}\n\n{text}" if is_post else text
    said, changed = moment_in(entry, "published_parsed", "updated_parsed"), moment_in(entry, "updated_parsed")
    post = re.search(r"/comments/([0-9a-z]{1,20})/", link)
    return origin.mention(
        native_id, _author(needed(entry, "author").removeprefix("/u/")), whole, said or origin.now, url=link, kind=kind,
        root=f"t3_{post[1]}" if post and not is_post else None, addressed=_names_us(whole, origin),
        edited_at=changed if said and changed and changed > said else None,
    )  # fmt: skip


def _plain(entry: object) -> str:
    """Give what its author wrote in an entry, without the line that Reddit adds."""
    content = dig(entry, "content")
    parts = [text_at(part, "value") for part in content] if isinstance(content, list) else []
    return _ADDED.sub("", html_to_text(max([*parts, text_at(entry, "summary")], key=len))).strip()


def _author(name: str) -> Author:
    """Name who wrote it; names at Reddit are unique and never change."""
    page = f"{SITE}/user/{name}" if re.fullmatch(r"[\w-]{1,40}", name, re.ASCII) else None
    return Author(name, name, name, url=page)


def _names_us(text: str, origin: Origin) -> bool:
    return any(origin.is_own(name) for name in re.findall(r"(?<![\w/])/?u/([\w-]{1,40})", text))


def _exists(kinds: Collection[str]) -> None:
    """Refuse the list of subreddits that Reddit leads to when there is none of that name."""
    if kinds and all(kind.startswith("t5") for kind in kinds):
        raise NotFound("Reddit has no subreddit of this name.")
