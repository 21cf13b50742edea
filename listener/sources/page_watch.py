"""Watches the newest posts of an account of ours at Meta, and what people wrote under them; page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import Field

from domain.errors import AuthError, PermanentError
from domain.heard.mention import Batch, SetAside
from listener.cursor import read_cursor, write_cursor
from listener.items import Origin, Parsed, dig, list_at, moment_of, number_at, text_at
from listener.options import SecretProblem
from listener.source import Configured
from listener.sources.graph import VERSION, Page, ask, next_page
from listener.text import clean_line

_OVERLAP = timedelta(hours=1)  # asked for again each round: comments appear late, and most are edited soon or never
_AT_ONCE = 25  # posts a request: with more, Meta answers "reduce the amount of data"


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """Which account of ours, and how far to look."""

    account: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$", coerce_numbers_to_str=True)]  # its id
    watch: Literal["comments", "tagged"] = "comments"  # under our posts, or posts of others that tag us
    posts: Annotated[int, Field(ge=1, le=200)] = 25  # the newest ones are watched
    lookback_hours: Annotated[int, Field(ge=0, le=720)] = 24  # how far the first round reaches
    erase_hidden: bool = False  # what our moderators hide is erased here, too
    version: Annotated[str, Field(pattern=f"^{VERSION}$")] = "v21.0"


@dataclass(frozen=True, slots=True)
class Network:
    """What differs between Facebook and Instagram."""

    lists: Mapping[str, str]  # what to watch -> the edge of the account that lists it
    post_fields: str
    comment_fields: str
    comment_order: Sequence[tuple[str, str]]  # params that give all comments, newest first
    moment: str  # field with the time something was said
    hidden: str  # field that says whether a comment is hidden
    parse_posts: Callable[[object, Origin, WatchOptions], Parsed]
    parse_comments: Callable[[object, Origin, WatchOptions, str], Parsed]  # the last one: id of their post


@dataclass(frozen=True, slots=True)
class Todo:
    """A page to ask for: of our posts, or of the comments under the post `of`."""

    of: str = ""
    page: Page = ()


FIRST = Todo()


@dataclass(frozen=True, slots=True)
class Round:
    """Where a round stands: everything said since `since`, newest first."""

    since: datetime
    todo: tuple[Todo, ...] = (FIRST,)
    posts: int = 0  # seen in this round
    newest: datetime | None = None  # seen in this round


def comments_of(item: object, edge: str = "comments") -> list[object]:
    """Give what is nested in a post or comment; nothing where there is none."""
    found = dig(item, edge, "data")
    return found if isinstance(found, list) else []


def joined(parts: Iterable[Parsed]) -> Parsed:
    """Put several pages together."""
    known = tuple(parts)
    return Parsed(
        tuple(mention for part in known for mention in part.mentions),
        tuple(aside for part in known for aside in part.set_aside),
    )


def hidden_in(answer: object, todo: Todo, field: str) -> tuple[str, ...]:
    """List the comments on a page that are hidden."""
    items = list_at(answer, "data")
    comments = items if todo.of else [comment for post in items for comment in comments_of(post)]
    replies = [reply for comment in comments for reply in comments_of(comment, "replies")]
    hidden = (text_at(comment, "id") for comment in (*comments, *replies) if dig(comment, field) is True)
    return tuple(clean_line(native_id, 500) for native_id in hidden if native_id)


def next_round(now_at: Round, answer: object, moment: str, most: int, now: datetime) -> Round:
    """Say what to ask next; a round without anything to do is the start of the following one."""
    done, items = now_at.todo[0], list_at(answer, "data")
    pages = [(done.of, answer)] if done.of else [(text_at(post, "id"), dig(post, "comments")) for post in items]
    said = [when for _, page in pages for when in _moments(page, moment)] + _moments(answer, moment)
    newest = max((min(when, now) for when in [*said, *([now_at.newest] if now_at.newest else [])]), default=None)
    todo = [*now_at.todo[1:], *_onward(pages, done, now_at.since, moment)]
    posts = now_at.posts + (0 if done.of else len(items))
    following = next_page(answer) if items and not done.of and posts < most else ()
    if following and following != done.page:
        todo.append(Todo("", following))
    if todo:
        return Round(now_at.since, tuple(todo), posts, newest)
    return Round(max(now_at.since, newest - _OVERLAP) if newest else now_at.since)


def problems_of(options: WatchOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say what is missing to ask Meta."""
    if text_at(secrets, "access_token"):
        return []
    return [
        SecretProblem(
            "secret `access_token` is missing: Meta answers only to a Page token of an app that may read the Page."
        )
    ]


@dataclass(frozen=True, slots=True)
class PageWatch(Configured[WatchOptions]):
    """Polls an account of ours; new comments under an old post are found, too."""

    network: Network

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page."""
        now_at, now = self._round(cursor), self.setup.now()
        todo = now_at.todo[0]
        found, until, gone = await self._ask(todo)
        options, origin = self.options, self.setup.origin()
        parsed = (
            self.network.parse_comments(found, origin, options, todo.of) if todo.of
            else self.network.parse_posts(found, origin, options)
        )  # fmt: skip
        erased = hidden_in(found, todo, self.network.hidden) if options.erase_hidden else ()
        new = (mention for mention in parsed.mentions if mention.created_at >= now_at.since)
        then = next_round(now_at, found, self.network.moment, options.posts, now)
        return Batch(
            tuple(mention for mention in new if mention.native_id not in erased), _mark(then),
            (*parsed.set_aside, *gone), more=then.todo != (FIRST,), not_before=until, deleted=erased,
        )  # fmt: skip

    async def _ask(self, todo: Todo) -> tuple[object, datetime | None, tuple[SetAside, ...]]:
        try:
            found, until = await ask(self.setup, self._path(todo), [*self._params(todo), *todo.page])
        except PermanentError as err:
            if todo == FIRST or isinstance(err, AuthError):
                raise
            # The post was deleted, or the cursor expired, since we learned of it: asked again, it would hold us up.
            return {"data": []}, None, (SetAside(f"comments of {todo.of}" if todo.of else "older posts", str(err)),)
        return found, until, ()

    def _path(self, todo: Todo) -> str:
        edge = "comments" if todo.of else self.network.lists[self.options.watch]
        return f"/{self.options.version}/{quote(todo.of or self.options.account, safe='')}/{edge}"

    def _params(self, todo: Todo) -> list[tuple[str, str]]:
        if todo.of:
            return [("fields", self.network.comment_fields), *self.network.comment_order, ("limit", "100")]
        order = "".join(f".{name}({value})" for name, value in self.network.comment_order)
        nested = f",comments{order}.limit(50){{{self.network.comment_fields}}}"
        fields = self.network.post_fields + (nested if self.options.watch == "comments" else "")
        return [("fields", fields), ("limit", str(min(self.options.posts, _AT_ONCE)))]

    def _round(self, cursor: str | None) -> Round:
        state, now = read_cursor(cursor), self.setup.now()
        listed = dig(state, "todo")
        todo = tuple(_todo(entry) for entry in listed) if isinstance(listed, list) else ()
        return Round(
            moment_of(text_at(state, "since")) or now - timedelta(hours=self.options.lookback_hours),
            todo or (FIRST,), number_at(state, "posts") or 0, moment_of(text_at(state, "newest")),
        )  # fmt: skip


def _onward(pages: Sequence[tuple[str, object]], done: Todo, since: datetime, moment: str) -> list[Todo]:
    """List the posts whose comments go on and are not yet older than `since`."""
    found = []
    for of, page in pages:
        following, said = next_page(page), _moments(page, moment)
        if of and following and said and min(said) >= since and Todo(of, following) != done:
            found.append(Todo(of, following))
    return found


def _moments(page: object, moment: str) -> list[datetime]:
    items = dig(page, "data")
    found = [moment_of(dig(item, moment)) for item in items] if isinstance(items, list) else []
    return [when for when in found if when is not None]


def _todo(entry: object) -> Todo:
    pairs = dig(entry, "page")
    listed = pairs if isinstance(pairs, list) else []
    return Todo(text_at(entry, "of"), tuple((text_at(pair, 0), text_at(pair, 1)) for pair in listed))


def _mark(then: Round) -> str:
    todo = [{"of": todo.of, "page": todo.page} for todo in then.todo if todo != FIRST]
    return write_cursor(
        since=then.since.isoformat(), todo=todo or None, posts=then.posts or None,
        newest=then.newest.isoformat() if then.newest else None,
    )  # fmt: skip
