"""What the town's page shows: who said what, who was answered; pure but for reading the town."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from app.standin.faces import colour, direction, initials
from app.standin.town.square import FORUM, MASTODON, Post, Town
from app.standin.town.words import clean, content, mentions_of

SHOWN, LOOKED_AT = 60, 3000
_FILES = FileSystemLoader(Path(__file__).parent)
_PAGES = Environment(loader=_FILES, autoescape=True, trim_blocks=True, lstrip_blocks=True)


class Tab(StrEnum):
    """The views of the page."""

    ALL = "all"
    ANSWERED = "answered"
    OURS = "ours"
    FORUM = "forum"
    HOOKS = "hooks"


LABELS = {
    Tab.ALL: "Everyone", Tab.ANSWERED: "Answered", Tab.OURS: "From {name}", Tab.FORUM: "Forum",
    Tab.HOOKS: "Webhook",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Thread:
    """A post and the answers to it, flattened: (depth from 1, post), in reading order."""

    root: Post
    answers: tuple[tuple[int, Post], ...]

    @property
    def answered(self) -> bool:
        """Tell whether hubbub has answered somebody here."""
        return not self.root.ours and any(post.ours for _, post in self.answers)

    @property
    def wait(self) -> str:
        """Say how long the person waited for the first answer: "4 min", "2 h 5 min"; empty without one."""
        first = next((post.at for _, post in self.answers if post.ours), None)
        if first is None:
            return ""
        hours, minutes = divmod(max(int((first - self.root.at).total_seconds()) // 60, 0), 60)
        return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def threads(posts: list[Post]) -> list[Thread]:
    """Sort posts (newest first) into threads, newest root first; an answer to what is gone is a root of its own."""
    known = {post.id for post in posts}
    below: dict[int, list[Post]] = defaultdict(list)
    for post in reversed(posts):
        if post.parent in known and post.parent is not None:
            below[post.parent].append(post)
    roots = [post for post in posts if post.parent not in known]
    return [Thread(root, tuple(_answers(root, below, 1))) for root in roots]


def _answers(post: Post, below: dict[int, list[Post]], depth: int) -> Iterator[tuple[int, Post]]:
    for answer in below[post.id]:
        yield min(depth, 4), answer
        # Posts answer older ones only, so this ends; the bound is for a file that somebody has edited.
        if depth < 60:
            yield from _answers(answer, below, depth + 1)


def chosen(town: Town, tab: Tab) -> list[Thread]:
    """Give the threads of a tab, newest first."""
    place = FORUM if tab is Tab.FORUM else MASTODON
    posts = town.posts("place = ? AND visibility <> 'direct'", (place,), limit=LOOKED_AT)
    found = threads(posts)
    if tab is Tab.ANSWERED:
        found = [thread for thread in found if thread.answered]
    if tab is Tab.OURS:
        found = [thread for thread in found if thread.root.ours]
    return found[:SHOWN]


def cards(town: Town, tab: Tab, home: str) -> list[tuple[str, str]]:
    """Draw what a tab shows: (key, HTML) of each card, newest first."""
    if tab is Tab.HOOKS:
        return [(f"h-{n}", _draw("hook.html", hook=hook)) for n, hook in reversed(list(enumerate(town.hooks())))]
    return [(f"p-{t.root.id}", thread_card(town, t, home)) for t in chosen(town, tab)]


def thread_card(town: Town, thread: Thread, home: str) -> str:
    """Draw one thread."""

    def words(post: Post) -> Markup:
        known = {handle: handle for handle in mentions_of(post.text)}
        return Markup(content(post.text, home, known))  # noqa: S704 - `content` has escaped it

    return _draw("thread.html", thread=thread, words=words, own=town.account[1])


def page(town: Town, tab: Tab, home: str) -> str:
    """Draw the whole page."""
    tabs = [(each, label.format(name=town.account[1])) for each, label in LABELS.items()]
    shown = [(key, Markup(html)) for key, html in cards(town, tab, home)]  # noqa: S704 - drawn by us
    return _draw("page.html", tab=tab, tabs=tabs, cards=shown, revision=town.revision, own=town.account[1])


def _draw(name: str, **values: Any) -> str:
    return _PAGES.get_template(name).render(
        colour=colour, initials=initials, clean=clean, direction=direction, **values
    )
