"""Instagram: comments under the posts of our professional account, and posts of others that tag it.

API: https://developers.facebook.com/docs/instagram-platform (IG Media comments, IG User tags; read 2026-11).
"""

from __future__ import annotations

from domain.heard.mention import Author, Mention, MentionKind
from listener.items import Origin, Parsed, collect, list_at, moment_at, needed, text_at
from listener.source import Setup
from listener.sources.page_watch import Network, PageWatch, WatchOptions, comments_of, joined


def parse_media(answer: object, origin: Origin, options: WatchOptions) -> Parsed:
    """Read a list of media: the comments nested in ours, or the captions of others that tag us.

    Raises `PermanentError` when the answer has no list.
    """
    listed = list_at(answer, "data")
    if options.watch == "tagged":
        return collect(listed, lambda media: _parse_caption(media, origin))
    return joined(_parse_threads(comments_of(media), origin, options, media) for media in listed)


def parse_comments(answer: object, origin: Origin, options: WatchOptions, media_id: str) -> Parsed:
    """Read comments under one post, with the replies nested in them; raises `PermanentError` without a list."""
    return _parse_threads(list_at(answer, "data"), origin, options, {"id": media_id})


def instagram(setup: Setup, options: WatchOptions) -> PageWatch:
    """Build the source."""
    return PageWatch(setup, options, NETWORK)


_COMMENT = "id,text,timestamp,username,from{id,username},hidden"
NETWORK = Network(
    lists={"comments": "media", "tagged": "tags"},
    post_fields="id,caption,timestamp,permalink,username",
    comment_fields=f"{_COMMENT},replies.limit(50){{{_COMMENT}}}",
    comment_order=(),  # newest first anyway
    moment="timestamp", hidden="hidden", parse_posts=parse_media, parse_comments=parse_comments,
)  # fmt: skip


def _parse_threads(comments: list[object], origin: Origin, options: WatchOptions, media: object) -> Parsed:
    """Read comments and the replies nested in them; a reply answers its comment."""

    def parse(items: list[object], answered: str) -> Parsed:
        """Read what stands side by side."""
        return collect(items, lambda item: _parse_comment(item, origin, options, media, answered))

    replies = (parse(comments_of(comment, "replies"), text_at(comment, "id")) for comment in comments)
    return joined([parse(comments, ""), *replies])


def _is_ours(comment: object, origin: Origin, options: WatchOptions, media: object) -> bool:
    handle = _handle(comment)
    owner = bool(handle) and handle == text_at(media, "username")
    return owner or text_at(comment, "from", "id") == options.account or origin.is_own(handle)


def _parse_comment(
    comment: object, origin: Origin, options: WatchOptions, media: object, parent: str
) -> Mention | None:  # fmt: skip
    native_id, root = needed(comment, "id"), text_at(media, "id") or None
    if not text_at(comment, "text") or _is_ours(comment, origin, options, media):  # a GIF, or us
        return None
    return origin.mention(
        native_id, _author(comment, native_id), needed(comment, "text"), moment_at(comment, "timestamp"),
        url=text_at(media, "permalink"), kind=MentionKind.REPLY, addressed=True, in_reply_to=parent or root, root=root,
    )  # fmt: skip


def _parse_caption(media: object, origin: Origin) -> Mention | None:
    native_id = needed(media, "id")
    if not text_at(media, "caption") or origin.is_own(_handle(media)):
        return None
    return origin.mention(
        native_id, _author(media, native_id), needed(media, "caption"), moment_at(media, "timestamp"),
        url=text_at(media, "permalink"), addressed=True,
    )  # fmt: skip


def _handle(item: object) -> str:
    return text_at(item, "from", "username") or text_at(item, "username")


def _author(item: object, native_id: str) -> Author:
    """Name who wrote it, by the id where Meta gives it; two unknown people are not one."""
    handle = _handle(item)
    page = f"https://www.instagram.com/{handle}/" if handle else None
    return Author(text_at(item, "from", "id") or handle or f"unknown:{native_id}", handle, handle, url=page)
