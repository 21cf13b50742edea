"""Facebook: what people write on a Page of ours: comments, visitors' posts, and posts of others that tag the Page.

API: https://developers.facebook.com/docs/graph-api/reference/page/feed and .../object/comments (read 2026-11).
"""

from __future__ import annotations

import re

from domain.heard.mention import Author, Mention, MentionKind
from listener.items import Origin, Parsed, collect, list_at, moment_at, needed, text_at
from listener.source import Setup
from listener.sources.page_watch import Network, PageWatch, WatchOptions, comments_of, joined


def parse_posts(answer: object, origin: Origin, options: WatchOptions) -> Parsed:
    """Read a feed: posts of visitors, and the comments nested in all posts. The Page's own words are left out.

    Raises `PermanentError` when the answer has no list.
    """
    return joined(_parse_thread(post, origin, options) for post in list_at(answer, "data"))


def parse_comments(answer: object, origin: Origin, options: WatchOptions, post_id: str) -> Parsed:
    """Read comments under one post; raises `PermanentError` when the answer has no list."""
    own = _ours(post_id, options)
    return collect(list_at(answer, "data"), lambda comment: _parse_comment(comment, origin, own, post_id))


def facebook(setup: Setup, options: WatchOptions) -> PageWatch:
    """Build the source."""
    return PageWatch(setup, options, NETWORK)


NETWORK = Network(
    lists={"comments": "feed", "tagged": "tagged"},
    post_fields="id,message,created_time,permalink_url,from{id,name}",
    comment_fields="id,message,created_time,permalink_url,is_hidden,from{id,name},parent{id}",
    comment_order=(("filter", "stream"), ("order", "reverse_chronological")),
    moment="created_time", hidden="is_hidden", parse_posts=parse_posts, parse_comments=parse_comments,
)  # fmt: skip


def _parse_thread(post: object, origin: Origin, options: WatchOptions) -> Parsed:
    post_id = text_at(post, "id")
    own = _ours(post_id, options)
    return joined(
        (
            collect([post], lambda item: _parse_post(item, origin, own)),
            collect(comments_of(post), lambda item: _parse_comment(item, origin, own, post_id)),
        )
    )


def _ours(post_id: str, options: WatchOptions) -> frozenset[str]:
    """Name the Page: by the id in the settings (which may be a name) and by the first half of its posts' ids."""
    by_post = post_id.partition("_")[0] if options.watch == "comments" else ""
    return frozenset({options.account, by_post} - {""})


def _parse_post(post: object, origin: Origin, own: frozenset[str]) -> Mention | None:
    post_id = needed(post, "id")
    if text_at(post, "from", "id") in own or not text_at(post, "message"):  # ours, or pictures only
        return None
    return origin.mention(
        post_id, _author(post, post_id), needed(post, "message"), moment_at(post, "created_time"),
        url=text_at(post, "permalink_url"), addressed=True,
    )  # fmt: skip


def _parse_comment(comment: object, origin: Origin, own: frozenset[str], post_id: str) -> Mention | None:
    native_id = text_at(comment, "id") or _id_in(text_at(comment, "permalink_url")) or needed(comment, "id")
    if text_at(comment, "from", "id") in own or not text_at(comment, "message"):  # ours, or a sticker
        return None
    return origin.mention(
        native_id, _author(comment, native_id), needed(comment, "message"), moment_at(comment, "created_time"),
        url=text_at(comment, "permalink_url"), kind=MentionKind.REPLY, addressed=True,
        in_reply_to=text_at(comment, "parent", "id") or post_id or None, root=post_id or None,
    )  # fmt: skip


def _author(item: object, native_id: str) -> Author:
    """Name who wrote it; Meta leaves people out unless the app may see them, and two unknown people are not one."""
    return Author(text_at(item, "from", "id") or f"unknown:{native_id}", text_at(item, "from", "name"))


def _id_in(permalink: str) -> str:
    """Read a comment's id out of its address: "<number of the post>_<number of the comment>"."""
    post = re.search(r"/posts/(\d{1,30})", permalink)
    comment = re.search(r"reply_comment_id=(\d{1,30})", permalink) or re.search(r"comment_id=(\d{1,30})", permalink)
    return f"{post[1]}_{comment[1]}" if post and comment else ""
