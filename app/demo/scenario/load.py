"""Loads and checks the scenario for `hubbub demo` and its tests: posts and components."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from itertools import chain

import yaml
from pydantic import TypeAdapter, ValidationError

from app.demo.scenario.background import PastMinute, background
from app.demo.scenario.post import BRAND, DAYS, MINUTES, Label, Part, Post
from app.demo.scenario.truth import DELIVERY_PROBLEM, PAYMENT_OUTAGE, Truth, truth
from config.settings import ComponentSettings

__all__ = [
    "BRAND",
    "DAYS",
    "DELIVERY_PROBLEM",
    "MINUTES",
    "OUTAGES_OF_SOURCES",
    "PAYMENT_OUTAGE",
    "Label",
    "Part",
    "PastMinute",
    "Post",
    "Truth",
    "background",
    "load_components",
    "load_posts",
    "read_posts",
    "truth",
]

# source -> (first minute, minute after the last) in which it answers 503; its posts are heard afterwards
OUTAGES_OF_SOURCES: Mapping[str, tuple[int, int]] = {"mastodon": (1320, 1400)}

_HERE = "app.demo.scenario"
_post = TypeAdapter(Post)
_components = TypeAdapter(tuple[ComponentSettings, ...])


def load_posts() -> tuple[Post, ...]:
    """Give all posts in the order in which they are said. Raises ValueError on the first broken line."""
    folder = files(f"{_HERE}.posts")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".jsonl"))
    return read_posts({name: (folder / name).read_text(encoding="utf-8") for name in names})


def read_posts(texts: Mapping[str, str]) -> tuple[Post, ...]:
    """Read posts from JSON lines (file name -> content) and check that edits and reposts fit together."""
    posts = chain.from_iterable(_lines(name, text) for name, text in texts.items())
    ordered = tuple(sorted(posts, key=lambda post: (post.offset, post.n)))
    _check(ordered)
    return ordered


def load_components() -> tuple[ComponentSettings, ...]:
    """Give the components of the invented shop, as they would stand in `hubbub.yaml`."""
    text = (files(_HERE) / "components.yaml").read_text(encoding="utf-8")
    return _components.validate_python(yaml.safe_load(text))


def _lines(name: str, text: str) -> Iterator[Post]:
    # not splitlines(): that also cuts at U+2028, which hostile posts contain
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield _grown(_post.validate_json(line))
        except ValidationError as err:
            first = err.errors()[0]
            where = ".".join(str(step) for step in first["loc"]) or "line"
            raise ValueError(f"{name}:{number}: {where}: {first['msg']}") from err


def _grown(post: Post) -> Post:
    """Repeat a text that is marked as long, so that 20 kB of it need not lie in the repository."""
    if post.grow_to is None:
        return post
    times = -(-post.grow_to // len(post.text))
    return replace(post, text=(post.text * times)[: post.grow_to])


def _check(posts: tuple[Post, ...]) -> None:
    earlier: dict[str, Post] = {}
    for post in posts:
        if post.n in earlier:
            raise ValueError(f"{post.n}: two posts have this id")
        if problem := _misfit(post, earlier):
            raise ValueError(f"{post.n}: {problem}")
        earlier[post.n] = post


def _misfit(post: Post, earlier: Mapping[str, Post]) -> str | None:
    if post.edit_of is not None:
        original = earlier.get(post.edit_of)
        if original is None:
            return f"edits {post.edit_of}, which is not there before it"
        if (original.source, original.author) != (post.source, post.author):
            return f"edits {post.edit_of} of another author"
        if original.edit_of is not None:
            return f"edits {post.edit_of}, itself an edit; name the first version"
    if post.repost_of is not None and post.repost_of not in earlier:
        return f"reposts {post.repost_of}, which is not there before it"
    return None
