"""The town's forum as an Atom feed, for whoever follows feeds."""

from __future__ import annotations

from feedgen.feed import FeedGenerator

from app.standin.town.square import FORUM, Post, Town
from app.standin.town.words import clean, content

NEWEST = 50


def atom(town: Town, home: str) -> bytes:
    """Write the feed of the newest forum posts; `home` is the town's own address, ending in a slash."""
    feed = FeedGenerator()
    feed.id(f"{home}forum")
    feed.title("Town forum")
    feed.link(href=f"{home}forum.atom", rel="self")
    posts = town.posts("place = ?", (FORUM,), limit=NEWEST)
    feed.updated(max((post.edited_at or post.at for post in posts), default=town.now()))
    for post in posts:
        _add(feed, post, home)
    return bytes(feed.atom_str())


def _add(feed: FeedGenerator, post: Post, home: str) -> None:
    entry = feed.add_entry(order="append")
    address = f"{home}forum/{post.id}"
    entry.id(address)
    entry.link(href=address)
    # XML cannot carry control characters, and strangers' posts can.
    entry.title(clean(post.title or post.text[:80]) or "(no title)")
    entry.author(name=clean(post.name) or post.author)
    entry.published(post.at)
    entry.updated(post.edited_at or post.at)
    entry.content(content(post.text, home), type="html")
