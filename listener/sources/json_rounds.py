"""How a JSON API is asked page after page and round after round: pure decisions over the settings and the answers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field
from yarl import URL

from listener.cursor import read_cursor, write_cursor
from listener.items import dig, list_at, moment_of, number_at, text_at
from listener.paths import DEFAULT_FIELDS, Path, field_name, steps

MAX_PAGES = 20  # of one round
_KNOWN = 200  # ids remembered from round to round: the newest ones
_SEEN = 2000  # ids remembered within a round
_OVERLAP = timedelta(minutes=1)  # asked again each time: items of the same second, clocks that disagree
_PAGE_PARAMS = {"cursor": "cursor", "number": "page", "offset": "offset"}


@dataclass(frozen=True, slots=True)
class Paging:
    """How the next page is asked for."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")
    kind: Literal["none", "next_url", "cursor", "number", "offset"] = "none"
    path: str = ""  # where an answer names the next page (next_url, cursor)
    param: str = ""  # default: cursor, page or offset
    start: int | None = None  # of the first page; default: number 1, offset 0


@dataclass(frozen=True, slots=True)
class Since:
    """How to ask only for what is new."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")
    param: Annotated[str, Field(min_length=1)]
    format: Literal["iso", "epoch", "epoch_ms", "id"] = "iso"
    path: str = ""  # in an item; default: where the date, or the id, is read
    lookback_hours: Annotated[int, Field(ge=0, le=8760)] = 24  # how far the first round reaches; not for ids


@dataclass(frozen=True, slots=True)
class JsonOptions:
    """What to ask, and how to read the answer."""

    url: Annotated[str, Field(min_length=1)]  # an address, or a path below `base_url`
    items: str = ""  # path of the list in the answer; "": the answer itself
    fields: Mapping[str, str] = field(default_factory=dict)  # our field -> path in an item, over the defaults
    is_html: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)  # nothing secret
    params: Mapping[str, str | int] = field(default_factory=dict)
    token_header: str = ""  # that carries the token; "": `Authorization: Bearer ...`
    page: Paging = field(default_factory=Paging)
    since: Since | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """Where a round of pages stands."""

    since: str = ""  # what is asked for in this round: a moment in ISO form, or an id
    newest: str = ""  # seen in this round, in the same form
    page: str = ""  # the next one, as the API names it; "": the first
    pages: int = 0  # read before this one
    known: tuple[str, ...] = ()  # marks of the newest items of the round before
    seen: tuple[str, ...] = ()  # marks of this round's items


def read_round(cursor: str | None, options: JsonOptions, now: datetime) -> Round:
    """Read where the round stands; the first one starts as far back as the settings say."""
    state = read_cursor(cursor)
    reach = options.since and options.since.format != "id" and now - timedelta(hours=options.since.lookback_hours)
    return Round(
        text_at(state, "since") or (_second(reach) if reach else ""), text_at(state, "newest"),
        text_at(state, "page"), number_at(state, "pages") or 0, _marks(state, "known"), _marks(state, "seen"),
    )  # fmt: skip


def write_round(at: Round) -> str:
    """Write where the round stands."""
    return write_cursor(
        since=at.since or None, newest=at.newest or None, page=at.page or None, pages=at.pages or None,
        known=at.known or None, seen=at.seen or None,
    )  # fmt: skip


def params_of(at: Round, options: JsonOptions) -> list[tuple[str, str]]:
    """Give the query that asks for the page a round is at."""
    params = [(name, str(value)) for name, value in options.params.items()]
    start = "" if options.page.start is None else str(options.page.start)
    if options.page.kind in _PAGE_PARAMS and (at.page or start):
        params.append((options.page.param or _PAGE_PARAMS[options.page.kind], at.page or start))
    if options.since and at.since:
        params.append((options.since.param, _asked_since(at.since, options.since.format)))
    return params


def next_round(at: Round, answer: object, options: JsonOptions, now: datetime) -> tuple[Round, bool]:
    """Say what to ask next, and whether to ask it at once; a page that brings nothing new is the last one."""
    items = list_at(answer, *steps(options.items))
    marks = dict.fromkeys(_mark_of(item, options) for item in items)
    # What is asked for since a moment can begin with a page of known items although newer ones follow.
    old = {*at.seen} if options.since else {*at.seen, *at.known}
    now_at = replace(
        at, newest=max((*_positions(items, options, now), at.newest, at.since), key=_order),
        seen=(*at.seen, *(mark for mark in marks if mark not in at.seen))[:_SEEN],
    )  # fmt: skip
    page = _next_page(at.page, answer, len(items), options.page)
    if page and page != at.page and marks.keys() - old and at.pages + 1 < MAX_PAGES:
        return replace(now_at, page=page, pages=at.pages + 1), True
    return ended(now_at), False


def ended(at: Round) -> Round:
    """Give the start of the round after this one."""
    return Round(at.newest or at.since, known=at.seen[:_KNOWN] or at.known)


def restarted(at: Round) -> Round:
    """Give this round from its first page; what was not read yet is not skipped."""
    return Round(at.since, known=at.known)


def onward(asked: URL, found: str) -> URL | None:
    """Give the address of a next page, on our own scheme and port; None when it is not on the same host."""
    try:
        target = asked.join(URL(found))
    except ValueError:
        return None
    if target.host != asked.host or target.scheme not in ("http", "https"):
        return None
    return target.with_scheme(asked.scheme).with_port(asked.explicit_port).with_user(None)


def _asked_since(since: str, form: str) -> str:
    moment = moment_of(since) if form != "id" else None
    if moment is None:
        return since
    moment -= _OVERLAP
    if form == "iso":
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return str(int(moment.timestamp()) * (1000 if form == "epoch_ms" else 1))


def _next_page(page: str, answer: object, count: int, paging: Paging) -> str:
    """Name the page after this one; "" when there is none."""
    if paging.kind in ("next_url", "cursor"):
        return text_at(answer, *steps(paging.path))
    if paging.kind == "none":
        return ""
    first = 1 if paging.kind == "number" else 0
    here = int(page) if page.isdecimal() else first if paging.start is None else paging.start
    return str(here + (1 if paging.kind == "number" else count))


def _positions(items: Sequence[object], options: JsonOptions, now: datetime) -> Iterator[str]:
    """Give where each item stands in time, or its id, whichever the API filters by; always "" without a filter."""
    since = options.since
    path = steps(since.path) if since and since.path else _path_of("id" if _by_id(since) else "created_at", options)
    for item in items if since else ():
        moment = None if _by_id(since) else moment_of(dig(item, *path))
        if _by_id(since):
            yield text_at(item, *path)
        elif moment is not None:
            yield _second(min(moment, now))


def _by_id(since: Since | None) -> bool:
    return since is not None and since.format == "id"


def _order(position: str) -> tuple[int, str]:
    """Order ids that are numbers of any length, and moments written alike."""
    return len(position), position


def _second(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}+00:00"


def _mark_of(item: object, options: JsonOptions) -> str:
    named = text_at(item, *_path_of("id", options))
    return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:8]


def _path_of(name: str, options: JsonOptions) -> Path:
    mapped = {field_name(given): path for given, path in options.fields.items()}
    return steps(mapped.get(name, DEFAULT_FIELDS[name]))


def _marks(state: Mapping[str, object], name: str) -> tuple[str, ...]:
    found = dig(state, name)
    return tuple(mark for mark in found if isinstance(mark, str)) if isinstance(found, list) else ()
